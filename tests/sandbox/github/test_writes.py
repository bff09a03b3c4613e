"""Writes: refs, commits, files, issues, statuses, deployments; with GitHub's refusals."""

import base64
from typing import Any

import githubkit

from bot.sandbox.github.server import Github
from tests.sandbox.github.town import Clone, call, control, parsed

Kit = githubkit.GitHub[githubkit.TokenAuthStrategy]
SHOP = ("acme", "shop")
REPO = "/repos/acme/shop"


def head(clone: Clone, name: str = "HEAD") -> str:
    return clone.run("rev-parse", name).stdout.strip()


def said(github: Github, method: str, path: str, token: str = "ghs_bot", **body: Any) -> tuple[int, str]:
    answer = call(github, method, f"{REPO}{path}", token, json=body)
    return answer.status_code, answer.json().get("message", "")


def test_a_branch_is_made_moved_and_deleted(github: Github, alice: Clone, kit: Kit) -> None:
    base = head(alice)
    sha = alice.commit("CR-1 next")
    alice.push("HEAD:candidate")
    assert kit.rest.git.create_ref(*SHOP, ref="refs/heads/copy", sha=base).parsed_data.object_.sha == base
    assert said(github, "POST", "/git/refs", ref="refs/heads/copy", sha=base) == (422, "Reference already exists")
    assert said(github, "POST", "/git/refs", ref="refs/heads/x", sha="0" * 40) == (422, "Object does not exist")
    moved = kit.rest.git.update_ref(*SHOP, "heads/copy", sha=sha).parsed_data
    assert moved.object_.sha == sha
    assert said(github, "PATCH", "/git/refs/heads/copy", sha=base) == (422, "Update is not a fast forward")
    assert said(github, "PATCH", "/git/refs/heads/copy", sha=base, force=True)[0] == 200
    assert said(github, "PATCH", "/git/refs/heads/none", sha=base) == (422, "Reference does not exist")
    assert call(github, "DELETE", f"{REPO}/git/refs/heads/copy").status_code == 204
    assert call(github, "GET", f"{REPO}/git/ref/heads/copy").status_code == 404


def test_protected_branch_over_the_api(github: Github, alice: Clone) -> None:
    base = head(alice)
    sha = alice.commit("CR-1 next")
    alice.push("HEAD:candidate")
    control(github.url, "protect", required_checks=["test"])
    words = 'Required status check "test" is expected.'
    assert said(github, "PATCH", "/git/refs/heads/main", sha=sha) == (422, words)
    control(github.url, "protect", required_checks=["test", "lint"])
    words = "2 of 2 required status checks are expected."
    assert said(github, "PATCH", "/git/refs/heads/main", sha=sha) == (422, words)
    for context in ("test", "lint"):
        assert said(github, "POST", f"/statuses/{sha}", state="success", context=context)[0] == 201
    control(github.url, "protect", required_checks=["test", "lint"], pushers=["carol"])
    status, words = said(github, "PATCH", "/git/refs/heads/main", sha=sha)
    assert (status, words[:51]) == (422, "You're not authorized to push to this branch. Visit")
    control(github.url, "protect", required_checks=["test", "lint"], pushers=["slipway[bot]"])
    assert said(github, "PATCH", "/git/refs/heads/main", sha=sha) == (200, "")
    words = "Cannot force-push to this branch"
    assert said(github, "PATCH", "/git/refs/heads/main", sha=base, force=True) == (422, words)


def test_workflow_files_want_their_own_permission(github: Github, alice: Clone) -> None:
    sha = alice.commit("CR-1 workflow", ".github/workflows/other.yml", "on: push\njobs: {}\n")
    alice.push("HEAD:candidate")
    assert said(github, "PATCH", "/git/refs/heads/main", sha=sha) == (403, "Resource not accessible by integration")
    control(github.url, "permissions", app={"workflows": "write"})
    assert said(github, "PATCH", "/git/refs/heads/main", sha=sha)[0] == 200


def test_a_commit_without_a_clone(github: Github, alice: Clone, kit: Kit) -> None:
    base, tree = head(alice), head(alice, "HEAD^{tree}")
    made = kit.rest.git.create_commit(*SHOP, message="Roll back to R-1", tree=tree, parents=[base]).parsed_data
    assert (made.tree.sha, [one.sha for one in made.parents], made.author.name) == (tree, [base], "slipway[bot]")
    kit.rest.git.update_ref(*SHOP, "heads/main", sha=made.sha)
    seen = kit.rest.repos.get_commit(*SHOP, "main").parsed_data
    assert seen.author and getattr(seen.author, "login", "") == "slipway[bot]"
    root = kit.rest.git.create_commit(*SHOP, message="A root", tree=tree, parents=[]).parsed_data
    assert root.parents == []
    assert said(github, "POST", "/git/commits", message="x", tree="0" * 40) == (422, "Tree SHA does not exist")
    words = "Parent SHA does not exist or is not a commit object"
    assert said(github, "POST", "/git/commits", message="x", tree=tree, parents=["0" * 40]) == (422, words)


def test_trees_and_blobs(github: Github, alice: Clone, kit: Kit) -> None:
    blob = kit.rest.git.create_blob(*SHOP, content="two\n").parsed_data.sha
    answer = call(
        github,
        "POST",
        f"{REPO}/git/trees",
        json={
            "base_tree": head(alice, "HEAD^{tree}"),
            "tree": [
                {"path": "b.txt", "mode": "100644", "type": "blob", "sha": blob},
                {"path": "docs/c.txt", "mode": "100644", "type": "blob", "content": "three\n"},
                {"path": "shop/cart.py", "mode": "100644", "type": "blob", "sha": None},
            ],
        },
    )
    assert answer.status_code == 201
    tree = kit.rest.git.get_tree(*SHOP, answer.json()["sha"], recursive="1").parsed_data
    assert [one.path for one in tree.tree if one.type == "blob"] == [
        ".github/workflows/deploy.yml",
        "b.txt",
        "docs/c.txt",
        "greeting.txt",
    ]


def test_files(github: Github, kit: Kit) -> None:
    def text(content: str) -> str:
        return base64.b64encode(content.encode()).decode()

    made = kit.rest.repos.create_or_update_file_contents(*SHOP, "log.md", message="Note", content=text("one\n"))
    assert made.status_code == 201 and made.parsed_data.content
    sha = made.parsed_data.content.sha or ""
    assert said(github, "PUT", "/contents/log.md", message="Again", content=text("two\n"))[0] == 422
    stale = said(github, "PUT", "/contents/log.md", message="Again", content=text("two\n"), sha="1" * 40)
    assert stale == (409, f"log.md does not match {'1' * 40}")
    changed = call(
        github, "PUT", f"{REPO}/contents/log.md", json={"message": "Again", "content": text("two\n"), "sha": sha}
    )
    assert changed.status_code == 200
    assert said(github, "PUT", "/contents/x", message="x", content=text("x"), branch="none")[0] == 404
    new = changed.json()["content"]["sha"]
    kit.rest.repos.delete_file(*SHOP, "log.md", message="Gone", sha=new)
    assert call(github, "GET", f"{REPO}/contents/log.md").status_code == 404


def test_issues(github: Github, kit: Kit) -> None:
    issues = kit.rest.issues
    one = issues.create(*SHOP, title="Checkout is down", body="All of it", labels=["critical"]).parsed_data
    two = issues.create(*SHOP, title="Typo").parsed_data
    assert [issue.number for issue in parsed(issues.list_for_repo(*SHOP))] == [two.number, one.number]
    assert [issue.number for issue in parsed(issues.list_for_repo(*SHOP, labels="critical"))] == [one.number]
    assert issues.create_comment(*SHOP, one.number, body="Looking").parsed_data.body == "Looking"
    assert len(issues.list_comments(*SHOP, one.number).parsed_data) == 1
    closed = issues.update(*SHOP, one.number, state="closed", state_reason="completed").parsed_data
    assert (closed.state, closed.state_reason, closed.comments) == ("closed", "completed", 1)
    assert parsed(issues.list_for_repo(*SHOP, labels="critical")) == []
    assert [i.number for i in parsed(issues.list_for_repo(*SHOP, state="closed"))] == [one.number]
    assert issues.get(*SHOP, one.number).parsed_data.closed_by
    assert "critical" in [label.name for label in parsed(issues.list_labels_for_repo(*SHOP))]
    assert issues.create_label(*SHOP, name="sop", color="ff0000").parsed_data.name == "sop"
    refused = call(github, "POST", f"{REPO}/issues", json={"title": " "})
    assert refused.status_code == 422
    assert refused.json() | {"documentation_url": ""} == {
        "message": "Validation Failed",
        "errors": [{"resource": "Issue", "code": "missing_field", "field": "title"}],
        "documentation_url": "",
        "status": "422",
    }


def test_statuses(github: Github, alice: Clone, kit: Kit) -> None:
    sha = head(alice)
    assert kit.rest.repos.get_combined_status_for_ref(*SHOP, sha).parsed_data.state == "pending"
    made = kit.rest.repos.create_commit_status(*SHOP, sha, state="pending", context="slipway/release").parsed_data
    assert made.creator and made.creator.login == "slipway[bot]"
    kit.rest.repos.create_commit_status(*SHOP, sha, state="success", context="slipway/release")
    combined = kit.rest.repos.get_combined_status_for_ref(*SHOP, "main").parsed_data
    assert (combined.state, combined.total_count) == ("success", 1)
    assert len(kit.rest.repos.list_commit_statuses_for_ref(*SHOP, "main").parsed_data) == 2
    assert said(github, "POST", f"/statuses/{sha}", state="fine")[0] == 422


def test_deployments(alice: Clone, kit: Kit) -> None:
    repos = kit.rest.repos
    first = repos.create_deployment(*SHOP, ref="main", environment="staging", required_contexts=[])
    one = first.parsed_data
    assert getattr(one, "sha", "") == head(alice)
    number = getattr(one, "id", 0)
    status = repos.create_deployment_status(*SHOP, number, state="success", environment_url="https://x.example")
    assert status.parsed_data.state == "success"
    second = getattr(repos.create_deployment(*SHOP, ref="main", environment="staging").parsed_data, "id", 0)
    repos.create_deployment_status(*SHOP, second, state="success")
    assert [s.state for s in repos.list_deployment_statuses(*SHOP, number).parsed_data] == ["inactive", "success"]


def test_bodies_that_are_no_json(github: Github) -> None:
    answer = call(github, "POST", f"{REPO}/issues", content=b"{not json")
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")
    assert said(github, "POST", "/git/refs", sha="1" * 40) == (422, 'Invalid request.\n\n"ref" wasn\'t supplied.')
