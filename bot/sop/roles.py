"""Who may do what: design.md's table as functions. A deactivated person has no role."""

from bot.sop.codes import Code
from bot.sop.decision import Refusal
from bot.sop.facts import Commit, Directory
from bot.sop.policy import Policy, Role

MACHINES = ("web-flow",)  # GitHub's own committer of merges made on its site


def holders(policy: Policy, directory: Directory, role: Role) -> frozenset[str]:
    """Slack ids of the people with a role now; a user group that could not be read counts for nobody."""
    named = policy.roles.of(role)
    people = {p for n in named for p in (directory.groups.get(n, ()) if n.startswith("S") else (n,))}
    return frozenset(people - directory.deactivated)


def has(policy: Policy, directory: Directory, who: str, *roles: Role) -> bool:
    return any(who in holders(policy, directory, role) for role in roles)


def lacks(policy: Policy, directory: Directory, who: str, what: str, *roles: Role) -> Refusal | None:
    """A refusal that names the wanted roles and who has them, or None."""
    if has(policy, directory, who, *roles):
        return None
    named = tuple(dict.fromkeys(n for role in roles for n in policy.roles.of(role)))
    return Refusal(code=Code.NO_ROLE, values={"roles": [r.value for r in roles], "holders": list(named), "what": what})


def writers(policy: Policy, commits: tuple[Commit, ...]) -> tuple[frozenset[str], tuple[Commit, ...]]:
    """Slack ids of the authors and committers, and the commits of somebody whom sop.yaml does not know."""
    people: set[str] = set()
    unknown: list[Commit] = []
    for commit in commits:
        for who in {commit.author, commit.committer}:
            person = policy.by_email(who) if "@" in who else policy.by_login(who)
            if person:
                people.add(person.slack)
            elif who not in MACHINES and not who.endswith("[bot]") and commit not in unknown:
                unknown.append(commit)
    return frozenset(people), tuple(unknown)
