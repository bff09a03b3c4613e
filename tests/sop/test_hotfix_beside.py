"""A hotfix beside a pushed release that is let finish: what that one brings is no stray, the revert is built anew."""

from bot.sop import change as changes
from bot.sop import hotfix, incident, start
from bot.sop import release as releases
from bot.sop.codes import Code
from bot.sop.facts import Revert
from bot.sop.gates.local import strays
from bot.sop.progress import advance
from bot.sop.records import IncidentKind, Release, Severity
from bot.sop.release import SENTENCE
from bot.sop.stages import Stage, Status
from tests.sop import emergency as e
from tests.sop import good as g
from tests.sop.life import Life


def look(life: Life) -> None:
    for release in life.open:
        life.look(release)
        now = life.releases[release.id]
        life.apply(advance(now, life.facts(now), life.policy))


def prepare(life: Life, id: int) -> Release:
    """A commit on top of the branch, its preflight, an approval, the governance check."""
    release = life.releases[id]
    life.write(release.candidate, release.change)
    life.attest(release.candidate, release.change, g.ALICE)
    approved = changes.approve(life.changes[release.change], g.CAROL, 1, life.change_facts(release.change), life.policy)
    life.apply(approved)
    life.apply(releases.acknowledge(release, g.ALICE, SENTENCE, life.facts(release), life.policy))
    look(life)
    return life.releases[id]


def pushed(life: Life) -> Release:
    """R-1 with CR-1, pushed, in CI."""
    life.apply(changes.file(1, g.ALICE, g.CONTENT, life.change_facts(0), life.policy))
    blank = g.release(id=1, change=1, base=life.baselines[-1].sha)
    wanted = start.Wanted(service="shop", candidate="work-1", take_over=False)
    life.apply(start.start(1, g.ALICE, wanted, life.facts(blank), life.policy))
    ready = prepare(life, 1)
    life.apply(releases.push(ready, g.ALICE, life.work["work-1"][1].sha, life.facts(ready), life.policy))
    look(life)
    return life.releases[1]


def begun_beside(life: Life) -> Release:
    """INC-1 and its hotfix R-2 with CR-2, on top of what R-1 pushed; everything is there but the lock."""
    said = incident.Declaration(
        service="shop", title="It fails", kind=IncidentKind.PRODUCTION, severity=Severity.CRITICAL,
        affected=("checkout",),
    )  # fmt: skip
    life.apply(incident.declare(1, g.ALICE, said, life.around(), life.policy))
    life.apply(incident.take_lead(life.incidents[1], g.DAVE, life.around(life.incidents[1]), life.policy))
    life.apply(incident.confirm_critical(life.incidents[1], g.DAVE, life.around(life.incidents[1]), life.policy))
    found, wanted = life.incidents[1], hotfix.Wanted(candidate="work-2")
    blank = g.release(id=2, change=0, base=life.baselines[-1].sha, incident=1)
    life.apply(hotfix.start(2, 2, g.DAVE, found, wanted, life.around(found), life.facts(blank), life.policy))
    return prepare(life, 2)


def built(life: Life) -> Revert:
    revert: Revert | None = life.seen[("R-2", "revert")].value
    assert revert is not None
    return revert


def test_what_the_holder_of_the_lock_brings_is_no_stray_and_the_revert_is_of_the_new_base() -> None:
    life = Life()
    standard, before = pushed(life), life.baselines[-1].sha
    assert (standard.stage, standard.status) == (Stage.CI, Status.RUNNING)
    waiting = begun_beside(life)
    assert (waiting.stage, waiting.base, waiting.status) == (Stage.PRECONDITIONS, before, Status.RUNNING)
    assert built(life).target == before
    assert strays(waiting, life.facts(waiting), life.policy) == ()

    life.end_ci(True)
    seen: list[Release] = []
    for _ in range(8):
        look(life)
        seen.append(life.releases[2])
    assert life.releases[1].status is Status.COMPLETE
    assert {r.status for r in seen} == {Status.RUNNING}, [r.hold for r in seen]
    assert (seen[-1].stage, seen[-1].base) == (Stage.PUSH, life.baselines[-1].sha)
    revert = built(life)
    assert (revert.target, revert.tree) == (seen[-1].base, life.head.tree)


def test_one_that_was_held_for_the_revert_of_its_base_of_before_heals_by_itself() -> None:
    held = e.hotfix(Stage.MINIMAL_FIX)
    wrong = advance(held, e.facts(revert=e.revert(tree="3" * 40)), e.policy())
    held = next(r for r in wrong.records if isinstance(r, Release))
    assert held.hold is not None and held.hold.finding.code == Code.REVERT_WRONG
    again = advance(held, e.facts(revert=e.revert(tree="3" * 40, target=None)), e.policy())
    assert [r.status for r in again.records if isinstance(r, Release)] == [Status.RUNNING]
    assert [x.kind for x in again.effects if x.kind == "make_revert"]


def test_a_branch_of_the_fix_that_has_nothing_new_yet_is_no_push_of_the_hotfix() -> None:
    life = Life()
    pushed(life)
    waiting = begun_beside(life)
    life.work[waiting.candidate] = (life.head.sha, life.head)
    look(life)
    look(life)
    assert (life.releases[2].pushed, life.releases[2].status) == (None, Status.RUNNING)
