"""Every answer parses into models made from GitHub's own description of its API."""

import base64

import githubkit
import pytest
from githubkit.exception import RequestFailed

from bot.sandbox.github.server import Github, Protection
from tests.sandbox.github.town import HTTP, Clone, call, control, finished, parsed

Kit = githubkit.GitHub[githubkit.TokenAuthStrategy]
SHOP = ("acme", "shop")


def test_repository_branches_and_protection(github: Github, alice: Clone, kit: Kit) -> None:
    repo = kit.rest.repos.get(*SHOP).parsed_data
    assert (repo.full_name, repo.default_branch, repo.private) == ("acme/shop", "main", True)
    assert repo.permissions is not None
    sha = alice.run("rev-parse", "HEAD").stdout.strip()
    alice.push("HEAD:refs/heads/feature/one")
    assert [one.name for one in kit.rest.repos.list_branches(*SHOP).parsed_data] == ["feature/one", "main"]
    branch = kit.rest.repos.get_branch(*SHOP, "feature/one").parsed_data
    assert (branch.commit.sha, branch.protected) == (sha, False)
    with pytest.raises(RequestFailed) as failed:
        kit.rest.repos.get_branch_protection(*SHOP, "main")
    assert failed.value.response.json()["message"] == "Branch not protected"
    control(github.url, "protect", required_checks=["test"], pushers=["slipway[bot]", "carol"], pull_request=True)
    rule = kit.rest.repos.get_branch_protection(*SHOP, "main").parsed_data
    assert rule.required_status_checks and rule.required_status_checks.contexts == ["test"]
    assert rule.restrictions and [app.slug for app in rule.restrictions.apps] == ["slipway"]
    assert [one.name for one in kit.rest.repos.list_branches(*SHOP, protected=True).parsed_data] == ["main"]


def test_commits(alice: Clone, kit: Kit) -> None:
    first = alice.run("rev-parse", "HEAD").stdout.strip()
    alice.run("mv", "shop/cart.py", "shop/basket.py")
    second = alice.commit("CR-1 tidy\n\nA body.", "shop/new.py", "x = 1\n")
    third = alice.commit("CR-1 more", "greeting.txt", "good evening\n")
    alice.push()
    listed = kit.rest.repos.list_commits(*SHOP, sha="main").parsed_data
    assert [one.sha for one in listed] == [third, second, first]
    assert listed[0].author and getattr(listed[0].author, "login", "") == "alice"
    assert listed[1].commit.message == "CR-1 tidy\n\nA body."
    only = kit.rest.repos.list_commits(*SHOP, path="greeting.txt").parsed_data
    assert [one.sha for one in only] == [third, first]
    one = kit.rest.repos.get_commit(*SHOP, second).parsed_data
    touched = {file.filename: (file.status, file.additions, file.previous_filename or "") for file in one.files or []}
    assert touched["shop/basket.py"] == ("renamed", 0, "shop/cart.py")
    assert touched["shop/new.py"] == ("added", 1, "")
    assert kit.rest.repos.get_commit(*SHOP, "main").parsed_data.sha == third
    with pytest.raises(RequestFailed) as failed:
        kit.rest.repos.get_commit(*SHOP, "nowhere")
    assert failed.value.response.status_code == 422
    assert [b.name for b in kit.rest.repos.list_branches_for_head_commit(*SHOP, third).parsed_data] == ["main"]


def test_patch_of_a_file(github: Github, alice: Clone) -> None:
    sha = alice.commit("CR-1 edit", "greeting.txt", "diff --git a/x b/x\ngood evening\n")
    alice.push()
    (file,) = call(github, "GET", f"/repos/acme/shop/commits/{sha}").json()["files"]
    assert file["patch"] == "@@ -1 +1,2 @@\n-good morning\n+diff --git a/x b/x\n+good evening"
    assert (file["additions"], file["deletions"], file["changes"]) == (2, 1, 3)


def test_binary_and_mode_changes_have_no_patch(github: Github, alice: Clone) -> None:
    (alice.folder / "picture.bin").write_bytes(bytes(range(256)))
    (alice.folder / "greeting.txt").chmod(0o755)
    sha = alice.commit("CR-1 picture", "shop/z.py", "z = 1\n")
    alice.push()
    files = {one["filename"]: one for one in call(github, "GET", f"/repos/acme/shop/commits/{sha}").json()["files"]}
    assert "patch" not in files["picture.bin"]
    assert "patch" not in files["greeting.txt"]
    assert files["shop/z.py"]["patch"] == "@@ -0,0 +1 @@\n+z = 1"


def test_compare(github: Github, alice: Clone, kit: Kit) -> None:
    base = alice.run("rev-parse", "HEAD").stdout.strip()
    shas = [alice.commit(f"CR-1 step {number}") for number in range(5)]
    alice.push("HEAD:candidate")
    seen = kit.rest.repos.compare_commits(*SHOP, "main...candidate").parsed_data
    assert (seen.status, seen.ahead_by, seen.behind_by, seen.total_commits) == ("ahead", 5, 0, 5)
    assert [one.sha for one in seen.commits] == shas
    assert [file.filename for file in seen.files or []] == ["greeting.txt"]
    back = kit.rest.repos.compare_commits(*SHOP, f"candidate...{base}").parsed_data
    assert (back.status, back.behind_by, back.merge_base_commit.sha) == ("behind", 5, base)
    assert kit.rest.repos.compare_commits(*SHOP, "main...main").parsed_data.status == "identical"
    page = call(github, "GET", "/repos/acme/shop/compare/main...candidate?per_page=2&page=2")
    assert [one["sha"] for one in page.json()["commits"]] == shas[2:4]
    assert "files" not in page.json()
    assert 'rel="next"' in page.headers["link"]
    assert call(github, "GET", "/repos/acme/shop/compare/main...nowhere").status_code == 404


def test_diverged(alice: Clone, kit: Kit) -> None:
    alice.commit("CR-1 here")
    alice.push("HEAD:candidate")
    alice.run("reset", "--hard", "HEAD~1")
    alice.commit("CR-2 there")
    alice.push()
    seen = kit.rest.repos.compare_commits(*SHOP, "main...candidate").parsed_data
    assert (seen.status, seen.ahead_by, seen.behind_by) == ("diverged", 1, 1)


def test_git_objects(alice: Clone, kit: Kit) -> None:
    sha = alice.run("rev-parse", "HEAD").stdout.strip()
    ref = kit.rest.git.get_ref(*SHOP, "heads/main").parsed_data
    assert (ref.ref, ref.object_.sha) == ("refs/heads/main", sha)
    assert [one.ref for one in kit.rest.git.list_matching_refs(*SHOP, "heads/ma").parsed_data] == ["refs/heads/main"]
    commit = kit.rest.git.get_commit(*SHOP, sha).parsed_data
    assert commit.verification.reason == "unsigned"
    tree = kit.rest.git.get_tree(*SHOP, commit.tree.sha, recursive="1").parsed_data
    assert "shop/cart.py" in [one.path for one in tree.tree]
    top = kit.rest.git.get_tree(*SHOP, "main").parsed_data
    assert {one.type for one in top.tree} == {"blob", "tree"}
    blob = next(one.sha for one in tree.tree if one.path == "greeting.txt")
    assert base64.b64decode(kit.rest.git.get_blob(*SHOP, blob).parsed_data.content) == b"good morning\n"
    with pytest.raises(RequestFailed):
        kit.rest.git.get_ref(*SHOP, "heads/mai")


def test_contents(alice: Clone, github: Github, kit: Kit) -> None:
    file = call(github, "GET", "/repos/acme/shop/contents/greeting.txt").json()
    assert base64.b64decode(file["content"]) == b"good morning\n"
    assert kit.rest.repos.get_content(*SHOP, "greeting.txt").parsed_data
    listing = kit.rest.repos.get_content(*SHOP, "shop").parsed_data
    assert isinstance(listing, list) and [one.name for one in listing] == ["cart.py"]
    raw = call(
        github, "GET", "/repos/acme/shop/contents/greeting.txt", headers={"Accept": "application/vnd.github.raw+json"}
    )
    assert raw.text == "good morning\n"
    assert call(github, "GET", "/repos/acme/shop/contents/nothing.txt").status_code == 404
    assert call(github, "GET", "/repos/acme/shop/contents/greeting.txt?ref=nowhere").status_code == 404


def test_actions(github: Github, alice: Clone, kit: Kit) -> None:
    sha = alice.commit("CR-1 go")
    alice.push()
    run_id = finished(github, sha)["id"]
    rest = kit.rest.actions
    assert [one.path for one in rest.list_repo_workflows(*SHOP).parsed_data.workflows] == [
        ".github/workflows/deploy.yml"
    ]
    assert rest.get_workflow(*SHOP, "deploy.yml").parsed_data.name == "Deploy"
    found = rest.list_workflow_runs_for_repo(*SHOP, branch="main", event="push", head_sha=sha, status="success")
    assert [one.id for one in found.parsed_data.workflow_runs] == [run_id]
    assert rest.list_workflow_runs_for_repo(*SHOP, branch="other").parsed_data.total_count == 0
    assert rest.list_workflow_runs_for_repo(*SHOP, created=">=2020-01-01").parsed_data.total_count == 1
    assert rest.list_workflow_runs_for_repo(*SHOP, created="<2020-01-01").parsed_data.total_count == 0
    assert rest.list_workflow_runs(*SHOP, "deploy.yml").parsed_data.total_count == 1
    assert rest.get_workflow_run(*SHOP, run_id).parsed_data.head_commit
    assert rest.get_workflow_run_attempt(*SHOP, run_id, 1).parsed_data.run_attempt == 1
    jobs = rest.list_jobs_for_workflow_run(*SHOP, run_id).parsed_data.jobs
    assert [(job.name, job.conclusion) for job in jobs] == [("test", "success"), ("deploy", "success")]
    assert rest.list_jobs_for_workflow_run_attempt(*SHOP, run_id, 1).parsed_data.total_count == 2
    assert rest.get_job_for_workflow_run(*SHOP, jobs[0].id).parsed_data.runner_name
    checks = kit.rest.checks.list_for_ref(*SHOP, sha).parsed_data
    assert [one.name for one in checks.check_runs] == ["test", "deploy"]
    assert kit.rest.checks.get(*SHOP, checks.check_runs[0].id).parsed_data.app
    assert kit.rest.checks.list_annotations(*SHOP, checks.check_runs[0].id).parsed_data == []


def test_deployments_and_environments(github: Github, alice: Clone, kit: Kit) -> None:
    control(github.url, "environment", variables={"A": "1"}, secrets={"B": "2"})
    sha = alice.commit("CR-1 go")
    alice.push()
    finished(github, sha)
    (deployment,) = kit.rest.repos.list_deployments(*SHOP, environment="production").parsed_data
    assert (deployment.sha, deployment.ref) == (sha, "main")
    assert kit.rest.repos.get_deployment(*SHOP, deployment.id).parsed_data.creator
    states = kit.rest.repos.list_deployment_statuses(*SHOP, deployment.id).parsed_data
    assert [one.state for one in states] == ["success", "in_progress"]
    assert states[0].environment_url == "https://shop.example"
    places = kit.rest.repos.get_all_environments(*SHOP).parsed_data.environments or []
    assert [place.name for place in places] == ["production"]
    assert kit.rest.repos.get_environment(*SHOP, "production").parsed_data.id
    variables = kit.rest.actions.list_environment_variables(*SHOP, "production").parsed_data.variables
    assert [(one.name, one.value) for one in variables] == [("A", "1")]
    secrets = kit.rest.actions.list_environment_secrets(*SHOP, "production").parsed_data.secrets
    assert [one.name for one in secrets] == ["B"]
    assert [one.name for one in kit.rest.actions.list_repo_variables(*SHOP).parsed_data.variables] == ["PLACE"]
    assert [one.name for one in kit.rest.actions.list_repo_secrets(*SHOP).parsed_data.secrets] == ["KEY"]


def test_people_and_the_app(github: Github, kit: Kit) -> None:
    control(github.url, "signing_keys", login="alice", keys=["ssh-ed25519 AAAA alice"])
    assert kit.rest.users.get_by_username("alice").parsed_data.login == "alice"
    (key,) = parsed(kit.rest.users.list_ssh_signing_keys_for_user("alice"))
    assert key.key == "ssh-ed25519 AAAA alice"
    assert kit.rest.repos.get_collaborator_permission_level(*SHOP, "alice").parsed_data.permission == "write"
    assert kit.rest.apps.list_repos_accessible_to_installation().parsed_data.total_count == 1
    assert kit.rest.rate_limit.get().parsed_data.resources.core.limit == 5000
    person = githubkit.GitHub(githubkit.TokenAuthStrategy("ghp_bob"), base_url=github.url, http_cache=False)
    assert person.rest.users.get_authenticated().parsed_data.login == "bob"


def test_what_went_past_the_rules_of_a_branch(github: Github, alice: Clone, kit: Kit) -> None:
    alice.commit("CR-1 before there are rules")
    alice.push()
    control(github.url, "protect", pushers=["carol"], bypassers=["alice"])
    before, sha = alice.run("rev-parse", "HEAD").stdout.strip(), alice.commit("CR-1 past them")
    alice.push()
    control(github.url, "protect", pushers=["alice"])
    allowed = alice.commit("CR-1 by the rules")
    alice.push()
    rules = kit.rest.repos.get_repo_rule_suites
    assert [one.result for one in parsed(rules(*SHOP, ref="main", rule_suite_result="all"))] == ["pass", "bypass"]
    (suite,) = parsed(rules(*SHOP, rule_suite_result="bypass", actor_name="alice"))
    assert (suite.before_sha, suite.after_sha, suite.ref) == (before, sha, "refs/heads/main")
    assert [one.after_sha for one in parsed(rules(*SHOP, rule_suite_result="pass"))] == [allowed]
    assert parsed(rules(*SHOP, ref="topic")) == []
    assert parsed(rules(*SHOP, actor_name="bob")) == []
    wrong = call(github, "GET", "/repos/acme/shop/rulesets/rule-suites?time_period=year")
    assert wrong.status_code == 422
    control(github.url, "permissions", app={"administration": "none"})
    refused = call(github, "GET", "/repos/acme/shop/rulesets/rule-suites")
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")


def test_activity(github: Github, alice: Clone, kit: Kit) -> None:
    first = alice.run("rev-parse", "HEAD").stdout.strip()
    sha = alice.commit("CR-1 go")
    alice.push("HEAD:topic")
    alice.push()
    alice.run("reset", "--hard", first)
    other = alice.commit("CR-1 anew")
    alice.push("--force", "HEAD:topic")
    alice.push(":topic")
    seen = kit.rest.repos.list_activities(*SHOP).parsed_data
    assert [(one.activity_type, one.ref) for one in seen] == [
        ("branch_deletion", "refs/heads/topic"),
        ("force_push", "refs/heads/topic"),
        ("push", "refs/heads/main"),
        ("branch_creation", "refs/heads/topic"),
    ]
    assert (seen[1].before, seen[1].after) == (sha, other)
    assert {getattr(one.actor, "login", None) for one in seen} == {"alice"}
    first_page = call(github, "GET", "/repos/acme/shop/activity?per_page=3")
    following = HTTP.get(first_page.links["next"]["url"], headers={"Authorization": "Bearer ghs_bot"})
    assert [one["activity_type"] for one in following.json()] == ["branch_creation"]


def test_protection_is_only_for_administrators(github: Github) -> None:
    github.world.repositories["acme/shop"].protections["main"] = Protection()
    path = "/repos/acme/shop/branches/main/protection"
    assert [call(github, "GET", path, token).status_code for token in ("ghp_carol", "ghp_alice")] == [200, 404]
