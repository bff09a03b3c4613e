"""A decision in parts that tests name."""

from bot.sop.decision import Decision
from bot.sop.effects import Effect, PostChannel, PostThread, PushBranch, SendDirect, ShowCard
from bot.sop.records import Change, Freeze, Lock, Release


def release_of(decision: Decision) -> Release:
    (found,) = (r for r in decision.records if isinstance(r, Release))
    return found


def change_of(decision: Decision) -> Change:
    (found,) = (r for r in decision.records if isinstance(r, Change))
    return found


def freeze_of(decision: Decision) -> Freeze:
    (found,) = (r for r in decision.records if isinstance(r, Freeze))
    return found


def lock_of(decision: Decision) -> Lock:
    (found,) = (r for r in decision.records if isinstance(r, Lock))
    return found


def kinds(decision: Decision) -> list[str]:
    return [e.kind for e in decision.events]


def posts(decision: Decision) -> list[PostThread]:
    return [e for e in decision.effects if isinstance(e, PostThread)]


def said(decision: Decision) -> list[str]:
    """Codes of the thread posts."""
    return [p.notice.code for p in posts(decision)]


def announced(decision: Decision) -> list[tuple[str, str]]:
    """Channel and code of the announcements."""
    return [(e.channel, e.notice.code) for e in decision.effects if isinstance(e, PostChannel)]


def directs(decision: Decision) -> list[tuple[str, str]]:
    """Who gets which direct message."""
    return [(e.to, e.notice.code) for e in decision.effects if isinstance(e, SendDirect)]


def cards(decision: Decision) -> list[str]:
    return [e.subject for e in decision.effects if isinstance(e, ShowCard)]


def pushes(decision: Decision) -> list[PushBranch]:
    return [e for e in decision.effects if isinstance(e, PushBranch)]


def watched(decision: Decision) -> list[str]:
    return [w.subject for w in decision.watch]


def refused(decision: Decision) -> str:
    """The code of a refusal, which stores nothing and sets nothing in motion."""
    assert decision.refusal is not None, decision
    assert not (decision.records or decision.freed or decision.effects or decision.watch)
    return decision.refusal.code


def keys(effects: tuple[Effect, ...]) -> list[str]:
    return [e.key for e in effects]
