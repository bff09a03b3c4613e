"""Reading workflow files and their expressions."""

from typing import Any

import pytest

from bot.sandbox.github.ci.expressions import ExpressionError, Scope, evaluate, fill, holds
from bot.sandbox.github.ci.trigger import skips
from bot.sandbox.github.ci.workflow import WorkflowError, matches, read

CONTEXTS = {"github": {"ref_name": "main", "run": 7}, "env": {"A": "x"}, "steps": {"s-1": {"outputs": {"v": "1"}}}}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("github.ref_name == 'MAIN'", True),
        ("github.ref_name != 'main' || env.A == 'x'", True),
        ("!(env.A == 'y') && github.run > 6", True),
        ("steps.s-1.outputs.v == 1", True),
        ("steps['s-1'].outputs['v']", "1"),
        ("github.missing.deeper", None),
        ("github.missing || 'default'", "default"),
        ("contains('Hello', 'ell') && startsWith('Hello', 'he') && endsWith('Hello', 'LO')", True),
        ("format('{0}-{1}', 'a', 2)", "a-2"),
        ("contains(fromJSON('[1, 2]'), 2)", True),
        ("join(fromJSON('[\"a\", \"b\"]'), '+')", "a+b"),
        ("'it''s'", "it's"),
        ("null == ''", True),
    ],
)
def test_expressions(expression: str, value: Any) -> None:
    assert evaluate(expression, Scope(CONTEXTS)) == value


def test_filling() -> None:
    text = "on ${{ github.ref_name }} run ${{github.run}} ${{ env.NONE }}."
    assert fill(text, Scope(CONTEXTS)) == "on main run 7 ."
    for broken in ("1 +", "unknown()", "(1", "'open"):
        with pytest.raises(ExpressionError):
            evaluate(broken, Scope({}))


@pytest.mark.parametrize(
    ("condition", "goes"),
    [
        (None, {"success"}),
        ("env.A == 'x'", {"success"}),
        ("${{ always() }}", {"success", "failure", "cancelled"}),
        ("failure()", {"failure"}),
        ("cancelled() || failure()", {"failure", "cancelled"}),
        ("!cancelled()", {"success", "failure"}),
    ],
)
def test_conditions(condition: str | None, goes: set[str]) -> None:
    states = ("success", "failure", "cancelled")
    assert {state for state in states if holds(condition, Scope(CONTEXTS, state))} == goes


@pytest.mark.parametrize(
    ("name", "patterns", "found"),
    [
        ("main", ["main"], True),
        ("feature/a", ["*"], False),
        ("feature/a", ["**"], True),
        ("feature/a/b", ["feature/**"], True),
        ("releases/v2-old", ["releases/**", "!releases/**-old"], False),
        ("v2", ["v[12]"], True),
        ("main.x", ["main?x"], False),
        ("docs/a/b.md", ["**/*.md"], True),
    ],
)
def test_filters(name: str, patterns: list[str], found: bool) -> None:
    assert matches(name, patterns) is found


@pytest.mark.parametrize(
    "text",
    [
        "just text",
        "on: push",
        "on: push\njobs: {}",
        "jobs: {a: {steps: [{run: x}]}}",
        "on: push\njobs: {a: {steps: [{name: nothing}]}}",
        "on: push\njobs: {a: {needs: b, steps: [{run: x}]}}",
        "on: [\n",
    ],
)
def test_files_that_cannot_start(text: str) -> None:
    with pytest.raises(WorkflowError):
        read("x.yml", text)


def test_triggers_in_all_their_spellings() -> None:
    body = "jobs: {a: {steps: [{run: x}]}}"
    assert read("x.yml", f"on: push\n{body}").runs_on_push("refs/heads/any", [])
    assert read("x.yml", f"on: [push, pull_request]\n{body}").runs_on_push("refs/heads/any", [])
    assert not read("x.yml", f"on: workflow_dispatch\n{body}").runs_on_push("refs/heads/any", [])
    assert not read("x.yml", f"on: {{push: {{branches-ignore: [any]}}}}\n{body}").runs_on_push("refs/heads/any", [])
    only = read("x.yml", f"on: {{push: {{paths: ['shop/**']}}}}\n{body}")
    assert only.runs_on_push("refs/heads/any", ["shop/a.py"])
    assert not only.runs_on_push("refs/heads/any", ["docs/a.md"])


def test_skip_markers_only_where_they_count() -> None:
    assert skips("x [skip ci] y") and skips("x\n\nbody\n\nskip-checks:true\n")
    assert not skips("skip ci") and not skips("skip-checks: true as a word")
