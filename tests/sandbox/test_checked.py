"""What a part of the sandbox is started with: found where it can be, else said in a sentence."""

from pathlib import Path

import pytest

from bot.sandbox import checked
from bot.sandbox.__main__ import remembered
from bot.sandbox.checked import CannotStart
from bot.sandbox.kept import Keeper

ROOT = Path(__file__).parents[2]


def test_the_manifest_is_that_here_else_that_of_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert checked.manifest(None) == ROOT / "manifest.yml"
    monkeypatch.setattr(checked, "MANIFEST", tmp_path / "installed" / "manifest.yml")
    with pytest.raises(CannotStart, match=r"there is no manifest\.yml here: give --manifest FILE"):
        checked.manifest(None)
    (tmp_path / "manifest.yml").write_text((ROOT / "manifest.yml").read_text())
    assert checked.manifest(None) == Path("manifest.yml")


@pytest.mark.parametrize("written", ["", "x", "[]", "features: 1", "{", "display_information: {}"])
def test_what_is_no_manifest_is_said(written: str, tmp_path: Path) -> None:
    (tmp_path / "some.yml").write_text(written)
    with pytest.raises(CannotStart, match=r"some\.yml is no Slack app manifest"):
        checked.manifest(tmp_path / "some.yml")


def test_a_file_that_keeps_something_else_is_said(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text("x")

    def keeper(_: None, there: Path) -> Keeper:
        raise ValueError(there.read_text())

    with pytest.raises(CannotStart, match="is not what this part has kept: name another file, or delete it"):
        remembered(keeper, None, file)
    assert remembered(keeper, None, None) is None
