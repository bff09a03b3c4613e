"""What many days have in common, told as it is done: a change request, a branch, preflight, a release."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.people import ALICE, CAROL, DAVE, Person
from bot.sandbox.plays.ending import must
from bot.sandbox.plays.office import Office, Refused, Stuck

QUICK = {"pace": {"waiting": "2s", "working": "0.5s"}}


def begin(office: Office, told: str, policy: Mapping[str, Any], **services: Mapping[str, Any]) -> None:
    """Lets the bot go by other values of sop.yaml (`ci={…}`: of the service), and Carol adopt what production serves.

    Slack takes a message a second in a channel: at this pace its limits would tell the day in another order.
    """
    office.people.control("limits", on=False)
    office.policy({**QUICK, **policy}, **services)
    office.teller.does("Slack", "has its rate limits off: this is a day's traffic in half a minute")
    office.teller.does("sop.yaml", f"says: {told}")
    office.teller.does(CAROL, "presses Adopt: what production serves is the base of the first release")
    office.adopt(CAROL)
    office.until("the adoption, announced", lambda: any(" adopted " in m["text"] for m in office.messages()))


def approved(office: Office, who: Person, title: str, approvers: tuple[Person, ...] = (CAROL,), **more: Any) -> str:
    """A change request, filed and approved; its id."""
    change = office.file(who, title, **more)
    office.teller.does(who, f"has filed {change} by the form of /change new: {title}")
    for approver in approvers:
        office.press(approver, change, "change:approve")
        office.teller.does(approver, f"has pressed Approve on the card of {change}")
    return change


def branch(office: Office, who: Person, name: str, change: str, edit: str) -> str:
    """A prepared change (world.changes), committed on a new branch and pushed there; the commit's SHA."""
    laptop = office.laptop(who)
    laptop.new_branch(name)
    return commit(office, who, change, edit)


def commit(office: Office, who: Person, change: str, edit: str) -> str:
    """The same on the branch that is checked out; `mend`: takes every prepared breakage out again."""
    laptop = office.laptop(who)
    title = "Take it out again" if edit == "mend" and laptop.mend() else laptop.edit(edit)
    sha = laptop.commit(title, change)
    laptop.push()
    office.teller.does(who, f"has committed {laptop.last_commit!r} on {laptop.on} and pushed it")
    return sha


def preflight(office: Office, who: Person, change: str) -> None:
    """Raises Stuck when it does not pass."""
    done = office.laptop(who).preflight("--change", change)
    last = done.output.rstrip().splitlines()[-1]
    office.teller.does(who, f"has run slipway preflight --change {change}: {last}")
    if done.code:
        raise Stuck(f"preflight ended with {done.code}:\n{done.output}")


def started(office: Office, who: Person, change: str, candidate: str) -> str:
    """A release, started and acknowledged; its id."""
    release = office.start(who, change, candidate)
    office.teller.does(who, f"has started {release} with {change} and {candidate}")
    office.acknowledge(who, release)
    office.teller.does(who, "has acknowledged the governance check by name")
    return release


def push(office: Office, who: Person, release: str) -> None:
    """Presses Push once every gate is green."""
    office.until_state(release, "RUNNING · Push", 20)
    office.teller.does(who, f"presses Push on the card of {release}")
    office.press(who, release, "release:push")


def record_cause(office: Office, who: Person, release: str, quote: str, **form: str) -> None:
    """Files the root cause of a failure, as soon as the bot has read the log that is quoted. Raises Refused."""

    def filed() -> bool:
        try:
            office.press(who, release, "release:cause", "release:cause", quote=quote, **form)
        except Refused as why:
            if "not been read yet" not in str(why):
                raise
            return False
        return True

    office.until(f"the log of {release}, read", filed, 20, release)


def complete(office: Office, release: str, within: float = 40) -> None:
    office.until_state(release, "COMPLETE", within)


def released(
    office: Office, who: Person, title: str, edit: str, approvers: tuple[Person, ...] = (CAROL,), **more: Any
) -> tuple[str, str, str]:
    """A good day from the request to verified production: release, change request, commit."""
    change = approved(office, who, title, approvers, **more)
    name = f"{change.lower()}-{edit.replace('_', '-')}"
    sha = branch(office, who, name, change, edit)
    preflight(office, who, change)
    release = started(office, who, change, name)
    push(office, who, release)
    complete(office, release)
    in_production(office, sha)
    return release, change, sha


def in_production(office: Office, sha: str) -> None:
    """Raises Broken unless every instance serves the commit, and the designated branch stands at it."""
    served = set(office.world.production.versions(6))
    must(served == {sha}, f"production serves {', '.join(sorted(served))}, not {sha}")
    head = office.world.github.head_of(office.world.config.branch)
    must(head == sha, f"{office.world.config.branch} is at {head}, not at {sha}")


def frozen(office: Office, reason: str) -> None:
    """A freeze of everything, from now on."""
    office.ask(DAVE, "/freeze start", "freeze:start", reason=reason)
    office.teller.does(DAVE, f"has frozen all deployments by /freeze start: {reason}")


def decision_log(office: Office) -> str:
    """decision_log.md as git has it at the remote."""
    return office.laptop(ALICE).read("decision-log", "decision_log.md")
