"""What the checkout itself shows: a clean tree, the right branch, commits that reference the change request."""

import re
from collections import Counter

from bot.preflight.checkout import Checkout, GitFailed, Head, LocalCommit, Trouble, Untidy
from bot.sop.facts import Check
from bot.sop.policy import Policy

SHOWN = 20  # lines of detail
COUNTED = {
    "changed": "changed file",
    "untracked": "untracked file",
    "conflicted": "conflicted file",
    "hidden": "file hidden from git",
    "submodule": "submodule not as committed",
}


def clean(checkout: Checkout, before: str = "") -> Check:
    """Nothing is uncommitted (P5, rule 1). `before` goes in front of what was seen: `after the build: `."""
    found = checkout.untidy()
    seen = before + counted(found) if found else "clean"
    return Check(name="clean", ok=not found, seen=seen, detail=_shortened([u.path for u in found]))


def counted(found: tuple[Untidy, ...]) -> str:
    """`1 changed file, 2 untracked files`."""
    counts = Counter(u.kind for u in found)
    return ", ".join(f"{counts[kind]} {_plural(what, counts[kind])}" for kind, what in COUNTED.items() if counts[kind])


def _plural(what: str, count: int) -> str:
    first, *rest = what.split(" ")
    if count == 1:
        return what
    return f"{what}s" if first in ("changed", "untracked", "conflicted") else " ".join([first + "s", *rest])


def branch(checkout: Checkout, head: Head, remote: str, designated: str, tip: str) -> Check:
    """HEAD is on a branch that contains the designated branch's tip; says whether it is pushed (rule 1)."""
    if head.branch is None:
        detail = ("switch to a branch: git switch -c NAME",)
        return Check(name="branch", ok=False, seen=f"detached head at {head.commit[:7]}", detail=detail)
    if not checkout.contains(tip):
        missing = checkout.count(f"HEAD..{tip}")
        seen = f"{head.branch} lacks {missing} {'commit' if missing == 1 else 'commits'} of {designated} ({tip[:7]})"
        return Check(name="branch", ok=False, seen=seen, detail=(f"git rebase {remote}/{designated}",))
    seen = f"{head.branch} contains {designated} {tip[:7]}, {_pushed(checkout, head, remote, head.branch)}"
    return Check(name="branch", ok=True, seen=seen)


def _pushed(checkout: Checkout, head: Head, remote: str, name: str) -> str:
    try:
        there = checkout.tip_at(remote, name)
    except GitFailed:
        return "not known whether pushed"
    if there == head.commit:
        return "pushed"
    return "not pushed yet" if there is None else f"{remote} has it at {there[:7]}"


def commits(found: tuple[LocalCommit, ...], change: str, policy: Policy, designated: str) -> Check:
    """Every commit references the change request, none another (rule 2). `found`: after the designated branch's tip.

    A merge of such commits needs no reference of its own: they are looked at one by one.
    """
    if not found:
        seen = f"no commit after {designated} references {change}: there is nothing to release"
        return Check(name="commits", ok=False, seen=seen)
    shas = {c.sha for c in found}
    bad: list[str] = []
    for commit in found:
        named = policy.changes_named(commit.message)
        other = [n for n in named if n != change]
        if other:
            bad.append(f"{commit.title}: references {', '.join(other)}")
        elif not named and (len(commit.parents) < 2 or shas.isdisjoint(commit.parents)):
            bad.append(f"{commit.title}: references nothing")
    seen = f"{len(found) - len(bad)} of {len(found)} reference {change}"
    return Check(name="commits", ok=not bad, seen=seen, detail=_shortened(bad))


def pushed_already(checkout: Checkout, policy: Policy) -> tuple[LocalCommit, ...]:
    """What to look at when nothing is ahead of the designated branch: HEAD, if it references a change request at all.
    People pushed it themselves; which commits came with it, only the bot knows."""
    return tuple(c for c in checkout.commits("HEAD^!") if policy.changes_named(c.message))


def find_change(given: str | None, found: tuple[LocalCommit, ...], policy: Policy, checkout: Checkout) -> str:
    """The change request: as given (`CR-12`, `12`), else the one that all commits name. Raises Trouble, GitFailed."""
    if given is not None:
        number = re.fullmatch(r"(?:CR-)?([1-9]\d{0,8})", given.strip(), re.IGNORECASE)
        if number is None:
            raise Trouble(f"--change {given}: write it as CR-12")
        return f"CR-{number[1]}"
    names = {name for commit in found for name in policy.changes_named(commit.message)}
    if len(names) == 1:
        return names.pop()
    if names:
        raise Trouble(f"the commits reference {', '.join(sorted(names))}: say which one with --change")
    say = "say which one this is for with --change"
    if found:
        raise Trouble(f"no commit here references a change request: {say}")
    untidy = checkout.untidy()
    if untidy:
        seen = f"there is no commit to release here, only what is not committed ({counted(untidy)})"
        raise Trouble(f"{seen}: commit what belongs to the change request, with its name in the message; or {say}")
    raise Trouble(f"there is no commit to release here: {say}")


def _shortened(lines: list[str]) -> tuple[str, ...]:
    more = len(lines) - SHOWN
    return (*lines[:SHOWN], f"and {more} more") if more > 0 else tuple(lines)
