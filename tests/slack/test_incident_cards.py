"""Cards and forms of incidents and violations: what they say, and that no input breaks Slack's limits."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.cards import incident_forms
from bot.slack.cards.forms import View
from bot.slack.cards.incident import incident_card, incidents_list
from bot.slack.cards.violation import violation_card
from bot.sop.affected import Affected, ProbeSeen, Standing
from bot.sop.codes import Code
from bot.sop.facts import Issue, Seen, Stuck
from bot.sop.messages import Said
from bot.sop.outlook import IncidentView, ViolationView
from bot.sop.patrol.act import Act
from bot.sop.patrol.fate import Became, Fate
from bot.sop.records import (
    Entry,
    Incident,
    IncidentStatus,
    LeftAhead,
    Lock,
    Note,
    Occurrence,
    Severity,
    Violation,
    ViolationStatus,
    Word,
)
from bot.sop.stages import Procedure, Stage, Status
from tests.slack import samples
from tests.slack.limits import check_message, check_view
from tests.slack.samples import ALICE, BASE, BOB, CAROL, DAVE, NOW, PEN, POLICY, SHA
from tests.slack.test_cards import LONG, labels, shown
from tests.slack.test_failure_cards import INCIDENT
from tests.sop import emergency

WORD = Word(by=CAROL, at=NOW, says="CRITICAL")
NOTE = Note(by=CAROL, at=NOW, happened="It broke", affected="checkout", cause="a typo", fix="R-8", follow_ups="")


def incident(**changes: Any) -> Incident:
    said = (Entry(at=NOW, by=BOB, text="Declared CRITICAL", source="bot"),)
    return Incident.model_validate(INCIDENT.model_dump() | {"timeline": said} | changes)


def view(seen: dict[str, Any] | None = None, **changes: Any) -> IncidentView:
    """`seen`: of the view; `changes`: of the incident."""
    return IncidentView(**{"incident": incident(**changes), "offers_channel": True, "now": NOW, **(seen or {})})


def violation(**changes: Any) -> Violation:
    made: dict[str, Any] = {
        "id": 4,
        "service": "shop",
        "key": "k",
        "rule": "S2",
        "code": Code.PUSH_WITHOUT_RELEASE,
        "values": {"branch": "main", "before": samples.BASE, "sha": SHA, "at": NOW.isoformat(), "release": None},
        "who": "mallory",
        "status": ViolationStatus.OPEN,
        "first_at": NOW,
        "last_at": NOW,
    }
    return Violation.model_validate(made | changes)


def test_the_card_of_an_incident() -> None:
    card = incident_card(view(), PEN)
    check_message(card.blocks, card.text)
    assert card.text == "INC-3 · shop · CRITICAL · OPEN · Checkout fails"
    lines = shown(card).splitlines()
    assert lines[0] == "INC-3 · shop · production incident"
    assert re.fullmatch(r"🚨 \*CRITICAL · OPEN\* · declared <!date\^\d+\^{ago}\|[^>]+>", lines[1])
    assert "*Affected*  checkout" in lines
    assert "*Lead*  Carol" in lines
    assert "not confirmed as CRITICAL yet" in lines
    assert "Bob: Declared CRITICAL" in "\n".join(lines)


@pytest.mark.parametrize(
    ("changes", "buttons"),
    [
        ({}, ["Confirm CRITICAL", "Take the lead", "Add to timeline", "Change severity", "Open a channel", "Resolve"]),
        (
            {"confirmed": WORD, "channel": "C0INC3"},
            ["Start hotfix", "Take the lead", "Add to timeline", "Change severity", "Resolve"],
        ),
        (
            {"severity": Severity.LOW, "channel": "C0INC3"},
            ["Take the lead", "Add to timeline", "Change severity", "Resolve"],
        ),
        ({"status": IncidentStatus.RESOLVED}, ["Add to timeline", "Write note", "Reopen"]),
        ({"status": IncidentStatus.CLOSED}, ["Add to timeline", "Write note", "Reopen"]),
    ],
)
def test_only_the_buttons_that_make_sense(changes: dict[str, Any], buttons: list[str]) -> None:
    assert labels(incident_card(view(**changes), PEN)) == buttons


@pytest.mark.parametrize(
    ("stage", "status", "last"),
    [
        (Stage.CI, Status.RUNNING, "Change severity"),
        (Stage.POST_ACTION_NOTE, Status.HELD, "Write note"),
        (Stage.POST_ACTION_NOTE, Status.ABORTED, "Resolve"),
    ],
)
def test_a_running_hotfix_resolves_it(stage: Stage, status: Status, last: str) -> None:
    """H4: nobody resolves it beside its hotfix; the note is written while that waits for it."""
    running = emergency.hotfix(stage, status=status)
    shown_ = labels(incident_card(view({"hotfix": running}, confirmed=WORD, channel="C0INC3", hotfix=7), PEN))
    assert shown_[-1] == last


def test_what_became_of_it_stands_on_the_card() -> None:
    done: dict[str, Any] = {"status": IncidentStatus.CLOSED, "resolved_by": CAROL, "note": NOTE}
    done |= {"resolved_at": NOW - timedelta(minutes=5), "logged": "https://x.example/log"}
    known: dict[str, Any] = {"confirmed": WORD, "hotfix": 8, "change": 13, "issue": 41}
    said = shown(incident_card(view(**done, **known), PEN))
    assert "20 min from declaration to resolution" in said
    assert "confirmed as CRITICAL by Carol" in said
    assert "*Issue*  #41, not read yet" in said
    assert "hotfix R-8 with CR-13 · note in the <https://x.example/log|decision log>" in said
    assert "resolved by Carol" in said
    assert "note by Carol" in said


STUCK = Stuck(kind="write_log", key="k", error="Resource not accessible by integration")
RESOLVED: dict[str, Any] = {"status": IncidentStatus.RESOLVED, "resolved_by": CAROL, "resolved_at": NOW}


def test_a_note_that_does_not_stand_in_the_log_says_why_and_can_be_tried_again() -> None:
    assert "its note is to be written" in shown(incident_card(view(**RESOLVED), PEN))
    assert "its note is on the way to the decision log" in shown(incident_card(view(**RESOLVED, note=NOTE), PEN))
    before = NOTE.model_copy(update={"at": NOW - timedelta(hours=1)})  # it was reopened since
    assert "its note is to be written" in shown(incident_card(view(**RESOLVED, note=before), PEN))
    card = incident_card(view({"stuck": STUCK}, **RESOLVED, note=NOTE), PEN)
    said = shown(card)
    assert "⚠️ *Its note could not be put into the decision log*: Resource not accessible by integration." in said
    assert "Mend what stands in its way at GitHub, then press *Try again*." in said
    assert "on the way" not in said
    assert "Try again" in labels(card)


RUNNING = samples.release(Stage.CI, procedure=Procedure.HOTFIX, id=8, change=13, incident=3)
OVER = {"hotfix": 8, "change": 13}


@pytest.mark.parametrize(
    ("status", "changes", "says", "offered"),
    [
        (Status.RUNNING, {"confirmed": WORD}, "hotfix R-8 with CR-13", False),
        (Status.STOPPED, {"confirmed": WORD},
         "⚠️ *hotfix R-8 is STOPPED*: *Start hotfix* begins anew, and keeps what still counts", True),
        (Status.ABORTED, {}, "hotfix R-8 was ABORTED: only a confirmed CRITICAL may have another", False),
        (Status.ROLLED_BACK, {"confirmed": WORD},
         "⚠️ *hotfix R-8 was ROLLED BACK*: *Start hotfix* begins another", True),
        (Status.STOPPED, RESOLVED, "hotfix R-8 is STOPPED", False),
        (Status.COMPLETE, RESOLVED, "hotfix R-8 with CR-13", False),
    ],
)  # fmt: skip
def test_what_became_of_its_last_hotfix(status: Status, changes: dict[str, Any], says: str, offered: bool) -> None:
    last = RUNNING.model_copy(update={"status": status})
    card = incident_card(view({"hotfix": last}, **OVER, **changes), PEN)
    assert says in shown(card).splitlines() or f"{says} · its note is to be written" in shown(card).splitlines()
    assert ("Start hotfix" in labels(card)) == offered


def test_a_long_timeline_shows_its_end() -> None:
    message = {"source": "message", "link": "https://x.example/p"}
    entries = tuple(Entry(at=NOW, by=BOB, text=f"line {n}", **message) for n in range(30))
    said = shown(incident_card(view(timeline=entries), PEN))
    assert "*Timeline*, the last 10 of 30" in said
    assert "line 29 <https://x.example/p|📌>" in said
    assert "line 19\n" not in said


def test_the_list_of_incidents() -> None:
    assert "No incident yet." in incidents_list((), NOW, PEN).text
    said = shown(incidents_list((incident(), incident(lead=None, status=IncidentStatus.CLOSED)), NOW, PEN))
    assert "🚨 *INC-3* · shop · *CRITICAL · OPEN* · Checkout fails · 25 min · led by Carol" in said
    assert "✅ *INC-3*" in said
    assert "nobody leads it" in said


def every_form(of: IncidentView) -> list[View]:
    lock = Lock(
        key="acme/shop@main",
        release=5,
        owner=BOB,
        reason="x",
        since=NOW,
        left=LeftAhead(release=5, sha=SHA, commits=(SHA,)),
    )
    return [
        incident_forms.severity_form(of, PEN),
        incident_forms.entry_form(of, PEN),
        incident_forms.reopen_form(of, PEN),
        incident_forms.hotfix_form(of, None, PEN),
        incident_forms.hotfix_form(of, lock, PEN),
        incident_forms.note_form(of, PEN),
    ]


def test_forms_of_an_incident_fit() -> None:
    for form in (*every_form(view()), *every_form(view(note=NOTE, hotfix=8, change=13))):
        check_view(form)


def test_the_declaration_offers_features_and_probes_and_says_what_a_severity_means() -> None:
    view = incident_forms.declare_form(POLICY, "shop", 41)
    check_view(view)
    named = next(b for b in view["blocks"] if b["block_id"] == "affected")["element"]["options"]
    assert [o["value"] for o in named] == ["checkout", "search", "catalogue"]
    assert "People cannot do what the service is for" in str(view)
    assert "'initial_value': '41'" in str(view)
    check_view(incident_forms.declare_form(POLICY, None, None))


def test_the_note_is_prefilled_from_the_timeline_or_from_the_note() -> None:
    fresh = str(incident_forms.note_form(view(hotfix=8, change=13), PEN))
    assert "14:12 UTC Bob: Declared CRITICAL" in fresh
    assert "R-8 with CR-13" in fresh
    later = Entry(at=NOW + timedelta(days=1), by=None, text="Production answers", source="bot")
    said = str(incident_forms.note_form(view(timeline=(later,)), PEN))
    assert "24 November, 14:12 UTC Production answers" in said
    assert "a typo" in str(incident_forms.note_form(view(note=NOTE), PEN))


def test_the_severity_that_it_has_is_not_offered() -> None:
    chosen = next(b for b in incident_forms.severity_form(view(), PEN)["blocks"] if b.get("block_id") == "severity")
    assert [o["value"] for o in chosen["element"]["options"]] == ["HIGH", "MEDIUM", "LOW"]


# --- violations


def of(*violations: Violation, **changes: Any) -> ViolationView:
    return ViolationView(**{"act": Act(violations=violations), "explainers": POLICY.roles.approver, **changes})


def test_the_card_of_a_violation() -> None:
    card = violation_card(of(violation()), PEN)
    check_message(card.blocks, card.text)
    assert card.text == "V-4 · shop · S2 · OPEN · pushed without a release"
    said = shown(card)
    assert said.splitlines()[0] == "V-4 · shop · violation of S2"
    assert "_The SOP is mandatory for every release." in said
    assert "`main` went from `1a2b3c4` to `4f2c9ab`" in said
    assert "*By*  mallory (at GitHub)" in said
    assert "*Mend*  Take it back: through a release. Or an approver presses *Explain*" in said
    assert labels(card) == ["Explain"]
    assert "*To explain it*  <!subteam^S0APPROVERS> or <@U0CAROL>" in said


def test_one_act_is_one_card_with_every_rule_that_it_broke() -> None:
    live = {"service": "shop", "version": SHA, "sha": SHA, "seen": 6, "of": 6, "verified": BASE, "release": None}
    frozen = live | {"freeze": "FRZ-2", "reason": "Black Friday", "owner": DAVE}
    known: dict[str, Any] = {"who": "mallory", "part_of": 4, "first_at": NOW + timedelta(minutes=5)}
    brought = violation(id=5, code=Code.DEPLOYED_WITHOUT_RELEASE, rule="X3", values=live, **known)
    in_freeze = violation(id=6, code=Code.DEPLOYED_IN_FREEZE, rule="X4", values=frozen, **known)
    card = violation_card(of(violation(), brought, in_freeze), PEN)
    check_message(card.blocks, card.text)
    assert card.text == "V-4 · shop · S2, X3, X4 · OPEN · pushed without a release"
    said = shown(card)
    assert said.splitlines()[0] == "V-4 · shop · violation of S2, X3 and X4"
    assert "*S2*  `main` went from `1a2b3c4` to `4f2c9ab`" in said
    assert "*X3*  6 of 6 reads of `shop` showed `4f2c9ab`, which no release brought." in said
    assert "*X4*  6 of 6 reads of `shop` showed `4f2c9ab`, deployed during FRZ-2 of Dave: Black Friday." in said
    assert said.count("*Mend*") == 1 and "; a change request and a release for every change; no deployment" in said
    assert "V-5 is its X3 · V-6 is its X4" in said
    assert labels(card) == ["Explain"]


def test_the_card_keeps_what_was_seen_before() -> None:
    def differing(total: str) -> dict[str, Any]:
        rows = [{"probe": "cart", "field": "body.total", "verified": "7", "production": total}]
        return {"service": "shop", "sha": SHA, "release": None, "count": 1, "differences": rows}

    word = Word(by=CAROL, at=NOW, says="A drill")
    before = [
        Occurrence(first_at=NOW, last_at=NOW, values=differing(str(n)), explained=word if n == 1 else None)
        for n in range(7)
    ]
    back = violation(code=Code.BEHAVIOUR_CHANGED, rule="X1", values=differing("9"), count=8, history=tuple(before))
    said = shown(violation_card(of(back, incidents=("INC-3",)), PEN))
    assert "`cart` `body.total`: `6`, verified was `7`" in said and "and 2 earlier; the audit has all of them" in said
    assert said.count("1 difference; not explained then") == 5
    assert "INC-3 is open about what differs." in said
    short = shown(violation_card(of(back.model_copy(update={"history": tuple(before[:2])})), PEN))
    assert "1 difference. Explained by Carol: A drill" in short
    version = {"version": "patched", "sha": None, "seen": 2, "of": 6, "verified": BASE, "service": "shop"}
    was = Occurrence(first_at=NOW, last_at=NOW, values=version, who="mallory")
    odd = violation(code=Code.VERSION_STRANGE, rule="X1", values=version, count=2, history=(was,))
    assert "2 of 6 reads showed `patched`, by mallory (at GitHub); not explained then" in shown(
        violation_card(of(odd), PEN)
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "seen still"),
        ({"present": False}, "no longer seen"),
        ({"unseen_at": NOW}, "not known whether it still is so: nothing could be compared since"),
    ],
)
def test_whether_it_is_there_still_is_said_as_far_as_it_is_known(changes: dict[str, Any], says: str) -> None:
    values = {"service": "shop", "version": "patched", "sha": None, "seen": 2, "of": 6, "verified": BASE}
    lasting = violation(code=Code.VERSION_STRANGE, rule="X1", values=values, **changes)
    assert says in shown(violation_card(of(lasting), PEN))


@pytest.mark.parametrize(
    ("code", "fate", "says"),
    [
        (Code.PUSH_WITHOUT_RELEASE, Fate(became=Became.TAKEN_BACK, by="R-5"), "*Mend*  Taken back by R-5; an approver"),
        (Code.PUSH_WITHOUT_RELEASE, Fate(became=Became.GONE), "*Mend*  It is gone from the branch; an approver"),
        (Code.VERSION_RETURNED, Fate(became=Became.GONE), "*Mend*  It is gone from production; an approver"),
        (Code.PUSH_WITHOUT_RELEASE, Fate(became=Became.VERIFIED, by="R-5"), "R-5 was verified since: only another"),
    ],
)
def test_nobody_is_led_to_take_back_what_is_gone(code: Code, fate: Fate, says: str) -> None:
    values = violation().values | {"last": "R-3", "seen": 3, "of": 3, "service": "shop", "verified": SHA}
    said = shown(violation_card(of(violation(code=code, values=values), fate=fate), PEN))
    assert says in said and "Roll back" not in said
    there = shown(violation_card(of(violation(code=code, values=values)), PEN))
    assert "press *Roll back* on the card of R-3" in there


def test_an_explained_violation_names_who_explained_it() -> None:
    word = Word(by=CAROL, at=NOW, says="A *drill*")
    changed: dict[str, Any] = {"service": "shop", "sha": SHA, "release": None, "count": 1, "differences": []}
    lasting = violation(code=Code.BEHAVIOUR_CHANGED, rule="X1", values=changed, count=3, present=False)
    card = violation_card(of(lasting.model_copy(update={"status": ViolationStatus.EXPLAINED, "explained": word})), PEN)
    said = shown(card)
    assert "Explained by Carol" in said
    assert "A ∗drill∗" in said
    assert "3 times · no longer seen" in said
    assert labels(card) == []


def test_the_run_of_a_violation_can_be_opened() -> None:
    values = {"workflow": "deploy.yml", "run": 42, "attempt": 2, "branch": "main", "sha": SHA, "url": samples.RUN}
    card = violation_card(of(violation(code=Code.RERUN_BLINDLY, rule="F1", values=values, who=None)), PEN)
    check_message(card.blocks, card.text)
    assert labels(card) == ["Explain", "Open run"]
    assert "*By*  not known" in shown(card)
    check_view(incident_forms.explain_form(of(violation()).act, PEN))


def test_the_card_says_what_the_affected_probes_answer_on_production() -> None:
    probes = (
        ProbeSeen(name="checkout", standing=Standing.FAILING, said="HTTP status 500, verified was 200"),
        ProbeSeen(name="search", standing=Standing.PASSING, said="HTTP 200, as verified"),
        ProbeSeen(name="catalogue", standing=Standing.UNKNOWN, said="no answer within 5 s"),
    )
    said = shown(incident_card(view({"played": Seen[Affected](value=Affected(probes=probes), at=NOW)}), PEN))
    assert "*On production*" in said
    assert "❌ `checkout`: failing as described · HTTP status 500, verified was 200" in said
    assert "✅ `search`: passing now · HTTP 200, as verified" in said
    assert "❔ `catalogue`: unknown · no answer within 5 s" in said
    assert "The patrol expects that of `checkout` while INC-3 is open: no violation of X1." in said
    over = view({"played": Seen[Affected](value=Affected(probes=probes), at=NOW)}, status=IncidentStatus.CLOSED)
    assert "The patrol expects" not in shown(incident_card(over, PEN))


@pytest.mark.parametrize(
    ("issue", "says"),
    [
        (Seen[Issue](value=Issue(number=41, title="No orders", url="https://x.example/41"), at=NOW), "|#41> No orders"),
        (Seen[Issue](at=NOW), "#41, which the repository does not have"),
        (Seen[Issue](error="GitHub answered 502"), "#41, which could not be read: GitHub answered 502"),
        (Seen[Issue](), "#41, not read yet"),
    ],
)
def test_the_card_links_the_issue_or_says_that_there_is_none(issue: Seen[Issue], says: str) -> None:
    assert says in shown(incident_card(view({"issue": issue}, issue=41), PEN))


def test_a_channel_that_could_not_be_opened_is_said_and_offered_again() -> None:
    card = incident_card(view({"no_channel": "restricted_action"}), PEN)
    assert "Its own channel could not be opened: `restricted_action`" in shown(card)
    assert "Open a channel" in labels(card)
    assert "<#C0INC3>" in shown(incident_card(view(channel="C0INC3"), PEN))


def test_the_form_of_the_shortcut_chooses_the_only_incident() -> None:
    said = Said(channel="C0GENERAL", ts="1763900000.000100", by=ALICE, text="It *fails*")
    form = incident_forms.message_form(said, (incident(),), PEN)
    check_view(form)
    assert "Alice: It ∗fails∗" in str(form)
    assert form["blocks"][1]["element"]["initial_option"]["value"] == "3"
    assert "initial_option" not in str(incident_forms.message_form(said, (incident(), incident(id=4)), PEN))


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=3000), st.integers(0, 200))
def test_nothing_breaks_slacks_limits(text: str, n: int) -> None:
    typed = f"{text}{LONG}"
    entries = tuple(Entry(at=NOW, by=ALICE, text=typed, link="https://x.example/p") for _ in range(n))
    monstrous = incident(title=typed, affected=(typed,) * n, affected_text=typed, timeline=entries, issue=41)
    probes = tuple(ProbeSeen(name=typed, standing=Standing.FAILING, said=typed) for _ in range(n))
    seen = {"played": Seen[Affected](value=Affected(probes=probes), at=NOW), "no_channel": typed}
    read = Seen[Issue](value=Issue(number=41, title=typed, url=f"https://x.example/{text}"), at=NOW)
    monstrously_seen = IncidentView(incident=monstrous, now=NOW, issue=read, **seen)
    check_view(
        incident_forms.message_form(Said(channel="C0X", ts="1.2", by=ALICE, text=typed), (monstrous,) * (n + 1), PEN)
    )
    card = incident_card(monstrously_seen, PEN)
    check_message(card.blocks, card.text)
    listed = incidents_list((monstrous,) * n, NOW, PEN)
    check_message(listed.blocks, listed.text)
    for form in every_form(monstrously_seen):
        check_view(form)
    differing = [{"probe": typed, "field": typed, "verified": typed, "production": None}] * n
    values = {"service": typed, "sha": SHA, "release": None, "count": n, "differences": differing}
    explained = Word(by=CAROL, at=NOW, says=typed)
    was = Occurrence(first_at=NOW, last_at=NOW, values=values, who=typed, explained=explained)
    odd = violation(
        code=Code.BEHAVIOUR_CHANGED, rule="X1", values=values, who=typed, explained=explained, history=(was,) * (n % 12)
    )
    card = violation_card(of(odd), PEN)
    check_message(card.blocks, card.text)
