"""R4: what a rollback takes back is what stands above its target when its revert is built: no more, no less."""

import pytest

from bot.sop.facts import Facts, Seen, Tip
from bot.sop.progress import advance
from bot.sop.records import Release, Rollback
from tests.sop import good as g
from tests.sop import undone as u

PREPARED, BEFORE, AFTER, OWN = "5" * 40, "7" * 40, "6" * 40, "4" * 40


def seen(*shas: str) -> Seen[Tip]:
    ahead = tuple(g.commit(sha=sha, parents=(parent,)) for parent, sha in zip((g.BASE, *shas), shas, strict=False))
    return g.seen(Tip(sha=(*shas, g.BASE)[len(shas) - 1], tree="9" * 40, pushed_by="bob", ahead=ahead))


def back_of(release: Release, facts: Facts) -> Rollback:
    (new,) = (r for r in advance(release, facts, g.policy(), changed=True).records if isinstance(r, Release))
    assert new.rollback is not None
    return new.rollback


@pytest.mark.parametrize(
    ("known", "strays", "on_branch", "around"),
    [
        ((g.SHA, PREPARED, BEFORE), (BEFORE,), (g.SHA, BEFORE, AFTER), (BEFORE, AFTER)),
        ((g.SHA, PREPARED), (), (g.SHA,), ()),
        ((g.SHA,), (), (OWN, BEFORE, g.SHA), ()),  # what an earlier release and its rollback left is nobody's stray
        ((), (), (g.SHA, AFTER), (AFTER,)),
    ],
)
def test_the_branch_says_what_is_taken_back(
    known: tuple[str, ...], strays: tuple[str, ...], on_branch: tuple[str, ...], around: tuple[str, ...]
) -> None:
    started = u.rollback(rollback=u.back(commits=known, strays=strays))
    back = back_of(started, u.facts(tip=seen(*on_branch), revert=Seen()))
    assert (back.commits, back.strays) == (on_branch, around)


def test_while_the_branch_cannot_be_read_it_stays_as_it_was_known() -> None:
    started = u.rollback(rollback=u.back(commits=(g.SHA, BEFORE), strays=(BEFORE,)))
    unread = seen(g.SHA).model_copy(update={"error": "GitHub is away"})
    assert back_of(started, u.facts(tip=unread, revert=Seen())) == started.rollback


def test_its_own_revert_that_landed_under_another_push_is_not_named() -> None:
    landed = g.PUSHED.model_copy(update={"sha": OWN})
    started = u.rollback(earlier=(landed,))
    back = back_of(started, u.facts(tip=seen(g.SHA, OWN, AFTER), revert=Seen()))
    assert (back.commits, back.strays) == ((g.SHA, AFTER), (AFTER,))
