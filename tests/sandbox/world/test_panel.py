"""The panel over HTTP: what the page is promised, and every control doing what it says."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.panel.bot import BotSection
from bot.sandbox.world.production import Production
from bot.sandbox.world.start import Handles, start_world

KINDS = {"button", "switch", "select", "text"}
TONES = {"good", "bad", "busy", "plain"}


@pytest.fixture(scope="module")
def handles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handles]:
    handles = start_world(tmp_path_factory.mktemp("world"))
    yield handles
    handles.stop()


def sections(handles: Handles, laptop: str = "alice") -> dict[str, Any]:
    panel = httpx.get(f"{handles.panel.url}/world/panel", params={"laptop": laptop}).json()
    return {section["id"]: section for section in panel["sections"]}


def lines(handles: Handles, section: str, laptop: str = "alice") -> dict[str, str]:
    return {line["label"]: line["value"] for line in sections(handles, laptop)[section]["status_lines"]}


def values(handles: Handles, section: str, laptop: str = "alice") -> dict[str, Any]:
    return {control["id"]: control.get("value") for control in sections(handles, laptop)[section]["controls"]}


def do(handles: Handles, section: str, control: str, value: Any = None, laptop: str = "alice") -> str:
    body = {"section": section, "control": control, "value": value, "user": "U0ALICE", "laptop": laptop}
    answer = httpx.post(f"{handles.panel.url}/world/do", json=body, timeout=30).json()
    assert answer["ok"], answer
    return str(answer["message"])


def refused(handles: Handles, section: str, control: str, value: Any = None, laptop: str = "alice") -> str:
    body = {"section": section, "control": control, "value": value, "laptop": laptop}
    answer = httpx.post(f"{handles.panel.url}/world/do", json=body).json()
    assert answer["ok"] is False
    return str(answer["message"])


def until(seen: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_the_panel_has_the_shape_the_page_expects(handles: Handles) -> None:
    shown = sections(handles)
    assert list(shown) == ["laptop", "ci", "production", "around", "switches"]
    for section in shown.values():
        assert set(section) == {"id", "title", "status_lines", "controls", "log"}
        assert all(line["tone"] in TONES and {"label", "value"} <= set(line) for line in section["status_lines"])
        assert all(control["kind"] in KINDS for control in section["controls"])
        ids = [control["id"] for control in section["controls"]]
        assert len(ids) == len(set(ids))
        for control in section["controls"]:
            if control["kind"] == "select":
                assert control["value"] in [option["value"] for option in control["options"]]


def test_one_button_prepares_what_a_release_can_start_from(handles: Handles) -> None:
    assert refused(handles, "laptop", "good_change") == "First say which change request this is for, for example CR-1"
    do(handles, "laptop", "reference", " cr-12 ")
    said = do(handles, "laptop", "good_change")
    assert said.endswith("stands on cr-12-faster-checkout at GitHub")
    alice = handles.world.laptop("alice")
    assert handles.world.github.head_of("cr-12-faster-checkout") == alice.head
    assert lines(handles, "laptop")["Branch"] == "cr-12-faster-checkout · 1 ahead of main at GitHub"
    assert lines(handles, "laptop")["Last commit"].endswith(" CR-12 Pack orders faster")
    assert "cr-12-faster-checkout-2" in do(handles, "laptop", "good_change")


def test_step_by_step_on_bobs_laptop(handles: Handles) -> None:
    def bob(control: str, value: Any = None) -> str:
        return do(handles, "laptop", control, value, laptop="bob")

    bob("reference", "CR-3")
    assert bob("new_branch", "more results!") == "On the new branch more-results"
    bob("edit", "more_results")
    bob("dirty")
    assert lines(handles, "laptop", "bob")["Tree"] == "2 uncommitted: shop/search.py, notes-to-self.txt"
    assert bob("commit_bare").endswith("without a change request")
    bob("push")
    bob("reword")
    assert lines(handles, "laptop", "bob")["Last commit"].endswith(" CR-3 Show one more search result")
    diverged = refused(handles, "laptop", "push", laptop="bob")
    assert diverged.startswith("Git refuses: more-results at GitHub has commits that are not here")
    assert bob("force_push") == "more-results at GitHub is as it is here"
    assert handles.world.github.head_of("more-results") == handles.world.laptop("bob").head
    bob("switch", "main")
    assert refused(handles, "laptop", "commit", laptop="bob") == "there is nothing to commit"


def test_each_window_looks_at_the_laptop_that_it_has_chosen(handles: Handles) -> None:
    shown = [sections(handles, login)["laptop"] for login in ("alice", "bob", "nobody")]
    assert [one["title"] for one in shown] == ["Laptop of Alice Ade", "Laptop of Bob Baker", "Laptop of Alice Ade"]
    (choice,) = [c for c in shown[1]["controls"] if c["id"] == "person"]
    assert (choice["kept"], choice["value"]) == ("laptop", "bob")
    do(handles, "laptop", "reference", "CR-8", laptop="bob")
    assert [values(handles, "laptop", login)["reference"] == "CR-8" for login in ("alice", "bob")] == [False, True]


def test_preflight_runs_beside_the_panel(handles: Handles) -> None:
    assert "preflight command" in refused_later(handles)
    script = "import sys; print('checking'); sys.stdin.read(); sys.exit(2)"
    command = {"command": [sys.executable, "-c", script], "environment": {}}
    httpx.post(f"{handles.panel.url}/world/preflight", json=command)
    do(handles, "laptop", "preflight")
    until(lambda: lines(handles, "laptop")["Preflight"] == "failed with exit code 2", "preflight ends")
    assert sections(handles)["laptop"]["log"][-2:] == ["checking", "(exit code 2)"]


def refused_later(handles: Handles) -> str:
    """Pressing the button works; what came of it stands in the status line."""
    do(handles, "laptop", "preflight")
    until(lambda: lines(handles, "laptop")["Preflight"] != "running", "preflight is refused")
    return lines(handles, "laptop")["Preflight"]


def test_while_preflight_runs_the_laptop_waits(handles: Handles) -> None:
    command = [sys.executable, "-c", "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.02)"]
    httpx.post(f"{handles.panel.url}/world/preflight", json={"command": command, "environment": {}})
    do(handles, "laptop", "preflight")
    until(lambda: handles.world.laptop("alice").preflighting, "preflight starts")
    assert refused(handles, "laptop", "discard").startswith("Preflight is running on this laptop")
    (handles.world.laptop("alice").checkout / "go").touch()
    until(lambda: lines(handles, "laptop")["Preflight"].startswith("passed"), "preflight passes")
    do(handles, "laptop", "discard")


def test_a_push_shows_in_ci_and_production(handles: Handles) -> None:
    do(handles, "laptop", "switch", "main")
    do(handles, "laptop", "reset")
    do(handles, "laptop", "reference", "CR-4")
    do(handles, "laptop", "edit", "bigger_discount")
    do(handles, "laptop", "commit")
    do(handles, "laptop", "push_main")
    sha = handles.world.laptop("alice").head
    until(lambda: lines(handles, "ci").get("deploy #1") == f"success · main {sha[:7]}", "the run succeeds")
    assert "rollout complete" in sections(handles)["ci"]["log"]
    shown = lines(handles, "production")
    assert (shown["Instance a"], shown["Instance b"]) == (sha[:7], sha[:7])
    do(handles, "around", "rerun")
    until(lambda: lines(handles, "ci")["deploy #1"].endswith(", attempt 2"), "the second attempt is shown")
    until(lambda: lines(handles, "ci")["deploy #1"].startswith("success"), "the second attempt ends")


@pytest.mark.parametrize(
    "control",
    [
        "failing_test",
        "never_starts",
        "slow_ci",
        "hold_deploy",
        "stall",
        "half_fleet",
        "variable",
        "down",
        "slow",
        "github_down",
        "rate_limit",
        "webhooks_off",
    ],
)
def test_a_switch_shows_how_it_stands(handles: Handles, control: str) -> None:
    assert values(handles, "switches")[control] is False
    do(handles, "switches", control, True)
    assert values(handles, "switches")[control] is True
    do(handles, "switches", control, False)
    assert values(handles, "switches")[control] is False


def test_critical_issues(handles: Handles) -> None:
    number = do(handles, "switches", "open_critical", "Carts are emptied").split()[1]
    assert lines(handles, "switches")["CRITICAL"] == f"{number} Carts are emptied"
    assert do(handles, "switches", "close_criticals") == "1 closed"


def test_production_changed_by_hand_is_shown(handles: Handles) -> None:
    do(handles, "around", "configure")
    assert lines(handles, "production")["By hand"] == "SHOP_DISCOUNT_PERCENT=25"
    do(handles, "around", "edit")
    assert "edited by hand: shop/checkout.py" in lines(handles, "production")["Instance a"]
    assert "holds no" in refused(handles, "around", "edit")
    do(handles, "around", "version")
    do(handles, "around", "break_probe")
    assert httpx.get(f"{handles.service.url}/cart/total?items=1").status_code == 500
    do(handles, "around", "restore")
    assert httpx.get(f"{handles.service.url}/cart/total?items=1").status_code == 200
    assert lines(handles, "production")["By hand"] == "none"
    assert "by hand" not in lines(handles, "production")["Instance a"]
    assert do(handles, "production", "restart") == "Both instances have been restarted"


def test_what_is_not_there_is_refused(handles: Handles) -> None:
    assert refused(handles, "garage", "door") == "there is no section garage"
    assert refused(handles, "laptop", "explode") == "laptop has no control explode"
    assert refused(handles, "laptop", "edit", "nonsense") == "there is no change nonsense"
    assert httpx.post(f"{handles.panel.url}/world/do", content=b"[").json()["ok"] is False


def test_what_goes_around_the_sop_is_a_button_each(handles: Handles) -> None:
    handles.world.heal()
    before = handles.world.github.head_of("main")
    assert "past CI" in do(handles, "around", "deploy")
    handles.world.github.never_starts()
    do(handles, "around", "push")
    pushed = handles.world.github.head_of("main")
    assert pushed != before
    assert do(handles, "around", "dispatch").endswith("was started by hand")
    do(handles, "ci", "cancel")
    do(handles, "around", "force_push")
    forced = handles.world.github.head_of("main")
    assert forced not in (before, pushed)
    do(handles, "switches", "heal")
    for control in sections(handles)["around"]["controls"]:
        assert control["hint"], control


def test_preflight_of_an_older_commit_is_said_to_be_that(handles: Handles) -> None:
    command = {"command": [sys.executable, "-c", ""], "environment": {}}
    httpx.post(f"{handles.panel.url}/world/preflight", json=command)
    do(handles, "laptop", "reference", "CR-5")
    do(handles, "laptop", "good_change")
    do(handles, "laptop", "preflight")
    until(lambda: lines(handles, "laptop")["Preflight"] == "passed", "preflight passes")
    head = handles.world.laptop("alice").head[:7]
    do(handles, "laptop", "dirty")
    assert lines(handles, "laptop")["Preflight"] == f"passed for {head}, before these edits: run it again"
    do(handles, "laptop", "commit")
    assert lines(handles, "laptop")["Preflight"] == f"passed for {head}, of an older commit: run it again"
    assert lines(handles, "laptop", "bob")["Preflight"] == "not run yet"


def test_the_branch_is_compared_with_github_as_it_is_now(handles: Handles) -> None:
    do(handles, "laptop", "switch", "main")
    do(handles, "laptop", "reset")
    assert lines(handles, "laptop")["Branch"] == "main · level with main at GitHub"
    handles.world.github.never_starts()
    handles.world.push_without_release()
    assert lines(handles, "laptop")["Branch"] == "main · 1 behind main at GitHub"
    do(handles, "switches", "github_down", True)
    assert lines(handles, "laptop")["Branch"] == "main · 1 behind main as last seen at GitHub"
    assert lines(handles, "ci")["GitHub"].startswith("GitHub answered 503")
    do(handles, "switches", "heal")


def test_a_bug_that_is_on_main_is_mended_on_a_branch_of_its_own(handles: Handles) -> None:
    alice = handles.world.laptop("alice")
    handles.world.github.never_starts()
    do(handles, "laptop", "reference", "CR-6")
    do(handles, "laptop", "leak")
    assert alice.on == "cr-6-remember-prices"
    with handles.world.github.let_past("alice"):
        do(handles, "laptop", "push_main")
    do(handles, "laptop", "reference", "CR-7")
    assert do(handles, "laptop", "mend_change").endswith("stands on cr-7-mend at GitHub")
    with handles.world.github.let_past("alice"):
        do(handles, "laptop", "push_main")
    assert do(handles, "switches", "load").endswith("were answered")
    do(handles, "laptop", "bad_change")
    assert alice.on == "cr-7-totals"
    do(handles, "laptop", "mend_change")
    assert (alice.on, alice.position) == ("cr-7-totals", (2, 0))
    do(handles, "switches", "heal")


def test_a_world_that_cannot_be_reached_is_shown_so(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:1"
    handles = start_world(tmp_path)
    handles.world.production = Production(nowhere)
    handles.world.github.url = nowhere
    shown = sections(handles)
    told = {id_: [line["value"] for line in section["status_lines"]] for id_, section in shown.items()}
    assert told["production"] == ["production cannot be reached: [Errno 111] Connection refused"]
    assert told["ci"] == ["GitHub cannot be reached: [Errno 111] Connection refused"]
    assert "as last seen at GitHub" in told["laptop"][0]
    assert refused(handles, "around", "edit").startswith("production cannot be reached")
    assert refused(handles, "around", "push").startswith("GitHub cannot be reached")
    handles.stop()


def test_the_bot_is_killed_where_its_process_is_known(tmp_path: Path) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    file = tmp_path / "bot.pid"
    section = BotSection(file)
    assert section.section().lines[0].value == "ended; it is started again"
    with pytest.raises(NotPossible, match="The bot is not running"):
        section.section().controls[0].do(None)
    file.write_text(str(sleeper.pid))
    assert section.section().lines[0].value == f"{sleeper.pid}, running"
    section.section().controls[0].do(None)
    assert sleeper.wait(10) == -9
    assert section.section().lines[1].value == "1 time"
