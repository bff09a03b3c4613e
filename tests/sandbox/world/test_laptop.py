"""A laptop does what its buttons say: seen with git itself, in its clone and at its remote."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.sandbox.people import BOB
from bot.sandbox.world.changes import BREAKAGES, CHANGES, NotPossible, change
from bot.sandbox.world.facts import FEATURES
from bot.sandbox.world.laptop import Laptop, Preflight


def git(where: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=where, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def passes(laptop: Laptop, script: str) -> bool:
    env = laptop.environment({})
    return subprocess.run([laptop.checkout / script], env=env, capture_output=True).returncode == 0


def test_the_clone_belongs_to_its_developer(alice: Laptop, origin: Path) -> None:
    assert (alice.on, alice.dirty, alice.position) == ("main", [], (0, 0))
    assert alice.head == git(origin, "rev-parse", "main")
    assert alice.public_key.startswith("ssh-ed25519 AAAA")
    assert (alice.key.stat().st_mode & 0o777) == 0o600
    alice.set_up()
    assert alice.on == "main"


def test_a_commit_names_author_and_change_request(alice: Laptop, origin: Path) -> None:
    alice.new_branch("faster-checkout")
    title = alice.edit("faster_checkout")
    sha = alice.commit(title, "CR-1")
    assert git(alice.checkout, "show", "-s", "--format=%an|%ae|%s|%G?", sha) == (
        "Alice Ade|alice@example.com|CR-1 Pack orders faster|N"
    )
    assert git(alice.checkout, "show", "--format=", "--name-only", sha) == "shop/checkout.py"
    assert alice.position == (1, 0)
    alice.push()
    assert git(origin, "rev-parse", "faster-checkout") == sha
    assert git(origin, "rev-parse", "main") != sha


def test_a_commit_without_reference_can_be_reworded(alice: Laptop) -> None:
    alice.edit("unrelated_file")
    alice.commit("tidy up")
    assert git(alice.checkout, "log", "-1", "--format=%s") == "tidy up"
    alice.reword("Tidy up", "CR-2")
    assert git(alice.checkout, "log", "-1", "--format=%s") == "CR-2 Tidy up"
    assert alice.position == (1, 0)


def test_dirt_and_its_removal(alice: Laptop) -> None:
    alice.leave_dirty()
    alice.leave_dirty(tracked=True)
    assert alice.dirty == [" M README.md", "?? notes-to-self.txt"]
    alice.discard()
    assert alice.dirty == []
    with pytest.raises(NotPossible, match="nothing to commit"):
        alice.commit("nothing")


def test_push_to_main_and_rebase_of_someone_behind(alice: Laptop, origin: Path, tmp_path: Path) -> None:
    bob = Laptop(tmp_path / "bob", BOB, str(origin))
    bob.set_up()
    bob.new_branch("search")
    bob.edit("more_results")
    bob.commit("More", "CR-3")
    alice.edit("faster_checkout")
    pushed = alice.commit("Faster", "CR-1")
    alice.push_main()
    assert git(origin, "rev-parse", "main") == pushed
    with pytest.raises(NotPossible, match="rejected"):
        bob.push_main()
    bob.rebase()
    assert bob.position == (1, 0)
    assert git(bob.checkout, "rev-parse", "HEAD^") == pushed
    bob.push_main()
    assert git(origin, "rev-parse", "main") == bob.head


def test_a_conflicting_rebase_is_undone(alice: Laptop, origin: Path, tmp_path: Path) -> None:
    bob = Laptop(tmp_path / "bob", BOB, str(origin))
    bob.set_up()
    bob.new_branch("mine")
    bob.write("README.md", "Bob's\n")
    mine = bob.commit("Bob's readme")
    alice.write("README.md", "Alice's\n")
    alice.commit("Alice's readme")
    alice.push_main()
    with pytest.raises(NotPossible):
        bob.rebase()
    assert (bob.on, bob.head, bob.dirty) == ("mine", mine, [])
    bob.reset()
    assert bob.head == alice.head


def test_branches_switch_and_detach(alice: Laptop) -> None:
    alice.new_branch("one")
    alice.switch("main")
    assert (alice.on, alice.branches) == ("main", ["main", "one"])
    alice.detach()
    assert alice.on == "HEAD"
    with pytest.raises(NotPossible):
        alice.switch("no-such-branch")


@pytest.mark.parametrize("id_", [one.id for one in CHANGES])
def test_every_prepared_change_changes_files_of_its_area(alice: Laptop, id_: str) -> None:
    title = alice.edit(id_)
    assert alice.dirty
    alice.commit(title)
    paths = git(alice.checkout, "show", "--format=", "--name-only", "HEAD").splitlines()
    patterns = FEATURES[change(id_).area]
    assert all(any(path.startswith(pattern.removesuffix("**")) for pattern in patterns) for path in paths)


@pytest.mark.parametrize("id_", ["faster_checkout", "bigger_discount", "more_results", "new_product", "unrelated_file"])
def test_sound_changes_build_and_pass_again_and_again(alice: Laptop, id_: str) -> None:
    for _ in range(2):
        alice.commit(alice.edit(id_))
    assert passes(alice, "bin/build")
    assert passes(alice, "bin/test")


@pytest.mark.parametrize(
    ("breakage", "builds", "tests"),
    [("build", False, False), ("test", True, False), ("start", True, True), ("deploy", True, True)],
)
def test_breakages_break_one_thing_and_can_be_mended(alice: Laptop, breakage: str, builds: bool, tests: bool) -> None:
    BREAKAGES[breakage].apply(alice.checkout)
    assert (passes(alice, "bin/build"), passes(alice, "bin/test")) == (builds, tests)
    if breakage == "start":
        assert not passes(alice, "bin/smoke")
    with pytest.raises(NotPossible, match="already"):
        BREAKAGES[breakage].apply(alice.checkout)
    alice.mend()
    assert alice.dirty == []
    with pytest.raises(NotPossible, match="nothing here is broken"):
        alice.mend()


def test_preflight_runs_in_the_checkout_with_the_developers_home(alice: Laptop) -> None:
    with pytest.raises(NotPossible, match="without a preflight command"):
        alice.preflight()
    script = "import os, sys; print(os.getcwd(), os.environ['HOME'], os.environ['BOT'], sys.argv[1:]); sys.exit(3)"
    alice.preflight_by = Preflight((sys.executable, "-c", script), {"BOT": "http://bot"})
    done = alice.preflight("--change", "CR-1")
    assert done.code == 3
    assert done.output.split() == [str(alice.checkout), str(alice.home), "http://bot", "['--change',", "'CR-1']"]
    assert alice.recent(3)[0] == "$ slipway preflight --change CR-1"
    assert alice.recent(1) == ["(exit code 3)"]


def test_a_preflight_that_hangs_is_ended(alice: Laptop) -> None:
    alice.preflight_by = Preflight((sys.executable, "-c", "import time; time.sleep(600)"))
    with pytest.raises(NotPossible, match="has not ended"):
        alice.preflight(timeout=0.2)
