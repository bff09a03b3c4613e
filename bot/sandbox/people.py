"""The people of the sandbox: one list for Slack, GitHub and the laptop."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    slack_id: str
    name: str
    login: str  # at GitHub
    email: str
    tz: str
    title: str


ALICE = Person("U0ALICE", "Alice Ade", "alice", "alice@example.com", "Europe/Berlin", "Developer, releaser")
BOB = Person("U0BOB", "Bob Baker", "bob", "bob@example.com", "America/New_York", "Developer, releaser")
CAROL = Person("U0CAROL", "Carol Chen", "carol", "carol@example.com", "Asia/Tokyo", "Lead, approver")
DAVE = Person("U0DAVE", "Dave Diaz", "dave", "dave@example.com", "Europe/London", "Lead, approver")
ERIN = Person("U0ERIN", "Erin Eze", "erin", "erin@example.com", "Africa/Lagos", "On call, incident role")
FRANK = Person("U0FRANK", "Frank Fox", "frank", "frank@example.com", "Europe/Paris", "New here, no role")

PEOPLE = (ALICE, BOB, CAROL, DAVE, ERIN, FRANK)
APPROVERS_GROUP = ("S0APPROVERS", "approvers", (CAROL.slack_id, DAVE.slack_id))
