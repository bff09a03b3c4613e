"""Records as JSON and back."""

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import kept
from bot.sandbox.github.ci.workflow import Concurrency
from bot.sandbox.github.state import Comment, Issue, Label, Pull
from bot.sandbox.kept import Keeper, dump, load


@pytest.mark.parametrize(
    "value",
    [
        None,
        [1, 2.5, "x", True, None],
        {"a": {("block", "action"): [1]}, 3: {"b"}},
        (1, (2, frozenset({3}))),
        datetime(2026, 11, 23, 4, 5, 6, 789, UTC),
        {"is": "no record", "record": 1, "at": "home"},
        Label("critical", description="it's “broken”"),
        Concurrency("group", cancel=True),  # frozen
    ],
)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert load(dump(value, {}), {}) == value


def test_what_two_share_stays_shared() -> None:
    issue = Issue(1, "Broken", "alice", comments=[Comment("bob", "Indeed")])
    known = load(dump({"issues": [issue], "pulls": [Pull(issue, "topic", "main", "a" * 40)]}, {}), {})
    assert known["issues"][0] == issue
    assert known["pulls"][0].issue is known["issues"][0]


def test_what_is_not_ours_is_referred_to() -> None:
    lock, other = threading.Lock(), threading.Lock()
    text = dump([lock], {"the lock": lock})
    assert load(text, {"the lock": other}) == [other]
    with pytest.raises(KeyError):
        load(text, {})


@pytest.mark.parametrize("value", [threading.Lock(), object(), {"x": Path(".")}, [b"bytes"]])
def test_what_is_no_record_is_not_written(value: Any) -> None:
    with pytest.raises(TypeError, match="is not kept"):
        dump(value, {})


@dataclass
class Foreign:
    """A dataclass that the sandbox does not own."""

    secret: str = field(default="x")


def test_only_records_of_the_sandbox_are_made() -> None:
    with pytest.raises(TypeError):
        dump(Foreign(), {})
    for name in ("subprocess:Popen", "bot.sandbox.kept:dump", "bot.sandbox.kept:json", f"{__name__}:Foreign"):
        text = json.dumps({"value": {"record": 0}, "records": [{"is": name, "has": {}}]})
        with pytest.raises(ValueError, match="is no record of the sandbox"):
            load(text, {})


def test_a_file_of_another_version_says_what_to_do() -> None:
    text = dump(Label("critical"), {})
    with pytest.raises(ValueError, match=r"begin anew \(--fresh\)"):
        load(text.replace('"name"', '"title"'), {})


def test_a_keeper_writes_what_is_new_and_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "EVERY", 0.01)
    file, said, looked = tmp_path / "state.json", ["one"], threading.Event()

    def look() -> str:
        looked.set()
        return said[-1]

    keeper = Keeper(file, look)
    keeper.start()
    assert looked.wait(10)
    said.append("two")
    keeper.stop()
    assert file.read_text() == "two"
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
