"""The reader against the sandbox's GitHub: real git, real PyGithub."""

import pytest

from bot.github.reader import Reader
from bot.sandbox.world.start import Handles
from bot.sop.facts import CannotLook
from bot.sop.policy import Service
from bot.sop.records import Pushed
from tests.sop.good import NOW


def base_of(handles: Handles) -> str:
    return handles.world.github.head_of("main")


def test_a_candidate_is_its_commits_paths_and_place(handles: Handles, reader: Reader, service: Service) -> None:
    alice, base = handles.world.laptop("alice"), base_of(handles)
    alice.new_branch("faster")
    alice.edit("faster_checkout")
    sha = alice.commit("CR-1: faster checkout")
    alice.push()
    found = reader.candidate(service, "faster", base, with_paths=True)
    assert (found.sha, found.branch, found.tip, found.contains_tip) == (sha, "faster", base, True)
    assert [(c.sha, c.author, c.committer, c.message) for c in found.commits] == [
        (sha, "alice", "alice", "CR-1: faster checkout")
    ]
    assert found.paths == found.commits[0].paths == ("shop/checkout.py",)
    assert found.lines == 2  # one line became another
    assert found.tree == found.commits[0].tree
    assert not found.truncated
    by_commit = reader.candidate(service, sha, base, with_paths=False)
    assert (by_commit.sha, by_commit.branch) == (sha, "faster")


def test_a_candidate_that_does_not_exist_says_so(handles: Handles, reader: Reader, service: Service) -> None:
    with pytest.raises(CannotLook, match="nowhere"):
        reader.candidate(service, "nowhere", base_of(handles), with_paths=False)


def test_no_run_yet_is_an_answer(handles: Handles, reader: Reader, service: Service) -> None:
    runs = reader.runs(service, Pushed(sha=base_of(handles), tree="0" * 40, at=NOW, by=None))
    assert (runs.of_push, runs.older_unfinished, runs.usual_seconds) == ((), (), None)


def test_the_tip_says_what_came_by_whom(handles: Handles, reader: Reader, service: Service) -> None:
    bob, base = handles.world.laptop("bob"), base_of(handles)
    assert reader.tip(service, base).ahead == ()
    bob.edit("unrelated_file")
    sha = bob.commit("CR-2: something")
    bob.push_main()
    tip = reader.tip(service, base)
    assert (tip.sha, [c.sha for c in tip.ahead], tip.pushed_by) == (sha, [sha], "bob")
    assert tip.pushed_at is not None
    run = handles.world.github.run_of(sha, within=30)
    assert run is not None
    runs = reader.runs(service, Pushed(sha=sha, tree=tip.tree, at=NOW, by=None))
    (found,) = runs.of_push
    assert (found.workflow, found.event, found.head_sha, found.head_branch) == ("deploy.yml", "push", sha, "main")
    behind = reader.candidate(service, base, base, with_paths=False)
    assert not behind.contains_tip


def test_open_criticals_are_issues_with_the_label(handles: Handles, reader: Reader, service: Service) -> None:
    assert reader.criticals(service) == ()
    handles.world.github.open_critical("Checkout is down")
    (issue,) = reader.criticals(service)
    assert issue.title == "Checkout is down"
    handles.world.github.close_criticals()
    assert reader.criticals(service) == ()


def test_an_issue_is_read_by_its_number_and_one_that_is_not_there_is_none(
    handles: Handles, reader: Reader, service: Service
) -> None:
    number = handles.world.github.open_issue("Search finds nothing")
    found = reader.issue(service, number)
    assert found is not None
    assert (found.number, found.title, found.url.endswith(f"/issues/{number}")) == (
        number,
        "Search finds nothing",
        True,
    )
    assert reader.issue(service, 9999) is None
    handles.world.github.down(True)
    try:
        with pytest.raises(CannotLook, match=f"issue #{number}: GitHub answered 503"):
            reader.issue(service, number)
    finally:
        handles.world.github.down(False)


def test_a_served_version_becomes_a_commit(handles: Handles, reader: Reader, service: Service) -> None:
    base = base_of(handles)
    assert reader.served(service, base[:7]).sha == base
    with pytest.raises(CannotLook, match="no commit of acme/shop"):
        reader.served(service, "0" * 40)


def test_github_down_is_said_not_raised(handles: Handles, reader: Reader, service: Service) -> None:
    handles.world.github.down(True)
    try:
        with pytest.raises(CannotLook, match="issues: GitHub answered 503"):
            reader.criticals(service)
    finally:
        handles.world.github.down(False)
