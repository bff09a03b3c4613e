"""Incidents: who may do what, what follows from it, and every pair of status and intent answered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sop import incident as incidents
from bot.sop import resolution
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.effects import Effect, KeepChannel, OpenChannel, PostThread, SendDirect, ShowCard, WriteLog
from bot.sop.facts import Stuck
from bot.sop.incident import TRANSITIONS, Declaration, IncidentIntent
from bot.sop.messages import Said
from bot.sop.policy import IncidentPolicy, OwnChannel, Policy, SeverityConfirmation
from bot.sop.records import Incident, IncidentKind, IncidentStatus, Release, Severity
from bot.sop.resolution import NoteText
from bot.sop.stages import Stage, Status
from bot.sop.timeline import affected_areas, affected_probes, last_said
from tests.sop import emergency as e
from tests.sop import good as g

S, Ask = IncidentStatus, IncidentIntent
NOTE = NoteText(happened="Orders failed", affected="Checkout", cause="A typo", fix="No typo")
POLICY = e.policy()


def declaration(**changes: Any) -> Declaration:
    return Declaration(
        service="shop",
        title="Checkout fails",
        kind=IncidentKind.PRODUCTION,
        severity=Severity.CRITICAL,
        affected=("checkout", "front"),
        seen="500 on every order",
    ).model_copy(update=changes)


def declared(by: str = g.FRANK, policy: Policy = POLICY, around: Any = None, **changes: Any) -> Decision:
    return incidents.declare(3, by, declaration(**changes), around or e.around(), policy)


def after(decision: Decision) -> Incident:
    assert decision.refusal is None
    return next(r for r in decision.records if isinstance(r, Incident))


def refused(decision: Decision) -> Code:
    assert decision.refusal is not None
    assert not decision.records
    return Code(decision.refusal.code)


def sent(decision: Decision, code: Code) -> list[str]:
    return [x.to for x in decision.effects if isinstance(x, SendDirect) and x.notice.code == code]


def of(kind: type[Effect], decision: Decision) -> list[Any]:
    return [x for x in decision.effects if isinstance(x, kind)]


def watched(decision: Decision) -> dict[str, Any]:
    return {w.subject: w.due for w in decision.watch}


def with_policy(**changes: Any) -> Policy:
    return e.policy(incident=IncidentPolicy(**{"own_channel": OwnChannel.ASK, **changes}))


# --- declared


def test_everyone_may_declare_and_a_critical_wakes_the_incident_role() -> None:
    decision = declared()
    incident = after(decision)
    assert (incident.status, incident.lead, incident.confirmed) == (S.OPEN, None, None)
    assert [(x.by, x.source, x.text) for x in incident.timeline] == [
        (g.FRANK, "bot", "Declared CRITICAL"),
        (g.FRANK, "said", "500 on every order"),
    ]
    assert of(ShowCard, decision) == [ShowCard(subject="INC-3", channel="C0RELEASES")]
    assert sent(decision, Code.INCIDENT_WAKES) == [g.DAVE, e.ERIN]
    assert {w.due for w in decision.watch} == {g.NOW, g.NOW + timedelta(minutes=15)}  # a look, and a reminder
    assert decision.events[0].kind == "incident_declared"


def test_who_declares_is_not_woken_and_nobody_for_less_than_critical() -> None:
    assert sent(declared(by=g.DAVE), Code.INCIDENT_WAKES) == [e.ERIN]
    less = declared(severity=Severity.HIGH)
    assert not sent(less, Code.INCIDENT_WAKES)
    assert [w.due for w in less.watch] == [g.NOW]


def test_open_releases_of_the_service_look_again_at_once() -> None:
    decision = declared(around=e.around(running=(e.standard(Stage.PUSH),)))
    assert watched(decision)["R-6"] == g.NOW
    assert ShowCard(subject="R-6", channel="C0RELEASES") in decision.effects


def test_the_card_stands_in_the_incident_channel_where_there_is_one() -> None:
    decision = declared(policy=with_policy(channel="C0INCIDENTS"))
    assert of(ShowCard, decision)[0].channel == "C0INCIDENTS"


@pytest.mark.parametrize(
    "changes, code, field",
    [
        ({"service": "blog"}, Code.UNKNOWN_SERVICE, "service"),
        ({"title": "  "}, Code.EMPTY, "title"),
        ({"affected": ()}, Code.EMPTY, "affected"),
        ({"affected": ("checkout", "warp drive")}, Code.UNKNOWN_AFFECTED, "affected"),
        ({"issue": 9}, Code.ISSUE_TAKEN, "issue"),
    ],
)
def test_a_declaration_is_checked(changes: dict[str, Any], code: Code, field: str) -> None:
    decision = declared(around=e.around(open=(e.incident(id=2, issue=9),)), **changes)
    assert refused(decision) is code
    assert decision.refusal and decision.refusal.field == field


def test_free_text_names_what_is_affected_and_an_issue_is_taken_over() -> None:
    incident = after(declared(affected=(), affected_text=" The phones ", issue=123))
    assert (incident.affected, incident.affected_text, incident.issue) == ((), "The phones", 123)


def test_affected_features_and_probes_name_each_other() -> None:
    service = POLICY.services[0]
    by_feature, by_probe = e.incident(affected=("checkout",)), e.incident(affected=("cart", "front"))
    assert [p.name for p in affected_probes(by_feature, service)] == ["cart"]
    assert [p.name for p in affected_probes(by_probe, service)] == ["cart", "front"]
    assert affected_areas(by_feature, service, POLICY) == affected_areas(by_probe, service, POLICY) == ("checkout",)


# --- its channel


def test_its_own_channel_always_on_asking_or_never() -> None:
    always, never = with_policy(own_channel=OwnChannel.ALWAYS), with_policy(own_channel=OwnChannel.NEVER)
    (made,) = of(OpenChannel, declared(policy=always, title="Checkout: 50% fail!"))
    assert made.name == "inc-3-checkout-50-fail"
    assert made.people == tuple(sorted((g.FRANK, g.DAVE, e.ERIN)))
    assert not of(OpenChannel, declared())
    (asked,) = of(OpenChannel, incidents.open_channel(e.incident(), g.FRANK, e.around(), POLICY))
    assert g.DAVE in asked.people
    assert refused(incidents.open_channel(e.incident(), g.FRANK, e.around(), never)) is Code.NO_OWN_CHANNEL
    has = e.incident(channel="C0INC3")
    assert refused(incidents.open_channel(has, g.FRANK, e.around(), POLICY)) is Code.ALREADY


@given(title=st.text(min_size=1))
def test_a_channel_name_is_what_slack_takes(title: str) -> None:
    (made,) = of(OpenChannel, incidents.open_channel(e.incident(title=title), g.FRANK, e.around(), POLICY))
    assert len(made.name) <= 80
    assert made.name.startswith("inc-3") and all(
        c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in made.name
    )


def test_the_channel_that_was_opened_is_kept_once() -> None:
    opened = incidents.channel_opened(e.incident(), "C0INC3", e.around(), POLICY)
    assert after(opened).channel == "C0INC3"
    pinned = ShowCard(subject="INC-3:own", channel="C0INC3", pin=True)
    assert of(ShowCard, opened) == [ShowCard(subject="INC-3", channel="C0RELEASES"), pinned]
    assert of(KeepChannel, opened) == [KeepChannel(subject="INC-3", channel="C0INC3")]
    assert [p.notice.code for p in of(PostThread, opened)] == [Code.CHANNEL_OPENED]
    assert incidents.channel_opened(after(opened), "C0INC3", e.around(), POLICY) == Decision()


# --- lead and severity


def test_anyone_with_a_role_takes_the_lead_and_who_led_is_told() -> None:
    decision = incidents.take_lead(e.incident(), g.ALICE, e.around(), POLICY)
    incident = after(decision)
    assert (incident.lead, incident.timeline[-1].text) == (g.ALICE, "Takes the lead")
    assert of(PostThread, decision)[0].mention == (g.DAVE,)
    assert refused(incidents.take_lead(e.incident(), g.FRANK, e.around(), POLICY)) is Code.NO_ROLE
    assert refused(incidents.take_lead(e.incident(), g.DAVE, e.around(), POLICY)) is Code.ALREADY


def lowered(by: str = g.DAVE, to: Severity = Severity.HIGH, reason: str = "Only one shop", **around: Any) -> Decision:
    return incidents.change_severity(e.incident(), by, to, reason, e.around(**around), POLICY)


def test_down_from_critical_voids_the_confirmation_and_its_hotfix_looks_again_at_once() -> None:
    decision = lowered(hotfix=e.hotfix(Stage.MINIMAL_FIX))
    incident = after(decision)
    assert (incident.severity, incident.confirmed) == (Severity.HIGH, None)
    assert incident.timeline[-1].text == "Severity HIGH, was CRITICAL: Only one shop"
    assert watched(decision) == {"R-7": g.NOW}
    assert decision.events[0].values["voided"] == g.DAVE


def test_up_to_critical_wakes_people_again() -> None:
    incident = after(lowered())
    raised = incidents.change_severity(incident, e.ERIN, Severity.CRITICAL, "All shops", e.around(), POLICY)
    assert sent(raised, Code.INCIDENT_WAKES) == [g.DAVE]
    assert after(raised).confirmed is None


@pytest.mark.parametrize(
    "by, to, reason, code",
    [
        (g.ALICE, Severity.LOW, "calm", Code.NO_ROLE),
        (g.FRANK, Severity.LOW, "calm", Code.NO_ROLE),
        (g.DAVE, Severity.CRITICAL, "again", Code.ALREADY),
        (g.DAVE, Severity.LOW, " ", Code.EMPTY),
    ],
)
def test_severity_wants_the_role_a_change_and_a_reason(by: str, to: Severity, reason: str, code: Code) -> None:
    assert refused(lowered(by, to, reason)) is code


def test_the_lead_may_what_the_incident_role_may_while_a_role_is_theirs() -> None:
    led = e.incident(lead=g.ALICE)
    change = incidents.change_severity
    assert after(change(led, g.ALICE, Severity.LOW, "calm", e.around(), POLICY)).severity is Severity.LOW
    gone = e.around(directory=g.facts().directory.model_copy(update={"deactivated": frozenset({g.ALICE})}))
    assert refused(change(led, g.ALICE, Severity.LOW, "calm", gone, POLICY)) is Code.NO_ROLE


def confirmed(by: str, policy: Policy = POLICY, **changes: Any) -> Decision:
    incident = e.incident(**{"confirmed": None, **changes})
    return incidents.confirm_critical(incident, by, e.around(), policy)


def test_a_severity_is_confirmed_by_the_role() -> None:
    assert after(confirmed(g.DAVE, declared_by=g.DAVE)).confirmed is not None
    assert refused(confirmed(g.BOB)) is Code.NO_ROLE
    assert refused(confirmed(g.DAVE, severity=Severity.HIGH)) is Code.NOT_CRITICAL
    assert refused(confirmed(g.DAVE, confirmed=e.incident().confirmed)) is Code.ALREADY


def test_another_person_confirms_than_who_declared_it_or_raised_it() -> None:
    another = with_policy(severity_confirmation=SeverityConfirmation.ANOTHER)
    assert refused(confirmed(g.DAVE, another, declared_by=g.DAVE)) is Code.CONFIRM_ANOTHER
    assert after(confirmed(e.ERIN, another, declared_by=g.DAVE)).confirmed is not None
    high = e.incident(severity=Severity.HIGH, confirmed=None)
    raised = after(incidents.change_severity(high, e.ERIN, Severity.CRITICAL, "worse", e.around(), another))
    assert refused(incidents.confirm_critical(raised, e.ERIN, e.around(), another)) is Code.CONFIRM_ANOTHER
    assert after(incidents.confirm_critical(raised, g.DAVE, e.around(), another)).confirmed is not None


def test_nobody_can_write_on_the_timeline_that_another_raised_it() -> None:
    another = with_policy(severity_confirmation=SeverityConfirmation.ANOTHER)
    high = e.incident(severity=Severity.HIGH, confirmed=None)
    raised = after(incidents.change_severity(high, e.ERIN, Severity.CRITICAL, "worse", e.around(), another))
    lied = after(incidents.add_entry(raised, g.FRANK, "Severity CRITICAL, was", e.around(), another))
    assert refused(incidents.confirm_critical(lied, e.ERIN, e.around(), another)) is Code.CONFIRM_ANOTHER


# --- timeline and reminders


def test_everyone_adds_to_the_timeline() -> None:
    added = after(incidents.add_entry(e.incident(), g.FRANK, " It is back? ", e.around(), POLICY)).timeline[-1]
    assert (added.by, added.text, added.source, added.at) == (g.FRANK, "It is back?", "said", g.NOW)
    assert refused(incidents.add_entry(e.incident(), g.BOB, " ", e.around(), POLICY)) is Code.EMPTY


def message(minutes: float, text: str = "Orders fail in Spain too") -> Said:
    """By Bob, so many minutes ago, in the channel of INC-3."""
    return Said(
        channel="C0INC3", ts=f"{g.ago(minutes=minutes).timestamp():.6f}", by=g.BOB, text=text, link="https://x/p"
    )


def with_message(said: Said, incident: Incident | None = None) -> Decision:
    return incidents.add_message(incident or e.incident(channel="C0INC3"), g.FRANK, said, e.around(), POLICY)


def test_a_message_stands_once_at_the_time_it_was_said_as_the_word_of_who_said_it() -> None:
    said = message(minutes=10)
    decision = with_message(said)
    incident = after(decision)
    entry = incident.timeline[0]  # before what was said five minutes ago
    assert (entry.by, entry.text, entry.source, entry.link) == (g.BOB, said.text, "message", said.link)
    assert (entry.at, last_said(incident)) == (g.ago(minutes=10), g.NOW)  # to put it there says something
    assert (decision.events[0].actor, decision.events[0].values["said_by"]) == (g.FRANK, g.BOB)
    assert refused(with_message(said, incident)) is Code.MESSAGE_THERE
    assert len(after(with_message(message(minutes=9), incident)).timeline) == 3


@pytest.mark.parametrize("channel, thread", [("C0INC3", "INC-3:own"), ("C0RELEASES", "INC-3")])
def test_a_pin_taken_off_erases_nothing_and_is_said_once_where_it_stands(channel: str, thread: str) -> None:
    said = message(minutes=1).model_copy(update={"channel": channel})
    incident = after(with_message(said))
    decision = incidents.unpinned(incident, g.ALICE, channel, said.ts)
    assert not decision.records
    (post,) = of(PostThread, decision)
    assert (post.subject, post.notice.code) == (thread, Code.MESSAGE_KEPT)
    assert post.key == of(PostThread, incidents.unpinned(incident, g.BOB, channel, said.ts))[0].key
    assert incidents.unpinned(incident, g.ALICE, channel, "1.000000") == Decision()


def reminded(minutes: float, **changes: Any) -> Decision:
    around = e.around(now=e.incident().timeline[-1].at + timedelta(minutes=minutes))
    return incidents.remind(e.incident(**changes), around, POLICY)


def test_the_lead_is_reminded_every_so_often_while_nothing_is_said() -> None:
    quiet = reminded(14)
    assert not quiet.effects
    assert watched(quiet) == {"INC-3": g.ago(minutes=5) + timedelta(minutes=15)}
    first, again, second = reminded(15), reminded(29), reminded(31)
    assert sent(first, Code.INCIDENT_QUIET) == [g.DAVE]
    assert [x.key for x in first.effects] == [x.key for x in again.effects] != [x.key for x in second.effects]
    assert watched(second) == {"INC-3": g.ago(minutes=5) + timedelta(minutes=45)}


def test_nobody_leads_so_those_who_could_are_reminded() -> None:
    assert sent(reminded(16, lead=None), Code.INCIDENT_QUIET) == [g.DAVE, e.ERIN]
    gone = g.facts().directory.model_copy(update={"deactivated": frozenset({g.DAVE})})
    late = e.around(now=g.NOW + timedelta(minutes=16), directory=gone)
    assert sent(incidents.remind(e.incident(), late, POLICY), Code.INCIDENT_QUIET) == [e.ERIN]


@pytest.mark.parametrize("changes", [{"severity": Severity.HIGH}, {"status": S.RESOLVED}, {"status": S.CLOSED}])
def test_nobody_is_reminded_of_less(changes: dict[str, Any]) -> None:
    assert reminded(60, **changes) == Decision()


# --- resolved, noted, closed, reopened


def resolved(severity: Severity = Severity.CRITICAL, by: str = g.DAVE, **around: Any) -> Decision:
    return resolution.resolve(e.incident(severity=severity), by, e.around(**around), POLICY)


def test_one_that_was_critical_is_closed_only_with_a_note() -> None:
    lowered = after(incidents.change_severity(e.incident(), g.DAVE, Severity.LOW, "It is small", e.around(), POLICY))
    raised = after(incidents.change_severity(lowered, g.DAVE, Severity.MEDIUM, "Not so small", e.around(), POLICY))
    assert raised.worst is Severity.CRITICAL
    assert after(resolution.resolve(raised, g.DAVE, e.around(), POLICY)).status is S.RESOLVED


@pytest.mark.parametrize(
    "severity, status",
    [
        (Severity.CRITICAL, S.RESOLVED),
        (Severity.HIGH, S.RESOLVED),
        (Severity.MEDIUM, S.CLOSED),
        (Severity.LOW, S.CLOSED),
    ],
)
def test_critical_and_high_are_closed_only_with_a_note(severity: Severity, status: IncidentStatus) -> None:
    incident = after(resolved(severity))
    assert (incident.status, incident.resolved_by, incident.resolved_at) == (status, g.DAVE, g.NOW)


def test_with_a_hotfix_open_it_is_resolved_through_that() -> None:
    assert refused(resolved(hotfix=e.hotfix(Stage.CI))) is Code.RESOLVES_BY_HOTFIX
    assert after(resolved(hotfix=e.closed(e.hotfix(Stage.CI)))).status is S.RESOLVED
    assert refused(resolved(by=g.ALICE)) is Code.NO_ROLE


def test_the_note_is_logged_and_then_it_is_closed() -> None:
    done = resolution.write_note(after(resolved()), g.DAVE, 0, NOTE, e.around(), POLICY)
    (act,) = of(WriteLog, done)
    assert (act.repository, act.branch, act.path, act.entry) == (
        "acme/shop",
        "decision-log",
        "decision_log.md",
        "INC-3",
    )
    assert "A typo" in act.markdown
    noted = after(done)
    assert (noted.status, noted.logged) == (S.RESOLVED, None)
    closed = resolution.logged(noted, "https://github.example/log", e.around(), POLICY)
    assert (after(closed).status, after(closed).logged) == (S.CLOSED, "https://github.example/log")
    assert resolution.logged(after(closed), "https://github.example/log", e.around(), POLICY) == Decision()


def test_nothing_is_logged_of_an_incident_without_a_note() -> None:
    assert resolution.logged(after(resolved()), "https://x", e.around(), POLICY) == Decision()


def test_a_corrected_note_is_written_again_under_another_key() -> None:
    closed = e.incident(status=S.CLOSED, note=e.note(), logged="https://x")
    (first,) = of(WriteLog, resolution.write_note(closed, g.DAVE, 1, NOTE, e.around(), POLICY))
    later = resolution.write_note(closed, g.DAVE, 1, NOTE, e.around(now=g.NOW + timedelta(minutes=1)), POLICY)
    (second,) = of(WriteLog, later)
    assert first.key != second.key and first.entry == second.entry
    assert (after(later).status, after(later).logged) == (S.CLOSED, None)


@pytest.mark.parametrize(
    "hotfix, allowed",
    [
        (None, False),
        (e.hotfix(Stage.CI), False),
        (e.hotfix(Stage.POST_ACTION_NOTE), True),
        (e.closed(e.hotfix(Stage.POST_ACTION_NOTE)), False),
    ],
)
def test_an_open_incident_is_noted_only_once_its_hotfix_is_verified(hotfix: Release | None, allowed: bool) -> None:
    decision = resolution.write_note(e.incident(), g.DAVE, 0, NOTE, e.around(hotfix=hotfix), POLICY)
    if not allowed:
        assert refused(decision) is Code.NOTE_TOO_EARLY
        return
    assert watched(decision)["R-7"] == g.NOW
    assert after(decision).note is not None
    assert not of(WriteLog, decision)  # the hotfix logs it


def test_a_note_says_everything_but_follow_ups() -> None:
    for field in ("happened", "affected", "cause", "fix"):
        empty = NOTE.model_copy(update={field: "\n "})
        decision = resolution.write_note(after(resolved()), g.DAVE, 0, empty, e.around(), POLICY)
        assert refused(decision) is Code.EMPTY
        assert decision.refusal and decision.refusal.field == field
    assert refused(resolution.write_note(after(resolved()), g.BOB, 0, NOTE, e.around(), POLICY)) is Code.NO_ROLE


def test_a_note_that_was_not_read_is_not_replaced() -> None:
    """Whoever began before another had written is told who wrote what when, at the form."""
    noted = after(resolution.write_note(after(resolved()), e.ERIN, 0, NOTE, e.around(), POLICY))
    assert noted.note and (noted.note.by, noted.noted) == (e.ERIN, 1)
    decision = resolution.write_note(noted, g.DAVE, 0, NOTE, e.around(), POLICY)
    assert refused(decision) is Code.NOTE_MEANWHILE
    assert decision.refusal and decision.refusal.field == "happened"
    said = decision.refusal.values
    assert (said["by"], said["at"], said["cause"]) == (e.ERIN, g.NOW.isoformat(), NOTE.cause)
    again = after(resolution.write_note(noted, g.DAVE, 1, NOTE, e.around(), POLICY))
    assert again.note and (again.note.by, again.noted) == (g.DAVE, 2)
    assert refused(resolution.write_note(again, e.ERIN, 1, NOTE, e.around(), POLICY)) is Code.NOTE_MEANWHILE


def test_reopened_it_must_be_confirmed_noted_and_logged_anew() -> None:
    closed = e.incident(status=S.CLOSED, note=e.note(), logged="https://x", resolved_by=g.DAVE, resolved_at=g.NOW)
    decision = resolution.reopen(closed, g.DAVE, "It is back", e.around(), POLICY)
    incident = after(decision)
    assert (incident.status, incident.confirmed, incident.logged, incident.resolved_by) == (S.OPEN, None, None, None)
    assert sent(decision, Code.INCIDENT_WAKES) == [e.ERIN]
    assert refused(resolution.reopen(closed, g.BOB, "It is back", e.around(), POLICY)) is Code.NO_ROLE
    assert refused(resolution.reopen(closed, g.DAVE, "", e.around(), POLICY)) is Code.EMPTY


def test_a_complete_hotfix_closes_it() -> None:
    hotfix = e.hotfix(Stage.POST_ACTION_NOTE, status=Status.COMPLETE, resolved=e.incident().confirmed)
    incident = after(
        resolution.hotfix_done(e.incident(note=e.note()), hotfix, "https://x", e.around(hotfix=hotfix), POLICY)
    )
    assert (incident.status, incident.resolved_by, incident.timeline[-1].text) == (S.CLOSED, g.DAVE, "Resolved by R-7")
    assert incident.logged == "https://x"
    assert resolution.hotfix_done(incident, hotfix, "https://x", e.around(), POLICY) == Decision()


def test_what_becomes_of_its_hotfix_stands_on_the_timeline() -> None:
    def told(before: Release, now: Release) -> str | None:
        decision = resolution.hotfix_moved(e.incident(), before, now, e.around(), POLICY)
        return after(decision).timeline[-1].text if decision.records else None

    pushed, ci = e.hotfix(Stage.PUSH), e.hotfix(Stage.CI)
    held = ci.model_copy(update={"status": Status.HELD})
    done = ci.model_copy(update={"status": Status.COMPLETE})
    assert told(pushed, ci) == "R-7 is in CI"
    assert told(ci, held) == told(pushed, held) == "R-7 is HELD in CI"
    assert told(held, ci) == "R-7 goes on in CI"
    assert told(ci, e.closed(ci)) == f"R-7 is {e.closed(ci).status.value}"
    assert told(done, ci.model_copy(update={"status": Status.ROLLED_BACK})) == "R-7 is ROLLED BACK"
    assert told(ci, ci) is told(held, held) is told(ci, done) is None


STUCK = Stuck(kind="write_log", key="log:INC-3:note:x", error="not accessible")


def test_what_became_of_its_note_is_known_by_the_act_that_logs_it() -> None:
    """Only of the note as it was written last, and only while it does not stand there."""
    done = resolution.write_note(after(resolved()), g.DAVE, 0, NOTE, e.around(), POLICY)
    (act,) = of(WriteLog, done)
    noted = after(done)
    assert resolution.note_awaited(noted) == act.key
    assert resolution.note_awaited(after(resolved())) is None
    assert resolution.note_awaited(after(resolution.logged(noted, "https://x", e.around(), POLICY))) is None
    again = after(resolution.write_note(noted, g.DAVE, 1, NOTE, e.around(now=g.NOW + timedelta(minutes=1)), POLICY))
    assert resolution.note_awaited(again) != act.key


def test_who_may_write_a_note_has_it_tried_again_and_only_where_it_was_refused() -> None:
    noted = e.incident(status=S.RESOLVED, note=e.note())
    done = resolution.try_again(noted, g.DAVE, e.around(stuck=STUCK), POLICY)
    assert [x.kind for x in done.events] == ["tried_again"]
    assert Code.TRIED_AGAIN in {x.notice.code for x in of(PostThread, done)}
    assert refused(resolution.try_again(noted, g.DAVE, e.around(), POLICY)) is Code.ONLY_HELD
    assert refused(resolution.try_again(noted, g.BOB, e.around(stuck=STUCK), POLICY)) is Code.NO_ROLE


# --- every pair

ASKED: dict[IncidentIntent, Callable[[Incident], Decision]] = {
    Ask.TAKE_LEAD: lambda x: incidents.take_lead(x, e.ERIN, e.around(), POLICY),
    Ask.CHANGE_SEVERITY: lambda x: incidents.change_severity(x, g.DAVE, Severity.LOW, "calm", e.around(), POLICY),
    Ask.CONFIRM: lambda x: incidents.confirm_critical(
        x.model_copy(update={"confirmed": None}), g.DAVE, e.around(), POLICY
    ),
    Ask.ADD: lambda x: incidents.add_entry(x, g.FRANK, "hm", e.around(), POLICY),
    Ask.OPEN_CHANNEL: lambda x: incidents.open_channel(x, g.DAVE, e.around(), POLICY),
    Ask.RESOLVE: lambda x: resolution.resolve(x, g.DAVE, e.around(), POLICY),
    Ask.NOTE: lambda x: resolution.write_note(
        x, g.DAVE, x.noted, NOTE, e.around(hotfix=e.hotfix(Stage.POST_ACTION_NOTE)), POLICY
    ),
    Ask.TRY_AGAIN: lambda x: resolution.try_again(x, g.DAVE, e.around(stuck=STUCK), POLICY),
    Ask.REOPEN: lambda x: resolution.reopen(x, g.DAVE, "It is back", e.around(), POLICY),
    Ask.LOGGED: lambda x: resolution.logged(x, "https://new", e.around(), POLICY),
    Ask.HOTFIX_DONE: lambda x: resolution.hotfix_done(
        x, e.hotfix(Stage.POST_ACTION_NOTE, resolved=e.incident().confirmed), "https://x", e.around(), POLICY
    ),
}


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("intent", list(ASKED))
@pytest.mark.parametrize("status", list(S))
def test_every_pair_leads_where_the_table_says(
    status: IncidentStatus, intent: IncidentIntent, severity: Severity
) -> None:
    before = e.incident(status=status, severity=severity, note=e.note())
    decision = ASKED[intent](before)
    if (status, intent) not in TRANSITIONS:
        assert not decision.records
        if intent in incidents.PEOPLES:
            assert decision.refusal and decision.refusal.code == Code.NOT_NOW
            assert decision.refusal.values["possible"] == [i.value for i in incidents.possible(status)]
        return
    if decision.refusal:
        assert decision.refusal.code in (Code.ALREADY, Code.NOT_CRITICAL)
        return
    assert after(decision).status in TRANSITIONS[status, intent]


def test_every_intent_is_asked_here_or_in_the_tests_of_the_hotfix() -> None:
    assert set(IncidentIntent) - set(ASKED) == {Ask.HOTFIX}
