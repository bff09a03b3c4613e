"""Cards: what they say at each point, and that no input, however monstrous, breaks Slack's limits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.cards import forms, lists
from bot.slack.cards.change import change_card
from bot.slack.cards.details import details_blocks
from bot.slack.cards.freeze import baseline_notice, freeze_card
from bot.slack.cards.home import home_blocks
from bot.slack.cards.kit import Message, loaded
from bot.slack.cards.patrol import standing_line
from bot.slack.cards.release import progress_bar, release_card
from bot.sop.codes import Code
from bot.sop.decision import Answer
from bot.sop.outlook import BaselineWanted, Button, FreezeView, Mark, PatrolView, ReleaseView
from bot.sop.patrol.standing import Blind, Standing, State
from bot.sop.policy import Policy
from bot.sop.records import Acceptance, ChangeStatus, FreezeStatus, Hold, LeftAhead, Lock
from bot.sop.stages import Stage, Status
from bot.words import status_name
from tests.slack import samples
from tests.slack.limits import check_message, check_view, elements
from tests.slack.samples import ALICE, CAROL, NOW, PEN, SHA, TREE

LONG = "*_~`<>&@channel <!here> " * 130
VIEWS = samples.path()


def shown(message: Message) -> str:
    """What stands on it, line by line."""
    lines: list[str] = []
    for block in message.blocks:
        texts = [block["text"]] if "text" in block else block.get("fields", []) + block.get("elements", [])
        lines += [t["text"] for t in texts if isinstance(t.get("text"), str)]
    return "\n".join(lines)


def labels(message: Message) -> list[str]:
    return [e["text"]["text"] for b in message.blocks for e in elements(b)]


@pytest.mark.parametrize("point", VIEWS)
def test_every_point_fits(point: str) -> None:
    card = release_card(VIEWS[point], PEN)
    check_message(card.blocks, card.text)
    check_view({"type": "modal", **_view(details_blocks(VIEWS[point], PEN))})


def _view(blocks: Any) -> dict[str, Any]:
    return {"title": {"type": "plain_text", "text": "x"}, "blocks": list(blocks)}


def test_the_head_of_a_card_is_stable() -> None:
    assert release_card(VIEWS["ci"], PEN).text == "R-7 · shop · RUNNING · CI · Faster checkout"
    assert release_card(VIEWS["complete"], PEN).text == "R-7 · shop · COMPLETE · Faster checkout"
    lines = shown(release_card(VIEWS["held commits"], PEN)).splitlines()
    assert lines[0] == "R-7 · shop · standard release"
    assert lines[1] == "⏸️ *HELD · Commits*"
    assert lines[2] == "*CR-12* Faster checkout"


def test_stage_lines() -> None:
    said = shown(release_card(VIEWS["ci"], PEN))
    assert "✅ *Preconditions*   8 of 8 · <!date^" in said
    assert "✅ *Local state*   clean · `faster-checkout` · app answered 6 of 6 probes · <!date^" in said
    assert "attested by Alice" in said
    assert "✅ *Commits*   3 of 3 reference CR-12 · 1 path in its areas" in said
    assert "✅ *Push*   `main` → `4f2c9ab` by Alice" in said
    assert "⏳ *CI*   ▓▓▓▓▓▓░░░░ 6 of 10 jobs · 3 min of about 5 min" in said
    assert said.splitlines()[-7] == "◻️ *Production*" or "◻️ *Production*\n" in said


def test_a_waiting_card_says_for_what_and_for_whom() -> None:
    said = shown(release_card(VIEWS["waiting"], PEN))
    assert "⏳ *Preconditions*   5 of 8 · waits for approval of CR-12, governance check and preflight" in said
    assert "• CR-12 has 0 of 1 approvals. <!subteam^S0APPROVERS> or Carol can approve it on its card." in said
    assert "• The governance check is not acknowledged. Alice presses *Governance check*." in said


def test_a_failure_says_seen_wanted_and_mend() -> None:
    said = shown(release_card(VIEWS["held commits"], PEN))
    assert "⛔ *Commits*   1 of 3 commits without CR-12" in said
    assert "⛔ *Rule 2*  1 of 3 commits references no change request:" in said
    assert "*Wanted*  every commit message references CR-12" in said
    assert "*Mend*  Amend the message" in said


def test_what_stopped_it_is_named_by_its_rule_however_far_it_had_come() -> None:
    hold = Hold(finding=samples.attested("P5", Code.UNCOMMITTED, Answer.FAIL, seen="1 file"), at=NOW)
    stopped = samples.release(Stage.COMMITS, Status.STOPPED, hold=hold)
    view = samples.release_view(Stage.COMMITS, Status.STOPPED, Mark.FAILED, release=stopped)
    assert release_card(view, PEN).text == "R-7 · shop · STOPPED · rule P5 · Faster checkout"


def test_what_is_to_be_done_is_no_part_of_a_list() -> None:
    around = [{"violation": "V-1", "rule": "X3", "code": "push_without_release"}]
    open_ = samples.found("S2", Code.VIOLATION_OPEN, Answer.WAIT, violations=around, stops=False, whom=("approver",))
    lines = shown(release_card(samples.release_view(Stage.PUSH, findings=(open_,)), PEN)).splitlines()
    assert "An approver explains it on its card; then this release goes on by itself." in lines


def test_details_name_every_rule_that_says_the_same() -> None:
    awaited = [
        samples.found(rule, Code.PREFLIGHT_WAITS, Answer.WAIT, service="shop", change="CR-12", owner=ALICE)
        for rule in ("P3", "P5")
    ]
    blocks = details_blocks(samples.release_view(Stage.PRECONDITIONS, findings=tuple(awaited)), PEN)
    said = str(blocks)
    assert "`P3` `P5` No preflight of `shop` for CR-12 has arrived." in said
    assert said.count("No preflight of") == 1


def test_what_only_an_approver_can_do_waits_for_approvers() -> None:
    wanted = (BaselineWanted(service="shop", served=SHA, error=None),)
    approver = home_blocks(samples.home(roles=("approver",), baselines=wanted), PEN)
    assert "Nothing waits for you." not in str(approver)
    assert str(approver).count("Nobody has adopted") == 1
    assert "Nothing waits for you." in str(home_blocks(samples.home(roles=("releaser",), baselines=wanted), PEN))


def test_a_signed_failure_is_shown_as_its_signers_word() -> None:
    failed = samples.attested("P3", Code.BUILD_FAILED, Answer.FAIL, seen="exit code 1", detail=["boom"])
    view = samples.release_view(Stage.PRECONDITIONS, Status.STOPPED, Mark.FAILED, (failed,))
    assert "_attested by Alice_" in shown(release_card(view, PEN))


@pytest.mark.parametrize(
    ("point", "buttons"),
    [
        ("waiting", ["Governance check", "Details", "Abort"]),
        ("stopped", ["Start again", "Details"]),
        ("push", ["Push", "Details", "Abort"]),
        ("ci", ["Open run", "Open production", "Details", "Abort"]),
        ("complete", ["Open run", "Open production", "Details"]),
        ("aborted", ["Start again", "Details"]),
    ],
)
def test_only_the_buttons_that_make_sense(point: str, buttons: list[str]) -> None:
    assert labels(release_card(VIEWS[point], PEN)) == buttons


def test_a_button_knows_the_state_it_was_made_for() -> None:
    card = release_card(VIEWS["push"], PEN)
    push = next(e for b in card.blocks for e in elements(b) if e["action_id"] == "release:push")
    assert loaded(push["value"]) == {"id": 7, "stage": "PUSH", "status": "RUNNING", "sha": SHA}
    assert "`4f2c9ab` goes to `main` of acme/shop." in push["confirm"]["text"]["text"]
    assert loaded("no json") == loaded(None) == loaded("[1]") == {}


def test_an_aborted_card_says_who_and_why() -> None:
    assert "Aborted by Carol: wrong branch." in shown(release_card(VIEWS["aborted"], PEN))
    ended = {"ended_by": CAROL, "ended_at": NOW, "ended_why": "no"}
    late = samples.release_view(
        Stage.CI, Status.ABORTED, Mark.FAILED, release=samples.release(Stage.CI, Status.ABORTED, **ended)
    )
    said = shown(release_card(late, PEN))
    assert "`main` keeps `4f2c9ab`; the lock stays until someone takes it over." in said
    assert "⏹️ *CI*" in said


def test_progress() -> None:
    def bar(done: Any, of: Any) -> str:
        return progress_bar(samples.found("4", Code.CI_RUNNING, Answer.WAIT, done=done, of=of))

    assert [bar(0, 0), bar(0, 4), bar(4, 4), bar(None, None)] == ["░" * 10, "░" * 10, "▓" * 10, "░" * 10]
    assert bar(1, 3) == "▓▓▓░░░░░░░"


@pytest.mark.parametrize("status", list(ChangeStatus))
def test_change_cards(status: ChangeStatus) -> None:
    card = change_card(samples.change_view(status), PEN)
    check_message(card.blocks, card.text)
    assert card.text == f"CR-12 · shop · {status_name(status)} · Faster checkout"
    assert ("Approve" in labels(card)) == (status in (ChangeStatus.OPEN, ChangeStatus.APPROVED, ChangeStatus.EXPIRED))
    assert ("Start release" in labels(card)) == (status is ChangeStatus.APPROVED)


def test_a_card_pings_nobody_who_is_known() -> None:
    for view in VIEWS.values():
        assert "<@" not in str(release_card(view, PEN).blocks)
    assert "<@" not in str(change_card(samples.change_view(), PEN).blocks)


@pytest.mark.parametrize("status", list(FreezeStatus))
def test_freezes(status: FreezeStatus) -> None:
    view = FreezeView(freeze=samples.freeze(status), now=NOW)
    for message in (
        freeze_card(view.freeze, PEN),
        lists.freezes_list([view], PEN),
    ):
        check_message(message.blocks, message.text)
        wanted = {FreezeStatus.ACTIVE: ["End freeze", "Change"], FreezeStatus.SCHEDULED: ["Change", "Cancel freeze"]}
        assert labels(message) == wanted.get(status, [])


def test_a_baseline_is_asked_for_with_its_button() -> None:
    message = baseline_notice({"service": "shop", "sha": SHA, "url": "https://shop.example.com", "whom": [CAROL]}, PEN)
    check_message(message.blocks, message.text)
    assert labels(message) == ["Adopt 4f2c9ab"]


def test_home_empty_and_full() -> None:
    empty, full = home_blocks(samples.home(), PEN), home_blocks(samples.full_home(), PEN)
    for blocks in (empty, full):
        check_view({"type": "home", "blocks": list(blocks)})
    said = shown(Message("", empty))
    for words in ("Nothing waits for you.", "No release is running.", "No freeze is in force or scheduled."):
        assert words in said
    said = shown(Message("", full))
    assert "Nobody has adopted what production of `blog` serves" in said
    assert "⚠️ 2 messages could not be delivered" in said
    plain = home_blocks(samples.home(roles=()), PEN)
    assert labels(Message("", plain)) == []


def test_lists_and_the_sop() -> None:
    for message in (
        lists.sop_card(samples.POLICY, PEN),
        lists.releases_list([samples.release(Stage.CI)] * 40, PEN),
        lists.changes_list([samples.change()] * 40, PEN),
        lists.status_list(list(VIEWS.values()), PEN),
        lists.releases_list([], PEN),
        lists.changes_list([], PEN),
        lists.status_list([], PEN),
        lists.freezes_list([], PEN),
    ):
        check_message(message.blocks, message.text)
    assert lists.sop_card(samples.POLICY, PEN).text == "SOP: stage MVP, status ACTIVE"
    assert "`X4` Nothing is deployed during an architecture freeze" in shown(lists.sop_card(samples.POLICY, PEN))


def test_forms_fit() -> None:
    left = Lock(
        key="acme/shop@main",
        release=6,
        owner=ALICE,
        reason="x",
        since=NOW,
        left=LeftAhead(release=6, sha=SHA, commits=(SHA, TREE)),
    )
    view = VIEWS["ci"]
    for form in (
        forms.change_form(samples.POLICY, None),
        forms.change_form(samples.POLICY, None, samples.change()),
        forms.release_form(samples.POLICY, "shop", samples.change(), "faster-checkout", left, PEN),
        forms.release_form(samples.POLICY, None, None, "", None, PEN),
        forms.governance_form(view, PEN),
        forms.reject_form(samples.change(), PEN),
        forms.abort_form(view, PEN),
        forms.paths_form(view, TREE, ["a.md"] * 2000, "0" * 64, PEN),
        forms.freeze_form(samples.POLICY),
        forms.freeze_form(samples.POLICY, later=True),
        forms.freeze_form(samples.POLICY, samples.freeze(FreezeStatus.SCHEDULED)),
        forms.details(view, PEN),
        forms.note("Done", LONG),
    ):
        check_view(form)
    assert "leave" in str(forms.abort_form(VIEWS["ci"], PEN))
    assert "leave" not in [b.get("block_id") for b in forms.abort_form(VIEWS["push"], PEN)["blocks"]]


def test_many_services_and_features_are_asked_for_as_the_person_types() -> None:
    said = samples.POLICY.model_dump()
    said["services"] = [said["services"][0] | {"name": f"s{n}"} for n in range(150)]
    said["features"] = {f"f{n}": ["x/*"] for n in range(150)}
    policy = Policy.model_validate(said)
    form = forms.change_form(policy, "s7")
    check_view(form)
    kinds = {b["block_id"]: b["element"]["type"] for b in form["blocks"] if b["type"] == "input"}
    assert kinds["service"] == "external_select"
    assert kinds["areas"] == "multi_external_select"
    sop = lists.sop_card(policy, PEN)
    check_message(sop.blocks, sop.text)


@st.composite
def monsters(draw: st.DrawFn) -> ReleaseView:
    """A release with everything too long and too much."""
    text = st.sampled_from([LONG, "x" * 3000, "", "<@U0ALICE>", "a\nb\n" * 900, "|>" * 500]) | st.text(max_size=40)
    commits = tuple(samples.commit(n, draw(text), "A" * 200) for n in range(draw(st.sampled_from([0, 1, 40, 300]))))
    paths = [f"{'deep/' * 30}{n}.py" for n in range(draw(st.sampled_from([1, 50, 2000])))]
    bad = samples.found("2", Code.PATHS_OUTSIDE, Answer.FAIL, paths=paths, areas=[draw(text)] * 30)
    log = [draw(text) for _ in range(draw(st.integers(0, 30)))]
    failed = samples.found("4", Code.CI_FAILED, Answer.FAIL, workflow=draw(text), conclusion=draw(text), log=log)
    rows = [{"sha": c.sha, "title": c.message, "author": c.author, "url": c.url} for c in commits]
    many = samples.found("2", Code.UNREFERENCED, Answer.FAIL, commits=rows, count=len(rows), change=draw(text))
    waits = samples.found(
        "P1", Code.CHANGE_WAITS, Answer.WAIT, change=draw(text), have=0, need=9, whom=[draw(text)] * 99
    )
    findings = draw(st.lists(st.sampled_from([bad, failed, many, waits]), max_size=30))
    findings = [f.model_copy(update={"values": f.values | {"n": n}}) for n, f in enumerate(findings)]
    said = samples.change(content=samples.content(title=draw(text), why=draw(text)))
    stage = draw(st.sampled_from([s for s in Stage if s is not Stage.COMPLETE]))
    accepted = Acceptance(by=CAROL, at=NOW + timedelta(days=3), paths=tuple(paths), tree=TREE, reason=LONG)
    release = samples.release(
        stage, Status.HELD, candidate=draw(text) or "x", accepted=(accepted,) * 20, ended_why=draw(text)
    )
    return samples.release_view(
        stage,
        Status.HELD,
        Mark.FAILED,
        tuple(findings),
        tuple(Button),
        change=said,
        release=release,
        branch=draw(text),
        repository=draw(text),
        candidate=samples.candidate(commits, paths=tuple(paths), ref=draw(text), compare_url=draw(text)),
    )


@settings(max_examples=40, deadline=None)
@given(monsters())
def test_no_release_is_too_much_for_slack(view: ReleaseView) -> None:
    card = release_card(view, PEN)
    check_message(card.blocks, card.text)
    assert "Details" in labels(card)
    check_view({"type": "modal", **_view(details_blocks(view, PEN))})
    check_view(
        {"type": "home", "blocks": list(home_blocks(samples.home(to_do=(view,) * 30, running=(view,) * 30), PEN))}
    )
    listed = lists.status_list([view] * 20, PEN)
    check_message(listed.blocks, listed.text)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200) | st.just(LONG), st.text(max_size=200) | st.just(LONG * 2), st.integers(0, 60))
def test_no_change_request_is_too_much_for_slack(title: str, why: str, many: int) -> None:
    said = samples.content(title=title, why=why, undo=why, areas=tuple(f"{title[:30]}{n}" for n in range(many)))
    view = samples.change_view(ChangeStatus.OPEN, content=said)
    view = view.model_copy(update={"approvers": tuple(f"U0PERSON{n}" for n in range(many))})
    card = change_card(view, PEN)
    check_message(card.blocks, card.text)
    check_view(forms.change_form(samples.POLICY, None, view.change))
    check_view(forms.reject_form(view.change, PEN))
    baselines = tuple(BaselineWanted(service=f"s{n}", served=None, error=why or None) for n in range(many))
    blocks = home_blocks(samples.home(to_approve=(view,) * 30, my_changes=(view,) * 30, baselines=baselines), PEN)
    check_view({"type": "home", "blocks": list(blocks)})


@pytest.mark.parametrize(
    ("error", "until", "said"),
    [
        ("GitHub's rate limit is used up", datetime(2026, 11, 23, 15, 42, tzinfo=UTC), "used up until <!date^17954485"),
        ("GitHub answered 502 Server Error.", None, "could not be seen since"),
    ],
)
def test_what_the_patrol_cannot_see_is_told_with_its_end_and_with_one_full_stop(
    error: str, until: datetime | None, said: str
) -> None:
    blind = Blind(what="GitHub", since=datetime(2026, 11, 23, 14, tzinfo=UTC), error=error, until=until)
    standing = Standing(state=State.UNKNOWN, since=None, blind=blind)
    line = standing_line(PatrolView(service="shop", standing=standing), PEN)
    assert said in line
    assert ".." not in line
    assert line.endswith(". Unknown: neither clean nor a violation")
    assert "doctor" not in line
