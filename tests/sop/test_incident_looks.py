"""What is seen of an incident is told once: its channel, its issue, its affected probes, its note."""

from typing import Any

import pytest

from bot.sop import incident_looks as looks
from bot.sop.affected import Affected, ProbeSeen, Standing, judged
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.effects import KeepChannel, PostThread, ShowCard
from bot.sop.facts import Issue, Known, ProbeAnswer, Seen, Verified
from bot.sop.policy import Compare, Probe
from bot.sop.records import DifferenceAccepted, Incident, IncidentStatus, Severity
from bot.sop.resolution import once_of, reopen
from tests.sop import emergency as e
from tests.sop import good as g
from tests.sop.test_incident import NOTE, POLICY, after, of, watched

CART = POLICY.services[0].probes[0]
OTHERWISE = CART.model_copy(update={"compare": Compare.STATUS})  # as it was defined then
AS_VERIFIED = ProbeAnswer(name="cart", status=200, body={"total": 7})
SILENT = ProbeAnswer(name="cart", error="timed out")
HIGH = {"severity": Severity.HIGH, "confirmed": None}
CLOSED = {"status": IncidentStatus.CLOSED, "resolved_by": g.DAVE, "resolved_at": g.NOW}
ISSUE = Issue(number=41, title="No orders", url="https://github.example/41")


def advanced(incident: Incident | None = None, **facts: Any) -> Decision:
    return looks.advance(incident or e.incident(**HIGH, affected=("front",)), e.around(**facts), POLICY)


def lines(decision: Decision) -> list[str]:
    return [x.text for x in after(decision).timeline if x.by is None]


# --- its affected probes


def verified(answer: ProbeAnswer = AS_VERIFIED, probe: Probe = CART, **more: Any) -> Verified:
    return Verified(sha=g.BASE, known=(Known(probe=probe, answer=answer),), **more)


ACCEPTED = DifferenceAccepted(probe="cart", field="body.total", production="9", by=g.CAROL, at=g.NOW, reason="new")


@pytest.mark.parametrize(
    "answer, known, standing, said",
    [
        (AS_VERIFIED, verified(), Standing.PASSING, "HTTP 200, as verified"),
        ({"status": 500}, verified(), Standing.FAILING, "HTTP 500, verified was HTTP 200"),
        ({"body": {"total": 9}}, verified(), Standing.FAILING, "body.total is 9, verified was 7"),
        (
            {"body": {"total": 9, "a": 1}},
            verified(),
            Standing.FAILING,
            "body.total is 9, verified was 7, and 1 more differs",
        ),
        ({"body": {"total": 9}}, verified(accepted=(ACCEPTED,)), Standing.PASSING, "HTTP 200, as verified"),
        ({"status": None, "error": "timed out"}, verified(), Standing.UNKNOWN, "timed out"),
        (None, verified(), Standing.UNKNOWN, "not played"),
        ({"status": 404}, None, Standing.FAILING, "HTTP 404, nothing verified to compare it with"),
        ({"status": 399}, None, Standing.PASSING, "HTTP 399, nothing verified to compare it with"),
        ({"status": 503}, verified(SILENT), Standing.FAILING, "HTTP 503, nothing verified"),
        (
            {},
            verified(probe=CART.model_copy(update={"compare": Compare.STATUS})),
            Standing.PASSING,
            "HTTP 200, nothing",
        ),
    ],
)
def test_a_probe_fails_as_described_passes_or_is_unknown(
    answer: Any, known: Verified | None, standing: Standing, said: str
) -> None:
    made = answer if isinstance(answer, ProbeAnswer) or answer is None else AS_VERIFIED.model_copy(update=answer)
    (seen,) = judged((CART,), (made,) if made else (), known).probes
    assert (seen.name, seen.standing) == ("cart", standing)
    assert seen.said.startswith(said)


def test_probes_are_played_on_declaration_and_then_as_often_as_the_patrol_looks() -> None:
    incident = e.incident(affected=("checkout",))
    assert looks.probes_due(incident, e.around(), POLICY) == (CART,)
    just = e.around(played=g.seen(affected()))
    assert looks.probes_due(incident, just, POLICY) == ()
    later = just.model_copy(update={"now": (just.played.at or g.NOW) + POLICY.patrol.every})
    assert looks.probes_due(incident, later, POLICY) == (CART,)
    back = after(reopen(incident.model_copy(update=CLOSED), g.DAVE, "It is back", just, POLICY))
    before = Seen[Affected](value=affected(), at=g.ago(seconds=1))
    assert looks.probes_due(back, e.around(played=before), POLICY) == (CART,)
    for over in (IncidentStatus.RESOLVED, IncidentStatus.CLOSED):
        assert looks.probes_due(incident.model_copy(update={"status": over}), e.around(), POLICY) == ()
    assert looks.probes_due(e.incident(affected=(), affected_text="phones"), e.around(), POLICY) == ()


def affected(standing: Standing = Standing.FAILING, said: str = "HTTP 500") -> Affected:
    return Affected(probes=(ProbeSeen(name="front", standing=standing, said=said),))


def test_a_line_is_told_when_a_probe_stands_otherwise_and_the_card_is_fresh_in_any_case() -> None:
    first = advanced(played=g.seen(affected()))
    assert lines(first) == ["On production: front failing as described (HTTP 500)"]
    assert first.events[0].kind == "incident_probes_played"
    again = advanced(played=g.seen(affected(said="HTTP 502")), played_before=affected())
    assert not again.records
    assert of(ShowCard, again) == [ShowCard(subject="INC-3", channel="C0RELEASES")]
    mended = advanced(played=g.seen(affected(Standing.PASSING)), played_before=affected())
    assert "passing now" in lines(mended)[-1]
    assert watched(first)["INC-3"] > g.NOW


def test_what_the_bot_sees_by_itself_says_nothing_to_the_lead() -> None:
    seen = advanced(e.incident(affected=("front",)), played=g.seen(affected()))
    assert watched(seen)["INC-3"] <= g.ago(minutes=5) + POLICY.incident.remind_every


# --- its issue


def test_the_issue_is_told_once() -> None:
    taken = e.incident(**HIGH, issue=41)
    read = advanced(taken, issue=g.seen(ISSUE))
    assert lines(read) == ["Taken over from issue #41: No orders"]
    assert not advanced(after(read), issue=g.seen(ISSUE)).records


def test_an_issue_that_does_not_exist_is_said_and_the_incident_stands() -> None:
    missing = advanced(e.incident(**HIGH, issue=41), issue=Seen[Issue](at=g.NOW))
    assert after(missing).status is IncidentStatus.OPEN
    assert lines(missing) == ["GitHub has no issue #41 in acme/shop: INC-3 stands without it"]
    assert after(missing).issue is None  # the decision log does not name it
    (post,) = of(PostThread, missing)
    assert (post.notice.code, post.mention) == (Code.ISSUE_MISSING, (g.ALICE,))
    assert not advanced(after(missing), issue=Seen[Issue](at=g.NOW)).records


def test_an_issue_that_could_not_be_read_is_read_again() -> None:
    taken = e.incident(**HIGH, issue=41, affected=(), affected_text="phones")
    broken = e.around(issue=g.broken())
    assert looks.issue_due(taken, broken)
    assert watched(looks.advance(taken, broken, POLICY)) == {"INC-3": g.NOW + POLICY.pace.waiting}
    assert not looks.issue_due(taken, e.around(issue=g.seen(ISSUE)))
    assert not looks.issue_due(e.incident(), e.around())


# --- its channel and its note


def test_the_channel_that_was_opened_becomes_its_own_once() -> None:
    opened = advanced(own=g.seen("C0INC3"))
    assert after(opened).channel == "C0INC3"
    assert of(KeepChannel, opened)
    assert not advanced(after(opened), own=g.seen("C0INC3")).records


def test_a_refused_channel_is_said_with_slacks_word() -> None:
    refused = advanced(own=Seen[str](at=g.NOW, error="restricted_action"))
    assert not refused.records
    (post,) = of(PostThread, refused)
    assert (post.notice.code, post.notice.values["error"]) == (Code.CHANNEL_REFUSED, "restricted_action")


def test_a_logged_note_closes_it() -> None:
    resolved = e.incident(**HIGH, status=IncidentStatus.RESOLVED, note=e.note(**NOTE.model_dump()))
    assert after(advanced(resolved, logged=e.logged())).status is IncidentStatus.CLOSED
    assert not advanced(e.incident(**HIGH, note=e.note()), logged=e.logged()).records


def test_a_corrected_note_of_a_closed_incident_is_logged_anew() -> None:
    closed = e.incident(**HIGH, status=IncidentStatus.CLOSED, note=e.note())
    again = after(advanced(closed, logged=e.logged()))
    assert (again.status, again.logged) == (IncidentStatus.CLOSED, "https://github.example/log#inc-3")
    before = e.logged().model_copy(update={"at": g.ago(hours=1)})
    assert not advanced(closed, logged=before).records  # that entry was of the note before


def test_an_older_writing_or_a_note_of_an_earlier_resolution_closes_nothing() -> None:
    noted = e.incident(**HIGH, status=IncidentStatus.RESOLVED, note=e.note(), resolved_at=e.note().at)
    assert after(advanced(noted, logged=e.logged(once=once_of(e.note())))).status is IncidentStatus.CLOSED
    assert not advanced(noted, logged=e.logged(once="note:of before")).records
    again = noted.model_copy(update={"resolved_at": g.NOW})  # reopened meanwhile, and resolved once more
    assert not advanced(again, logged=e.logged()).records


def test_several_things_seen_at_once_are_all_told() -> None:
    both = advanced(e.incident(**HIGH, affected=("front",), issue=41), issue=g.seen(ISSUE), played=g.seen(affected()))
    told = [r for r in both.records if isinstance(r, Incident)][-1].timeline
    assert [x.text[:5] for x in told if x.by is None] == ["Taken", "On pr"]
