"""R1: the revert without a clone: one commit on top of the branch with the tree of the release to return to."""

import re

from bot.sop.effects import MakeRevert
from bot.sop.facts import Facts
from bot.sop.gates.push import service_of
from bot.sop.policy import Policy, PushMode
from bot.sop.records import Release

# What GitHub acts upon in the message of a commit: mentions, references after "fixes", addresses of issues,
# `[skip ci]` and its kin. A blank within takes that away, and all of it can still be read.
ACTED_UPON = re.compile(r"@(?=\w)|#(?=\d)|GH-(?=\d)|://|\[(?=\s*(?:skip|ci|no|actions)\b)", re.IGNORECASE)


def make_revert(release: Release, facts: Facts, policy: Policy) -> MakeRevert | None:
    """The commit that the rollback needs now: on top of the branch as it is, once for each head."""
    tip, back, revert = facts.tip.known, release.rollback, facts.revert.value
    if back is None or tip is None or release.pushed or (revert is not None and revert.parent == tip.sha):
        return None
    service = service_of(release, policy)
    names = ", ".join(back.names)
    lines = "\n".join(f"- {c.sha[:12]} {inert(c.message.strip().partition(chr(10))[0])}" for c in tip.ahead[:50])
    head = f"{release.name}: roll back {names} to {back.target[:12]}"
    return MakeRevert(
        release=release.id,
        repository=service.repository,
        branch=service.branch,
        target=back.target,
        parent=tip.sha,
        message=f"{head}\n\nReason: {inert(back.reason)}\n\nReverts:\n{lines}\n",
        pull=service.push is PushMode.WATCH,
        after=revert.sha if revert else None,
    )


def inert(text: str) -> str:
    """What people typed, on one line: it pings nobody, closes no issue, adds no trailer and lets CI run."""
    return ACTED_UPON.sub(lambda m: f"{m[0]} ", " ".join(text.split()))
