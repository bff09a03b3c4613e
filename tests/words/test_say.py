"""Every code has words, for Slack and for a terminal, made of the values that are documented for it."""

import re
from typing import Any

import pytest

from bot.sop.codes import Code
from bot.words import Pen, Style, brief, parts, say
from bot.words.fill import KINDS, fields
from bot.words.say import GATES, NOTICES, REFUSALS
from tests.words.documented import values_of_codes

DOCUMENTED = values_of_codes()
WORDS: dict[str, tuple[str, ...]] = {
    **{code: (gate.brief, gate.seen, gate.wanted, gate.mend, gate.awaited) for code, gate in GATES.items()},
    **{code: (text,) for code, text in (*REFUSALS.items(), *NOTICES.items())},
}
SHA = "4f2c9ab" + "0" * 33
AT = "2026-11-23T14:02:00+00:00"
DATE = re.compile(r"<!date[^>]*>")
COMMIT = {"sha": SHA, "title": "tidy up", "author": "bob", "url": "https://github.com/acme/shop/commit/4f2c9ab"}
VALUES: dict[str, Any] = {
    "by": "U0ALICE",
    "owner": "U0BOB",
    "requester": "U0BOB",
    "whom": ["S0APPROVERS", "U0CAROL"],
    "holders": ["U0CAROL"],
    "authors": ["U0ALICE"],
    "roles": ["approver"],
    "sha": SHA,
    "tree": SHA,
    "base": SHA,
    "tip": SHA,
    "expected": SHA,
    "attested": SHA,
    "candidate": SHA,
    "left": SHA,
    "commit": SHA,
    "served": SHA,
    "at": AT,
    "made_at": AT,
    "since": AT,
    "starts_at": AT,
    "until": AT,
    "commits": [COMMIT | {"names": ["CR-9"], "marker": "[skip ci]"}],
    "issues": [{"number": 41, "title": "Checkout is down", "url": "https://github.com/acme/shop/issues/41"}],
    "runs": [{"workflow": "deploy.yml", "url": "https://github.com/acme/shop/actions/runs/1", "sha": SHA}],
    "others": ["1.0.0"],
    "differences": [{"probe": "catalogue", "field": "items.0.price", "local": 1, "production": None}],
    "detail": ["one", "two"],
    "log": ["one", "two"],
    "paths": ["docs/a.md"],
    "areas": ["checkout"],
    "features": ["checkout", "search"],
    "services": ["shop"],
    "missing": ["deploy.yml"],
    "jobs": ["build"],
    "possible": ["abort"],
    "finding": {"gate": "g", "code": "ci_failed", "values": {"workflow": "deploy.yml", "conclusion": "failure"}},
    "url": "https://example.com/x",
    **dict.fromkeys(("have", "need", "count", "revision", "done", "of", "seconds", "usual", "within", "new"), 3),
    **dict.fromkeys(("max_age", "samples", "answered", "attempt", "taken_over"), 3),
    "ok": True,
    **dict.fromkeys(("target", "parent", "revert", "production", "verified", "before"), SHA),
    **dict.fromkeys(("files", "lines", "max_files", "max_lines", "shortest"), 3),
    "lead": "U0CAROL",
    "stage": "CI",
    "status": "HELD",
    "intent": "redeploy",
    "procedure": "hotfix",
    "reverts": ["R-7", "R-6"],
    "was_live": False,
    "redeploy": True,
    "note_wanted": True,
    "pull": "https://github.com/acme/shop/pull/9",
    "ci": "https://github.com/acme/shop/actions/runs/1",
    "deployed": {"sha": SHA, "ref": "main", "environment": "production", "state": None},
    "incidents": [{"incident": "INC-3", "title": "Checkout fails"}],
    "freezes": [{"freeze": "FRZ-2", "reason": "Black Friday", "until": None, "owner": "U0CAROL"}],
    "violations": [{"violation": "V-4", "rule": "X1", "code": "behaviour_changed"}],
    "criticals": ["INC-4", "#12"],
    "affected": ["checkout"],
    "known": ["checkout", "search"],
    "workflows": ["deploy.yml"],
    "issue": 41,
}


def full(code: str) -> dict[str, Any]:
    """Plausible values for a code, all that are documented."""
    silent, broken = [{"name": "catalogue", "error": "timed out"}], [{"name": "catalogue", "status": 502}]
    versions = ("version_strange", "version_returned", "deployed_without_ci", "deployed_without_release")
    special: dict[str, dict[str, Any]] = {
        Code.IDENTICAL: {"probes": 6},
        Code.DIFFERENCE_ACCEPTED: {"probes": 6},
        Code.STATUS_AS_BEFORE: {"probes": 6, "others": "invoice"},
        Code.NO_ERROR: {"probes": 6},
        Code.AS_BEFORE: {"probes": 6, "others": None},
        Code.PROBES_UNREACHED: {"probes": silent},
        Code.AFFECTED_UNREACHED: {"probes": silent},
        Code.AFFECTED_FAILING: {"probes": broken},
        Code.AFFECTED_OK: {"probes": ["catalogue"]},
        Code.LEAD_TAKEN: {"before": "U0BOB"},
        **{code: {"seen": 3} for code in (*versions, "deployed_in_freeze")},
        Code.CI_DID_NOT_START: {
            "others": [{"event": "workflow_dispatch", "url": "https://x.example", "branch": "main"}]
        },
    }
    return {name: VALUES.get(name, f"some {name}") for name in DOCUMENTED[code]} | special.get(code, {})


def test_the_documentation_is_read_whole() -> None:
    assert set(DOCUMENTED) == {c.value for c in Code}
    assert DOCUMENTED[Code.CHANGE_WAITS] == {"change", "have", "need", "whom"}
    assert DOCUMENTED[Code.NOT_FROZEN] == set()


def test_every_code_has_words_once_and_no_code_is_unknown() -> None:
    assert set(WORDS) == set(Code)
    assert len(GATES) + len(REFUSALS) + len(NOTICES) == len(WORDS)


def test_placeholders_are_documented_values() -> None:
    for code in Code:
        used = {name for template in WORDS[code] for name in fields(template)}
        assert used <= DOCUMENTED[code], f"{code} has no {used - DOCUMENTED[code]}"


@pytest.mark.parametrize("style", list(Style))
def test_every_code_is_said(style: Style) -> None:
    for code in Code:
        said = say(code, full(code), style=style)
        assert said[0].isupper() or not said[0].isalpha() or said.startswith(("some", "shop")), code
        for sign in ("None", "{", "}", "?:", "  ", "..", " .", "[]"):
            assert sign not in DATE.sub("then", said).replace("\n    ", "\n"), (code, said)
        if style is Style.PLAIN:
            assert "<" not in said, code
            assert "*" not in said.replace("docs/*", ""), code


def test_nothing_stored_makes_words_fail() -> None:
    """Rows of an older version, or values of a strange shape, are still shown."""
    for code in Code:
        for values in ({}, dict.fromkeys(DOCUMENTED[code]), {key: [{"odd": 1}, None, 3] for key in DOCUMENTED[code]}):
            assert say(code, values), code
            assert isinstance(brief(code, values), str), code


def test_a_code_nobody_knows_is_said_with_its_values() -> None:
    assert say("brand_new", {"service": "shop"}) == "brand new (service shop)"


@pytest.mark.parametrize("code", list(GATES))
def test_a_gate_that_does_not_pass_says_what_was_wanted_and_who_mends_it(code: str) -> None:
    gate = GATES[code]
    assert bool(gate.wanted) == bool(gate.mend)
    if not gate.wanted:
        assert not any(sign in code for sign in ("waits", "failed", "differs", "refused")), code


def test_parts_of_a_failure() -> None:
    said = parts(Code.UNREFERENCED, {"commits": [COMMIT], "count": 3, "change": "CR-12"})
    assert said.seen == (
        "1 of 3 commits references no change request:\n"
        "• <https://github.com/acme/shop/commit/4f2c9ab|4f2c9ab> tidy up by bob"
    )
    assert said.wanted == "every commit message references CR-12"
    assert said.mend == "Amend the message or take the commit out, push; then run `slipway preflight` again."


def test_in_plain_text() -> None:
    said = say(
        Code.FROZEN,
        {"freeze": "FRZ-2", "reason": "Black Friday", "until": AT, "owner": "U0CAROL"},
        names={"U0CAROL": "Carol"},
        style=Style.PLAIN,
    )
    assert said == (
        "FRZ-2 is in force until 2026-11-23 14:02 UTC: Black Friday. Wanted: no freeze. "
        "Wait for its end, or Carol or an approver ends it; then start again."
    )


def test_in_slack() -> None:
    said = say(Code.CHANGE_WAITS, {"change": "CR-1", "have": 0, "need": 1, "whom": ["S0APPROVERS", "U0CAROL"]})
    assert "<!subteam^S0APPROVERS> or <@U0CAROL> can approve it on its card." in said
    named = say(Code.RELEASE_ABORTED, {"release": "R-7", "by": "U0CAROL", "reason": "no", "left": None})
    assert named == "R-7 was aborted by <@U0CAROL>: no."


def test_a_finding_inside_a_notice_is_said_whole() -> None:
    values = {"workflow": "deploy.yml", "conclusion": "failure", "job": "test", "step": "run", "log": ["a", "b"]}
    said = say(Code.RELEASE_HELD, {"release": "R-7", "stage": "CI", "finding": {"code": "ci_failed", "values": values}})
    assert said.startswith("⏸️ R-7 is HELD in CI. `deploy.yml` failed in job test at step run. See the run.\n```a\nb```")
    assert "{" not in say(Code.RELEASE_HELD, {"release": "R-7", "stage": "CI", "finding": "{owner:who}"})


def test_commands_carry_the_prefix() -> None:
    said = say(Code.LOCK_LOST, {"lock": "acme/shop@main"}, pen=Pen(prefix="acme-"))
    assert "`/acme-release status`" in said


def test_what_was_asked_for_may_name_a_person() -> None:
    said = say(
        Code.NO_ROLE,
        {"roles": ["approver"], "holders": ["U0CAROL"], "what": "abort a release of <@U0ALICE>"},
        names={"U0CAROL": "Carol", "U0ALICE": "Alice"},
    )
    assert said == "To abort a release of Alice you need to be an approver. That is: Carol."


@pytest.mark.parametrize(
    "still, said",
    [
        (None, ""),
        ([], " Releases may start again."),
        (["FRZ-1"], " FRZ-1 is still in force."),
        (["FRZ-1", "FRZ-3"], " FRZ-1 and FRZ-3 are still in force."),
    ],
)
def test_releases_may_start_again_when_no_other_freeze_holds_them(still: list[str] | None, said: str) -> None:
    ended = say(Code.FREEZE_ENDED, {"freeze": "FRZ-2", "services": ["shop"], "by": None, "still": still})
    assert ended == f"FRZ-2 has ended for `shop`: its time was up.{said}"


@pytest.mark.parametrize(
    ("woken", "said"),
    [
        (["U0ALICE", "U0CAROL"], " Woken, for the incident role: <@U0ALICE> and <@U0CAROL>."),
        ([], " Nobody is woken: no one else has the incident role. Tell a releaser or an approver yourself."),
        (None, ""),
    ],
)
def test_who_declares_an_incident_reads_whom_that_woke(woken: list[str] | None, said: str) -> None:
    values = {"incident": "INC-1", "title": "Carts fail", "channel": None, "woken": woken}
    shown = say(Code.INCIDENT_DECLARED, values)
    assert shown.startswith("INC-1 is declared: Carts fail. ") and shown.partition(" Its card is in ")[2].endswith(
        f".{said}"
    )


def test_every_kind_is_used() -> None:
    text = " ".join(template for templates in WORDS.values() for template in templates)
    assert [kind for kind in KINDS if f":{kind}" not in text and kind != "text"] == []


def test_an_error_of_a_form_has_no_marks_that_a_form_shows_as_they_are() -> None:
    frozen = {"freeze": "FRZ-1", "reason": "peak", "until": "2026-11-23T14:00:00+00:00", "owner": "U0CAROL"}
    said = say(Code.FROZEN, frozen, {"U0CAROL": "Carol"}, Style.FORM)
    assert "until 23 November, 14:00 UTC: peak" in said
    for zone, shown in (("Europe/Berlin", "15:00 your time"), ("Mars/Base", "14:00 UTC")):
        here = Pen(style=Style.FORM, zone=zone)
        assert f"until 23 November, {shown}: peak" in say(Code.FROZEN, frozen, pen=here)
    areas = say(Code.UNKNOWN_AREA, {"areas": ["everything"], "features": ["checkout"]}, style=Style.FORM)
    assert "“everything”" in areas and "“docs/*”" in areas and "`" not in areas
