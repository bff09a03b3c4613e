"""Who has a role, and whose commits are whose."""

import pytest

from bot.sop.codes import Code
from bot.sop.facts import Commit, Directory
from bot.sop.policy import Person, Policy, Role, Roles
from bot.sop.roles import has, holders, lacks, writers
from tests.sop import good as g

LEADS = Directory(groups={"S0LEADS": (g.DAVE, g.FRANK)})


def wrote(*commits: Commit, policy: Policy | None = None) -> tuple[set[str], list[Commit]]:
    people, unknown = writers(policy or g.policy(), commits)
    return set(people), list(unknown)


@pytest.mark.parametrize(
    "directory, approvers",
    [
        (LEADS, {g.CAROL, g.DAVE, g.FRANK}),
        (Directory(), {g.CAROL}),
        (Directory(groups={"S0OTHER": (g.DAVE,)}), {g.CAROL}),
        (Directory(groups={"S0LEADS": ()}), {g.CAROL}),
        (LEADS.model_copy(update={"deactivated": frozenset({g.CAROL, g.FRANK})}), {g.DAVE}),
    ],
)
def test_a_role_is_held_by_people_and_members_of_groups(directory: Directory, approvers: set[str]) -> None:
    assert holders(g.policy(), directory, Role.APPROVER) == approvers


def test_each_role_is_its_own() -> None:
    policy = g.policy()
    assert holders(policy, LEADS, Role.RELEASER) == {g.ALICE, g.BOB}
    assert holders(policy, LEADS, Role.INCIDENT) == {g.DAVE}
    assert has(policy, LEADS, g.DAVE, Role.RELEASER, Role.APPROVER)
    assert not has(policy, LEADS, g.CAROL, Role.RELEASER)
    assert not has(policy, LEADS, g.ALICE, Role.APPROVER, Role.INCIDENT)


def test_who_lacks_a_role_hears_which_and_who_has_it() -> None:
    assert lacks(g.policy(), LEADS, g.ALICE, "push", Role.RELEASER) is None
    refusal = lacks(g.policy(), LEADS, g.CAROL, "roll back", Role.RELEASER, Role.INCIDENT)
    assert refusal is not None and refusal.code == Code.NO_ROLE
    assert refusal.values == {
        "roles": ["releaser", "incident"],
        "holders": [g.ALICE, g.BOB, g.DAVE],
        "what": "roll back",
    }


def test_a_policy_without_a_role_gives_it_to_nobody() -> None:
    policy = g.policy(roles=Roles(releaser=(g.ALICE,), approver=(g.CAROL,)))
    assert holders(policy, LEADS, Role.INCIDENT) == frozenset()


@pytest.mark.parametrize(
    "author, committer, people, known",
    [
        ("alice", "alice", {g.ALICE}, True),
        ("ALICE", "Bob", {g.ALICE, g.BOB}, True),
        ("alice", "carol@example.com", {g.ALICE, g.CAROL}, True),
        ("Alice@Example.com", "alice", {g.ALICE}, True),
        ("alice", "web-flow", {g.ALICE}, True),
        ("alice", "renovate[bot]", {g.ALICE}, True),
        ("7+alice@users.noreply.github.com", "alice", {g.ALICE}, True),
        ("alice@users.noreply.github.com", "alice", {g.ALICE}, True),
        ("alice", "stranger", {g.ALICE}, False),
        ("stranger@example.com", "alice", {g.ALICE}, False),
        ("carol@home.example", "web-flow", set(), False),
        ("web-flow", "web-flow", set(), False),
        ("renovate[bot]", "web-flow", set(), False),
        ("7+stranger@users.noreply.github.com", "alice", {g.ALICE}, False),
    ],
)
def test_who_wrote_a_commit(author: str, committer: str, people: set[str], known: bool) -> None:
    commit = g.commit(author=author, committer=committer)
    assert wrote(commit) == (people, [] if known else [commit])


def test_a_machine_that_people_vouch_for_may_write() -> None:
    vouched = Person(slack="U0RENOVATE", github="renovate[bot]")
    policy = g.policy(people=(*g.policy().people, vouched))
    commit = g.commit(author="renovate[bot]", committer="web-flow")
    assert wrote(commit, policy=policy) == ({"U0RENOVATE"}, [])


@pytest.mark.parametrize(
    "message, people",
    [
        ("CR-12\n\nCo-authored-by: Carol <carol@example.com>", {g.ALICE, g.CAROL}),
        ("CR-12\n\nCO-AUTHORED-BY: C <CAROL@example.com>  \nCo-authored-by: B <9+bob@users.noreply.github.com>\n",
         {g.ALICE, g.BOB, g.CAROL}),
        ("CR-12\n\nCo-authored-by: Somebody <else@example.com>", {g.ALICE}),
        ("CR-12: parse Co-authored-by: Carol <carol@example.com> lines", {g.ALICE}),
    ],
)  # fmt: skip
def test_co_authors_are_authors(message: str, people: set[str]) -> None:
    assert wrote(g.commit(message=message)) == (people, [])


def test_every_commit_counts() -> None:
    commits = (g.commit(), g.commit(sha="1" * 40, author="bob", committer="web-flow"), g.commit(author="x"))
    assert wrote(*commits) == ({g.ALICE, g.BOB}, [commits[2]])
