"""Pull requests, which are issues too."""

import githubkit
from githubkit.webhooks import parse

from bot.sandbox.github.server import Github
from tests.sandbox.github.town import Clone, Inbox, call, parsed, until

Kit = githubkit.GitHub[githubkit.TokenAuthStrategy]
SHOP = ("acme", "shop")
REPO = "/repos/acme/shop"


def test_open_list_and_merge(github: Github, alice: Clone, kit: Kit, inbox: Inbox) -> None:
    shas = [alice.commit(f"CR-1 {number}", "shop/new.py", f"x = {number}\n") for number in range(2)]
    alice.push("HEAD:topic")
    pulls = kit.rest.pulls
    made = pulls.create(*SHOP, title="CR-1 Faster", head="topic", base="main", body="Why").parsed_data
    assert (made.number, made.commits, made.changed_files, made.mergeable) == (1, 2, 1, True)
    assert [one.number for one in parsed(pulls.list(*SHOP, head="acme:topic"))] == [1]
    assert [one.sha for one in parsed(pulls.list_commits(*SHOP, 1))] == shas
    assert [one.filename for one in parsed(pulls.list_files(*SHOP, 1))] == ["shop/new.py"]
    (as_issue,) = parsed(kit.rest.issues.list_for_repo(*SHOP))
    assert as_issue.pull_request
    again = call(github, "POST", f"{REPO}/pulls", json={"title": "x", "head": "topic", "base": "main"})
    assert again.json()["errors"][0]["message"] == "A pull request already exists for acme:topic."
    stale = call(github, "PUT", f"{REPO}/pulls/1/merge", json={"sha": "0" * 40})
    assert stale.status_code == 409
    merged = pulls.merge(*SHOP, 1, merge_method="squash").parsed_data
    assert kit.rest.git.get_ref(*SHOP, "heads/main").parsed_data.object_.sha == merged.sha
    after = pulls.get(*SHOP, 1).parsed_data
    assert (after.state, after.merged, after.merged_by and after.merged_by.login) == ("closed", True, "slipway[bot]")
    assert kit.rest.repos.get_commit(*SHOP, merged.sha).parsed_data.commit.message == "CR-1 Faster (#1)"
    brought = parsed(kit.rest.repos.list_pull_requests_associated_with_commit(*SHOP, merged.sha))
    assert [one.number for one in brought] == [1]
    assert kit.rest.repos.list_activities(*SHOP).parsed_data[0].activity_type == "pr_merge"
    until(lambda: inbox.seen("pull_request", "closed"))
    for event, _, body in inbox.taken:
        parse(event, body)


def test_ways_to_merge_and_conflicts(github: Github, alice: Clone, kit: Kit) -> None:
    for method in ("merge", "rebase"):
        alice.commit(f"CR-1 {method}", f"{method}.txt")
        alice.push(f"HEAD:{method}")
        number = kit.rest.pulls.create(*SHOP, title=method, head=method, base="main").parsed_data.number
        answer = call(github, "PUT", f"{REPO}/pulls/{number}/merge", json={"merge_method": method})
        assert answer.status_code == 200
        alice.run("fetch", "--quiet")
        parents = alice.run("log", "-1", "--format=%p", "origin/main").stdout.split()
        assert len(parents) == {"merge": 2, "rebase": 1}[method]
        alice.run("reset", "--quiet", "--hard", "origin/main")
    alice.commit("CR-1 here", "greeting.txt", "here\n")
    alice.push("HEAD:clash")
    alice.run("reset", "--quiet", "--hard", "HEAD~1")
    alice.commit("CR-2 there", "greeting.txt", "there\n")
    alice.push()
    made = kit.rest.pulls.create(*SHOP, title="clash", head="clash", base="main").parsed_data
    assert (made.mergeable, made.mergeable_state) == (False, "dirty")
    assert call(github, "PUT", f"{REPO}/pulls/{made.number}/merge").status_code == 405
    closed = kit.rest.pulls.update(*SHOP, made.number, state="closed").parsed_data
    assert (closed.state, closed.merged) == ("closed", False)
