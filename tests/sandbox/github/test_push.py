"""Real `git push`, over a path and over HTTP."""

import subprocess
from pathlib import Path

from bot.sandbox.github.git import ZERO
from bot.sandbox.github.server import Github
from tests.sandbox.github.town import Clone, Inbox, call, control, finished, until


def tip(github: Github, branch: str = "main") -> str:
    return github.world.repositories["acme/shop"].git.branches()[branch]


def test_a_push_is_heard(github: Github, alice: Clone, inbox: Inbox) -> None:
    before = tip(github)
    sha = alice.commit("CR-1 hello\n\nlong")
    alice.push()
    (event,) = until(lambda: inbox.seen("push"))
    assert (event["ref"], event["before"], event["after"]) == ("refs/heads/main", before, sha)
    assert (event["pusher"]["name"], event["sender"]["login"], event["forced"]) == ("alice", "alice", False)
    assert [(one["id"], one["modified"]) for one in event["commits"]] == [(sha, ["greeting.txt"])]


def test_protected_branch_refuses_in_githubs_words(github: Github, alice: Clone) -> None:
    control(github.url, "protect", required_checks=["test"])
    before = tip(github)
    alice.commit("CR-1 hello")
    refused = alice.push(check=False)
    assert refused.returncode != 0
    said = [line.rstrip() for line in refused.stderr.splitlines()]
    assert "remote: error: GH006: Protected branch update failed for refs/heads/main." in said
    assert 'remote: - Required status check "test" is expected.' in said
    assert tip(github) == before


def test_force_push_and_deletion_of_a_protected_branch(github: Github, alice: Clone) -> None:
    control(github.url, "protect")
    alice.commit("CR-1 one")
    alice.push()
    alice.run("reset", "--hard", "HEAD~1")
    alice.commit("CR-1 other")
    assert "Cannot force-push to this branch" in alice.push("--force", "HEAD:main", check=False).stderr
    control(github.url, "protect", branch="stable")
    alice.push("HEAD:stable")
    assert "Cannot delete this branch" in alice.push(":stable", check=False).stderr


def test_only_those_named_may_push(github: Github, alice: Clone, tmp_path: Path) -> None:
    control(github.url, "protect", pushers=["bob"])
    alice.commit("CR-1 one")
    assert "not authorized to push to this branch" in alice.push(check=False).stderr
    bob = Clone(github.world.config.root / "acme/shop.git", tmp_path / "bob", "bob")
    sha = bob.commit("CR-2 two")
    bob.push()
    assert tip(github) == sha


def test_a_check_that_passed_on_another_branch_opens_the_protected_one(github: Github, alice: Clone) -> None:
    control(github.url, "protect", required_checks=["ci"])
    sha = alice.commit("CR-1 one")
    alice.push("HEAD:topic")
    call(github, "POST", f"/repos/acme/shop/statuses/{sha}", json={"state": "pending", "context": "ci"})
    assert 'Required status check "ci" is in progress.' in alice.push(check=False).stderr
    call(github, "POST", f"/repos/acme/shop/statuses/{sha}", json={"state": "success", "context": "ci"})
    alice.push()
    assert tip(github) == sha


def test_readers_and_strangers_cannot_push(github: Github, alice: Clone) -> None:
    alice.commit("CR-1 one")
    for login in ("frank", "mallory", ""):
        alice.login = login
        assert "Permission to acme/shop.git denied to" in alice.push(check=False).stderr


def test_http_clone_and_push(github: Github, tmp_path: Path) -> None:
    remote = github.url.replace("http://", "http://x-access-token:ghp_bob@") + "/acme/shop.git"
    bob = Clone(remote, tmp_path / "bob", "bob")
    bob.login = "somebody else"
    sha = bob.commit("CR-2 over http", "shop/new.py")
    bob.push()
    assert tip(github) == sha
    assert finished(github, sha)["actor"]["login"] == "bob"
    wrong = bob.run("ls-remote", f"{github.url.replace('http://', 'http://x:ghp_wrong@')}/acme/shop.git", check=False)
    assert wrong.returncode != 0
    bob.run("remote", "set-url", "origin", github.url.replace("http://", "http://x:ghp_frank@") + "/acme/shop.git")
    bob.commit("CR-2 more")
    assert "403" in bob.push(check=False).stderr


def test_the_first_push_into_an_empty_repository(github: Github, tmp_path: Path, inbox: Inbox) -> None:
    github.world.create_repository("acme", "empty")
    clone = Clone(github.world.config.root / "acme/empty.git", tmp_path / "empty")
    assert call(github, "GET", "/repos/acme/empty/commits").status_code == 409
    sha = clone.commit("first")
    clone.push()
    (event,) = until(lambda: inbox.seen("push"))
    assert (event["before"], event["created"], [one["id"] for one in event["commits"]]) == (ZERO, True, [sha])


def test_signed_commits_are_verified(github: Github, alice: Clone, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingkey", str(key)), ("commit.gpgsign", "true")):
        alice.run("config", name, value)
    sha = alice.commit("CR-1 signed")
    alice.push()
    path = f"/repos/acme/shop/commits/{sha}"
    assert call(github, "GET", path).json()["commit"]["verification"]["reason"] == "unknown_key"
    control(github.url, "signing_keys", login="alice", keys=[key.with_suffix(".pub").read_text().strip()])
    seen = call(github, "GET", path).json()["commit"]["verification"]
    assert (seen["verified"], seen["reason"]) == (True, "valid")
