"""R1: the revert without a clone: one commit on top of the branch with the tree of the release to return to."""

from bot.sop.effects import MakeRevert
from bot.sop.facts import Facts
from bot.sop.gates.push import service_of
from bot.sop.policy import Policy, PushMode
from bot.sop.records import Release


def make_revert(release: Release, facts: Facts, policy: Policy) -> MakeRevert | None:
    """The commit that the rollback needs now: on top of the branch as it is, once for each head."""
    tip, back, revert = facts.tip.known, release.rollback, facts.revert.value
    if back is None or tip is None or release.pushed or (revert is not None and revert.parent == tip.sha):
        return None
    service = service_of(release, policy)
    names = ", ".join(back.names)
    lines = "\n".join(f"- {c.sha[:12]} {c.message.splitlines()[0] if c.message else ''}" for c in tip.ahead[:50])
    head = f"{release.name}: roll back {names} to {back.target[:12]}"
    return MakeRevert(
        release=release.id,
        repository=service.repository,
        branch=service.branch,
        target=back.target,
        parent=tip.sha,
        message=f"{head}\n\nReason: {back.reason}\n\nReverts:\n{lines}\n",
        pull=service.push is PushMode.WATCH,
    )
