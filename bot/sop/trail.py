"""What the decisions about a release leave behind: audit events, posts in its thread, its card, its lock."""

from typing import Any

from bot.sop.codes import Code
from bot.sop.decision import Decision, Event, Finding, Freed
from bot.sop.effects import Effect, Notice, PostThread, ShowCard
from bot.sop.facts import Facts
from bot.sop.gates.push import service_of
from bot.sop.policy import Policy
from bot.sop.records import LeftAhead, Release


def event(release: Release, by: str | None, kind: str, /, **values: Any) -> Event:
    return Event(kind=kind, subject=release.name, actor=by, values=values)


def card(release: Release, policy: Policy) -> ShowCard:
    return ShowCard(subject=release.name, channel=service_of(release, policy).channel)


def thread(release: Release, code: Code, once: str, /, *, mention: tuple[str, ...] = (), **values: Any) -> Effect:
    notice = Notice(code=code, values={"release": release.name, **values})
    return PostThread(subject=release.name, notice=notice, mention=mention, once=once)


def told(found: Finding) -> dict[str, Any]:
    """A finding as a value of an event or a notice."""
    said = {"gate": found.gate, "rule": found.rule, "code": found.code, "values": found.values}
    return said | ({"service": found.service} if found.service else {})


def left_ahead(release: Release, facts: Facts) -> LeftAhead | None:
    """What a release that closes now leaves on the designated branch unverified."""
    pushed = release.last_push
    if pushed is None:
        return release.taken_over
    tip = facts.tip.value
    commits = tuple(c.sha for c in tip.ahead) if tip and tip.ahead else (pushed.sha,)
    return LeftAhead(release=release.id, sha=tip.sha if tip else pushed.sha, commits=commits)


def unlock(release: Release, left: LeftAhead | None, facts: Facts, policy: Policy) -> Decision:
    """Nothing pushed is ever left unowned: with commits left ahead the lock stays."""
    key = service_of(release, policy).lock
    if facts.lock is None or facts.lock.release != release.id:
        return Decision()
    if left is None:
        return Decision(freed=(Freed(key=key),))
    lock = facts.lock.model_copy(update={"left": left, "reason": f"{release.name} left commits on the branch"})
    return Decision(records=(lock,))
