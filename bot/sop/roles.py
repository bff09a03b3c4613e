"""Who may do what: design.md's table as functions. A deactivated person has no role."""

import re

from bot.sop.codes import Code
from bot.sop.decision import Refusal
from bot.sop.facts import Commit, Directory
from bot.sop.policy import Person, Policy, Role

MACHINES = ("web-flow",)  # GitHub's own committer of merges made on its site; anybody can write its name as author's
CO_AUTHOR = re.compile(r"^co-authored-by:[^<\n]*<([^>\n]+)>\s*$", re.IGNORECASE | re.MULTILINE)
NOREPLY = "@users.noreply.github.com"


def holders(policy: Policy, directory: Directory, role: Role) -> frozenset[str]:
    """Slack ids of the people with a role now; a user group that could not be read counts for nobody."""
    named = policy.roles.of(role)
    people = {p for n in named for p in (directory.groups.get(n, ()) if n.startswith("S") else (n,))}
    return frozenset(people - directory.deactivated)


def has(policy: Policy, directory: Directory, who: str, *roles: Role) -> bool:
    return any(who in holders(policy, directory, role) for role in roles)


def releaser(policy: Policy, directory: Directory, owner: str) -> str:
    """Who does a releaser's work: the owner, or any releaser where the owner is none (who is on call may not be)."""
    return owner if has(policy, directory, owner, Role.RELEASER) else Role.RELEASER.value


def lacks(policy: Policy, directory: Directory, who: str, what: str, *roles: Role) -> Refusal | None:
    """A refusal that names the wanted roles and who has them, or None."""
    if has(policy, directory, who, *roles):
        return None
    named = tuple(dict.fromkeys(n for role in roles for n in policy.roles.of(role)))
    return Refusal(code=Code.NO_ROLE, values={"roles": [r.value for r in roles], "holders": list(named), "what": what})


def writers(policy: Policy, commits: tuple[Commit, ...]) -> tuple[frozenset[str], tuple[Commit, ...]]:
    """Slack ids of the authors, co-authors and committers, and the commits of somebody whom sop.yaml does not know.

    A machine may commit what a person wrote. An author must be known: behind a machine's name anybody may stand.
    """
    wrote = {c.author for c in commits} | {who for c in commits for who in CO_AUTHOR.findall(c.message)}
    people = {p.slack for who in wrote | {c.committer for c in commits} if (p := _person(policy, who))}
    unknown = [
        c
        for c in commits
        if not _person(policy, c.author) or not (_person(policy, c.committer) or _machine(c.committer))
    ]
    return frozenset(people), tuple(unknown)


def _person(policy: Policy, who: str) -> Person | None:
    """By login, or by e-mail address where GitHub knows no account."""
    if who.endswith(NOREPLY):
        return policy.by_login(who.removesuffix(NOREPLY).rpartition("+")[2])
    return policy.by_email(who) if "@" in who else policy.by_login(who)


def _machine(login: str) -> bool:
    return login in MACHINES or login.endswith("[bot]")
