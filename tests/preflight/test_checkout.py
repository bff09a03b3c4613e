"""Clean tree, branch and commits, in real git repositories."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.preflight.world import World


def test_a_good_checkout_is_attested(world: World) -> None:
    code, out = world.preflight()
    assert code == 0, out
    (taken,) = world.bot.taken
    assert (taken.service, taken.change, taken.signer, taken.branch) == ("shop", 12, "UALICE", "faster")
    assert taken.commit == world.git("rev-parse", "HEAD")
    assert taken.tree == world.git("rev-parse", "HEAD^{tree}")
    tip = world.git("rev-parse", "--short=7", "main")
    seen = {c.name: c.seen for c in taken.checks}
    assert list(seen) == ["clean", "branch", "commits", "build", "run", "probes"]
    assert all(c.ok for c in taken.checks)
    assert seen["clean"] == "clean"
    assert seen["branch"] == f"faster contains main {tip}, not pushed yet"
    assert seen["commits"] == "1 of 1 reference CR-12"
    assert seen["build"].startswith("built in ") and seen["run"].startswith("ready in ")
    assert seen["probes"] == "answered 1 of 1 probes"
    assert [(p.name, p.status, p.body) for p in taken.probes] == [("add", 200, {"sum": 5})]
    assert "✓ attested" in out and all(line in out for line in seen.values())


def failed(world: World, name: str, seen: str, **options: Any) -> str:
    """Preflight fails with this check, and sends nothing."""
    code, out = world.preflight(**options)
    assert code == 1, out
    assert f"✗ {name:<8} {seen}" in out, out
    assert "nothing was sent" in out and world.bot.bodies == []
    return out


def trouble(world: World, *words: str, **options: Any) -> None:
    """Preflight cannot be done, and says why."""
    code, out = world.preflight(**options)
    assert code == 2, out
    assert all(word in out for word in words), out
    assert world.bot.bodies == []


# --- clean


def test_untracked_files_are_dirty_unless_ignored(world: World) -> None:
    world.write("build/ignored", "x")
    assert world.preflight()[0] == 0
    world.bot.bodies.clear()
    for path in ("notes.txt", "new folder/ä [bold]b[/].txt", "new folder/c.txt"):
        world.write(path, "x")
    out = failed(world, "clean", "3 untracked files")
    assert "new folder/ä [bold]b[/].txt" in out


def test_a_configuration_that_hides_untracked_files_hides_nothing(world: World) -> None:
    world.git("config", "status.showUntrackedFiles", "no")
    world.write("notes.txt", "x")
    failed(world, "clean", "1 untracked file")


def test_changes_staged_or_not_are_dirty(world: World) -> None:
    world.write("shop.txt", "slower")
    world.git("mv", ".gitignore", "renamed file")
    out = failed(world, "clean", "2 changed files")
    assert "shop.txt" in out and "renamed file" in out


def test_a_conflict_is_dirty(world: World) -> None:
    world.git("switch", "-q", "-c", "rival", "main")
    world.write("shop.txt", "rival")
    world.commit("CR-12 Rival")
    world.git("switch", "-q", "faster")
    with pytest.raises(AssertionError):
        world.git("merge", "rival")
    failed(world, "clean", "1 conflicted file")


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_hidden_from_git_is_dirty(flag: str, world: World) -> None:
    world.git("update-index", flag, "shop.txt")
    world.write("shop.txt", "not what is committed")
    assert world.git("status", "--porcelain") == ""
    out = failed(world, "clean", "1 file hidden from git")
    assert "shop.txt" in out


@pytest.fixture
def submodule(world: World) -> Path:
    world.git("init", "-q", "-b", "main", "lib", at=world.root)
    world.git("commit", "-q", "--allow-empty", "-m", "lib", at=world.root / "lib")
    world.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(world.root / "lib"), "lib")
    world.commit("CR-12 A library")
    return world.checkout / "lib"


def test_a_submodule_as_committed_is_clean(world: World, submodule: Path) -> None:
    assert world.preflight()[0] == 0


@pytest.mark.parametrize("ignore", ["none", "all"])
def test_a_submodule_with_work_in_it_is_dirty(ignore: str, world: World, submodule: Path) -> None:
    world.git("config", "submodule.lib.ignore", ignore)
    (submodule / "notes.txt").write_text("x")
    failed(world, "clean", "1 submodule not as committed")


def test_a_submodule_at_another_commit_is_dirty(world: World, submodule: Path) -> None:
    world.git("commit", "-q", "--allow-empty", "-m", "newer", at=submodule)
    failed(world, "clean", "1 submodule not as committed")


def test_a_submodule_that_was_never_fetched_is_not_what_was_committed(world: World, submodule: Path) -> None:
    world.git("submodule", "--quiet", "deinit", "-f", "lib")
    out = failed(world, "clean", "1 submodule not as committed")
    assert "lib (not checked out)" in out


# --- branch


def test_a_detached_head_is_no_branch(world: World) -> None:
    world.git("switch", "-q", "--detach")
    head = world.git("rev-parse", "--short=7", "HEAD")
    failed(world, "branch", f"detached head at {head}")


def test_a_branch_that_lacks_the_tip_as_it_is_at_the_remote_fails(world: World) -> None:
    tip = world.moved_main()
    out = failed(world, "branch", f"faster lacks 1 commit of main ({tip[:7]})")
    assert "git rebase origin/main" in out
    world.git("pull", "-q", "--rebase", "origin", "main")
    assert world.preflight()[0] == 0


@pytest.mark.parametrize("newer", [False, True])
def test_it_says_whether_the_branch_is_pushed(newer: bool, world: World) -> None:
    world.git("push", "-q", "origin", "faster")
    there = world.git("rev-parse", "--short=7", "HEAD")
    if newer:
        world.commit("CR-12 More")
    out = world.preflight().out
    assert (f", origin has it at {there}" if newer else ", pushed") in out


def test_a_remote_that_cannot_be_reached_is_trouble(world: World) -> None:
    shutil.move(world.root / "acme", world.root / "gone")
    trouble(world, "main could not be fetched from origin", "does not appear to be a git repository")


def test_the_remote_of_the_repository_is_used_whatever_its_name(world: World) -> None:
    world.git("remote", "rename", "origin", "upstream")
    world.git("remote", "add", "origin", str(world.root / "a-fork.git"))
    assert world.preflight()[0] == 0


def test_without_any_remote_it_is_trouble(world: World) -> None:
    world.git("remote", "remove", "origin")
    trouble(world, "no remote for acme/shop")


# --- commits


def test_a_commit_without_the_reference_fails(world: World) -> None:
    sha = world.commit("tidy up")
    out = failed(world, "commits", "1 of 2 reference CR-12", change="CR-12")
    assert f"{sha[:7]} tidy up: references nothing" in out


def test_one_reference_to_another_change_request_fails(world: World) -> None:
    world.commit("CR-12 CR-120 Both")
    out = failed(world, "commits", "1 of 2 reference CR-12", change="12")
    assert "references CR-120" in out


def test_a_merge_commit_of_only_such_commits_counts(world: World) -> None:
    world.git("switch", "-q", "-c", "part", "main")
    world.write("part.txt", "x")
    world.commit("CR-12 Part")
    world.git("switch", "-q", "faster")
    world.git("merge", "-q", "--no-ff", "-m", "Merge branch 'part'", "part")
    code, out = world.preflight()
    assert code == 0 and "3 of 3 reference CR-12" in out, out


def test_a_merge_that_brings_another_commit_fails(world: World) -> None:
    world.git("switch", "-q", "-c", "part", "main")
    world.commit("sneaked in")
    world.git("switch", "-q", "faster")
    world.git("merge", "-q", "--no-ff", "-m", "CR-12 Merge branch 'part'", "part")
    out = failed(world, "commits", "2 of 3 reference CR-12")
    assert "sneaked in: references nothing" in out


def test_a_merge_that_brings_no_such_commit_fails(world: World) -> None:
    world.commit("CR-12 Part")
    world.git("branch", "-q", "old", "main")
    tree = world.git("rev-parse", "HEAD^{tree}").strip()
    merge = world.git("commit-tree", tree, "-p", "main", "-p", "main~0", "-m", "Tidy up").strip()
    world.git("reset", "-q", "--hard", merge)
    assert "Tidy up: references nothing" in failed(world, "commits", "0 of 1 reference CR-12", change="CR-12")


def test_merging_main_into_the_branch_is_fine(world: World) -> None:
    world.moved_main("CR-9 Something else")
    world.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "main")
    code, out = world.preflight()
    assert code == 0 and "2 of 2 reference CR-12" in out, out


def test_the_change_request_is_read_from_the_commits(world: World) -> None:
    world.commit("CR-13 Another")
    trouble(world, "the commits reference CR-12, CR-13", "--change")


def test_commits_that_name_nothing_want_the_change_request_said(world: World) -> None:
    world.git("commit", "-q", "--amend", "-m", "Faster")
    trouble(world, "no commit here references a change request", "--change")


@pytest.mark.parametrize("given", ["CR-0", "12a", "", "X-1"])
def test_a_change_request_that_is_none_is_trouble(given: str, world: World) -> None:
    trouble(world, "write it as CR-12", change=given)


def test_nothing_to_release_says_so(world: World) -> None:
    world.git("switch", "-q", "main")
    trouble(world, "there is no commit to release here")
    failed(world, "commits", "no commit after main references CR-12: there is nothing to release", change="CR-12")
    world.write("notes.txt", "x")
    trouble(world, "only what is not committed (1 untracked file): commit what belongs", "--change")


def test_a_commit_that_people_pushed_already_is_looked_at_by_itself(world: World) -> None:
    world.git("push", "-q", "origin", "faster:main")
    trouble(world, "there is no commit to release here")
    assert world.preflight(change="cr-12")[0] == 0
    world.bot.bodies.clear()
    failed(world, "commits", "0 of 1 reference CR-13", change="CR-13")


# --- no checkout to look at


def test_outside_of_a_checkout_it_is_trouble(world: World) -> None:
    trouble(world, "is no git checkout", folder=world.root)
    trouble(world, "there is no folder", folder=world.root / "nowhere")


def test_a_bare_repository_is_trouble(world: World) -> None:
    trouble(world, "is no git checkout", folder=world.root / "acme/shop.git")


def test_a_checkout_without_a_commit_is_trouble(world: World) -> None:
    world.git("init", "-q", "empty", at=world.root)
    trouble(world, "no commit yet", folder=world.root / "empty")


def test_a_shallow_clone_is_trouble(world: World) -> None:
    origin = f"file://{world.root}/acme/shop.git"
    world.git("push", "-q", "origin", "faster")
    world.git("clone", "-q", "--depth", "1", "-b", "faster", origin, "shallow", at=world.root)
    trouble(world, "shallow clone", "git fetch --unshallow", folder=world.root / "shallow")


def test_without_git_it_is_trouble(world: World) -> None:
    world.env["PATH"] = str(world.home)
    trouble(world, "git is not installed")


def test_it_works_from_a_folder_inside_and_in_a_worktree(world: World) -> None:
    (world.checkout / "build").mkdir()
    assert world.preflight(folder=world.checkout / "build")[0] == 0
    world.git("worktree", "add", "-q", "-b", "second", str(world.root / "second"))
    code, out = world.preflight(folder=world.root / "second")
    assert code == 0 and "second contains main" in out, out
