"""Who may import what, and the purity that an import list cannot see. The rows stand in pyproject.toml."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from grimp import ImportGraph

from tests.rooms import Rooms, inside

ROOT = Path(__file__).parent.parent
CLOCKS = {"datetime", "date", "time"}  # nothing may be called on these that reads the clock
READS_CLOCK = {"now", "utcnow", "today", "time", "time_ns", "monotonic"}
LONGEST_FUNCTION = 60


def lint_options() -> dict[str, Any]:
    options: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    return options


def test_the_rooms_are_kept() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout


def modules() -> list[str]:
    found = []
    for top in ("bot", "storage"):
        for path in (ROOT / top).rglob("*.py"):
            if "sample" not in path.parts and "versions" not in path.parts:
                found.append(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    return found


def test_every_module_has_a_room() -> None:
    rooms = [row.split(":")[0] for row in lint_options()["contracts"][0]["rooms"]]
    assert [m for m in modules() if m != "bot" and not any(inside(m, room) for room in rooms)] == []


def graph(**imports: list[str]) -> ImportGraph:
    """`a__b=["c"]`: module a.b imports c; packages that are not ours begin with `x`."""
    made = ImportGraph()
    ours = {name.replace("__", ".") for name in imports} | {"bot"}
    for name in ours:
        made.add_module(name)
    for name, targets in imports.items():
        for target in targets:
            if target not in ours:
                made.add_module(target, is_squashed=True)
            made.add_import(importer=name.replace("__", "."), imported=target)
    return made


def said(rows: list[str], imports: dict[str, list[str]]) -> list[str]:
    contract = Rooms(name="rooms", session_options={}, contract_options={"rooms": rows})
    check = contract.check(graph(**imports), verbose=False)
    lines: list[str] = check.metadata["said"]
    assert check.kept == (not lines)
    return lines


@pytest.mark.parametrize(
    ("rows", "imports", "wanted"),
    [
        (["bot.a: bot.b"], {"bot__a": ["bot.b", "json"], "bot__b": []}, []),
        (["bot.a:", "bot.b:"], {"bot__a": ["bot.b"], "bot__b": []}, ["bot.a imports bot.b: bot.a may import nothing"]),
        (["bot.a: xdep"], {"bot__a": ["xother"]}, ["bot.a imports xother: bot.a may import xdep"]),
        (["bot.a: bot.b"], {"bot__a": ["bot.b.c"], "bot__b__c": []}, []),
        (["bot.a: bot.b"], {"bot__a": ["bot.bc"], "bot__bc": []}, ["bot.a imports bot.bc: bot.a may import bot.b"]),
        (["bot.a:"], {"bot__a": [], "bot__a__in": ["bot.a"]}, []),
        (
            ["bot.a:", "bot.a.in:"],
            {"bot__a": ["bot.a.in"], "bot__a__in": ["bot.a"]},
            ["bot.a.in imports bot.a: bot.a.in may import nothing"],
        ),
        (["bot.a:"], {"bot__a": [], "bot__new": ["xdep"]}, ["bot.new imports xdep and belongs to no room"]),
        (["bot.gone:"], {"bot__a": []}, ["bot.gone has a row but is not there"]),
    ],
)
def test_the_contract_itself(rows: list[str], imports: dict[str, list[str]], wanted: list[str]) -> None:
    assert said(rows, imports) == wanted


def calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def impure(call: ast.Call) -> bool:
    """`datetime.now()`, `time.time()`, `open()` and their like."""
    if isinstance(call.func, ast.Name):
        return call.func.id in {"open", "print", "input"}
    on = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(on, ast.Name) and on.id in CLOCKS and ast.unparse(call.func).split(".")[-1] in READS_CLOCK


@pytest.mark.parametrize("room", ["sop", "words"])
def test_pure_rooms_read_no_clock_and_no_file(room: str) -> None:
    paths = list((ROOT / "bot" / room).rglob("*.py"))
    assert paths
    assert [f"{path.name}:{call.lineno}" for path in paths for call in calls(path) if impure(call)] == []


def test_functions_stay_small() -> None:
    """The aim is below 40 lines; a table of routes or checks may take more, nothing takes much more."""
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for top in ("bot", "storage")
        for path in (ROOT / top).rglob("*.py")
        if "sample" not in path.parts and "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []
