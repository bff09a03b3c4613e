"""Parts that do not come up, and parts that do not want to end."""

import sys
from pathlib import Path

import pytest

from bot.demo import parts as module
from bot.demo.parts import PartFailed, Parts, said_ready


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_part_that_ends_while_starting_is_told_with_its_words(tmp_path: Path) -> None:
    with Parts(tmp_path) as parts:
        part = parts.start("Bot", python("print('no such module'); raise SystemExit(3)"), {})
        with pytest.raises(PartFailed, match=r"Bot ended while starting \(exit code 3\):\n  no such module"):
            parts.until_ready(part, said_ready)
        part.go()


def test_what_ends_first_is_named_unless_it_is_what_is_waited_for(tmp_path: Path) -> None:
    with Parts(tmp_path) as parts:
        parts.start("World", python("import sys; print('ready http://x', flush=True); sys.stdin.read()"), {})
        play = parts.start("Play", python("raise SystemExit(4)"), {})
        assert parts.until_ended(play) == 4
        parts.start("GitHub", python(""), {})
        with pytest.raises(PartFailed, match=r"GitHub has ended \(exit code 0\):\n  \(it wrote nothing\)"):
            parts.until_ended(play)


def test_a_part_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE", 0.3)
    stubborn = "import time; print('ready', '!', flush=True); time.sleep(600)"
    with Parts(tmp_path) as parts:
        part = parts.start("Slack", python(stubborn), {})
        parts.until_ready(part, said_ready)
    assert part.process.returncode == -9
