"""Which runs are of the designated branch, and which are older than a push."""

from types import SimpleNamespace
from typing import Any

import pytest
from github import UnknownObjectException

from bot.github.reader import Reader, _older
from bot.sop.records import Pushed
from tests.sop import good as g

PUSH = Pushed(sha=g.SHA, tree=g.TREE, at=g.NOW, by=None)


def a_run(**changes: Any) -> Any:
    known = {"head_sha": g.BASE, "head_branch": "main", "status": "waiting", "of": "acme/shop"} | changes
    return SimpleNamespace(**known, head_repository=SimpleNamespace(full_name=known["of"]) if known["of"] else None)


@pytest.mark.parametrize(
    ("changes", "older"),
    [
        ({}, True),
        ({"of": "Acme/Shop"}, True),
        ({"of": "mallory/shop"}, False),  # a fork's own main
        ({"of": None}, False),  # a fork that is gone
        ({"head_branch": "faster"}, False),
        ({"head_branch": None}, False),
        ({"head_sha": g.SHA}, False),
        ({"status": "completed"}, False),
    ],
)
def test_what_could_deploy_over_a_push(changes: dict[str, Any], older: bool) -> None:
    assert _older(a_run(**changes), g.service(), PUSH) is older


@pytest.mark.parametrize("newer", [99, 100])
def test_one_that_waits_behind_a_page_of_newer_ones_is_asked_for(monkeypatch: pytest.MonkeyPatch, newer: int) -> None:
    waiting = a_run(id=1)
    done = [a_run(id=n + 2, status="completed", conclusion="failure", path="x.yml") for n in range(newer)]

    def listed(_repo: Any, **query: str) -> list[Any]:
        return done if "status" not in query else [waiting] if query["status"] == "waiting" else []

    monkeypatch.setattr("bot.github.reader.listed", listed)
    monkeypatch.setattr("bot.github.reader.run_fact", lambda run, _jobs: g.run(id=run.id))
    repo: Any = SimpleNamespace(get_workflow_runs=lambda **_: [])
    github: Any = SimpleNamespace(get_repo=lambda _: repo)
    found = Reader(github).runs(g.service(), PUSH).older_unfinished
    assert [r.id for r in found] == ([1] if newer == 100 else [])


def test_a_history_that_was_replaced_has_no_commits_since() -> None:
    """GitHub compares nothing that shares no ancestor; the branch has moved all the same."""

    def compare(_base: str, _head: str) -> Any:
        raise UnknownObjectException(404, {"message": "No common ancestor"}, {})

    commit = SimpleNamespace(sha="7" * 40, commit=SimpleNamespace(tree=SimpleNamespace(sha=g.TREE)))
    requester = SimpleNamespace(requestJson=lambda *_, **__: (200, {}, "[]"))
    branch = SimpleNamespace(commit=commit)
    repo: Any = SimpleNamespace(url="u", get_branch=lambda _: branch, compare=compare, requester=requester)
    github: Any = SimpleNamespace(get_repo=lambda _: repo)
    tip = Reader(github).tip(g.service(), g.BASE)
    assert (tip.sha, tip.ahead) == ("7" * 40, ())
