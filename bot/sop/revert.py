"""R1: the revert without a clone: one commit on top of the branch with the tree of the release to return to."""

import re

from bot.sop.effects import MakeRevert
from bot.sop.facts import Facts
from bot.sop.gates.push import service_of
from bot.sop.patrol.facts import pushes
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


def takes_off(release: Release, facts: Facts) -> Release:
    """R4: until its revert is pushed, what the rollback takes back is all that stands above its target, whatever came
    since it was started; but no revert of its own."""
    tip, back = facts.tip.known, release.rollback
    if back is None or tip is None or release.pushed is not None:
        return release
    own = {p.sha for p in release.earlier}
    ahead = tuple(c.sha for c in tip.ahead)
    known = own.union(back.commits, (p.sha for r in facts.reverted for p in pushes(r)))
    upto = max((i for i, sha in enumerate(ahead) if sha in known), default=len(ahead))
    commits = tuple(sha for sha in ahead if sha not in own)
    strays = tuple(sha for i, sha in enumerate(ahead) if sha in back.strays or i > upto)
    return release.model_copy(update={"rollback": back.model_copy(update={"commits": commits, "strays": strays})})


def inert(text: str) -> str:
    """What people typed, on one line: it pings nobody, closes no issue, adds no trailer and lets CI run."""
    return ACTED_UPON.sub(lambda m: f"{m[0]} ", " ".join(text.split()))
