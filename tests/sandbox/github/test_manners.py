"""Tokens, limits, ETags, pages, faults."""

import time
from dataclasses import replace

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.sandbox.github.server import Github
from tests.sandbox.github.town import HTTP, Clone, call, control

REPO = "/repos/acme/shop"


def test_tokens(github: Github) -> None:
    bad = call(github, "GET", REPO, "ghp_nobody")
    assert (bad.status_code, bad.json()["message"], bad.json()["status"]) == (401, "Bad credentials", "401")
    assert call(github, "GET", REPO, "").status_code == 404
    assert call(github, "GET", REPO, headers={"Authorization": "token ghp_alice"}).status_code == 200
    seen = call(github, "GET", REPO, "ghp_alice")
    assert seen.headers["x-oauth-scopes"] == "repo, workflow"
    assert call(github, "GET", f"{REPO}/issues").headers["x-accepted-github-permissions"] == "issues=read"
    assert call(github, "GET", "/user").json()["message"] == "Resource not accessible by integration"
    assert call(github, "GET", "/user", "ghp_alice").json()["login"] == "alice"
    assert call(github, "GET", "/nowhere").json()["message"] == "Not Found"
    assert seen.headers["x-github-request-id"]


def test_what_an_app_or_a_reader_may_not_do(github: Github) -> None:
    control(github.url, "permissions", app={"issues": "read"})
    refused = call(github, "POST", f"{REPO}/issues", json={"title": "x"})
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")
    assert refused.headers["x-accepted-github-permissions"] == "issues=write"
    assert call(github, "POST", f"{REPO}/git/refs", "ghp_frank", json={}).status_code == 404
    assert call(github, "POST", f"{REPO}/actions/runs/1/cancel", "ghp_frank").status_code == 403
    control(github.url, "tokens", revoke=["ghp_alice"])
    assert call(github, "GET", REPO, "ghp_alice").status_code == 401
    control(github.url, "permissions", people={"bob": "none"})
    assert call(github, "GET", REPO, "ghp_bob").status_code == 404


def test_app_authentication(github: Github) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    github.world.config.app_public_key = pem.decode()
    now = int(time.time())
    token = jwt.encode({"iat": now - 60, "exp": now + 300, "iss": "4711"}, key, algorithm="RS256")
    assert call(github, "GET", "/app", token).json()["slug"] == "slipway"
    made = call(github, "POST", "/app/installations/815/access_tokens", token)
    assert made.status_code == 201
    assert call(github, "GET", REPO, made.json()["token"]).status_code == 200
    held = github.world.issued
    held.update({token: replace(one, until=time.time() - 1) for token, one in held.items()})
    assert call(github, "GET", REPO, made.json()["token"]).json()["message"] == "Bad credentials", "after an hour"
    assert call(github, "POST", "/app/installations/1/access_tokens", token).status_code == 404
    assert call(github, "GET", "/app").status_code == 401
    other = rsa.generate_private_key(65537, 2048)
    forged = jwt.encode({"iat": now, "exp": now + 300, "iss": "4711"}, other, algorithm="RS256")
    assert call(github, "GET", "/app", forged).status_code == 401


def test_a_request_without_a_user_agent_is_refused(github: Github) -> None:
    refused = call(github, "GET", REPO, headers={"User-Agent": ""})
    assert refused.status_code == 403
    assert "has a User-Agent header" in refused.json()["message"]


def test_etag_costs_nothing(github: Github, alice: Clone) -> None:
    first = call(github, "GET", f"{REPO}/commits")
    held = {"If-None-Match": first.headers["etag"]}
    again = call(github, "GET", f"{REPO}/commits", headers=held)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]
    alice.commit("CR-1 new")
    alice.push()
    changed = call(github, "GET", f"{REPO}/commits", headers=held)
    assert changed.status_code == 200
    assert int(changed.headers["x-ratelimit-remaining"]) == int(first.headers["x-ratelimit-remaining"]) - 1


def test_pages(github: Github) -> None:
    for number in range(5):
        control(github.url, "open_issue", title=f"issue {number}")
    url, numbers = f"{REPO}/issues?per_page=2&state=open", []
    answer = call(github, "GET", url)
    assert set(answer.links) == {"next", "last"}
    while True:
        numbers += [one["number"] for one in answer.json()]
        if "next" not in answer.links:
            break
        answer = HTTP.get(answer.links["next"]["url"], headers={"Authorization": "Bearer ghs_bot"})
    assert numbers == [5, 4, 3, 2, 1]
    assert set(answer.links) == {"prev", "first"}
    assert "state=open" in answer.links["first"]["url"]
    assert call(github, "GET", f"{REPO}/issues?per_page=2&page=9").json() == []


@pytest.mark.parametrize("status", [403, 429])
def test_primary_limit(github: Github, status: int) -> None:
    control(github.url, "rate_limit", kind="primary", remaining=1, reset_in=30, status=status)
    assert call(github, "GET", REPO).headers["x-ratelimit-remaining"] == "0"
    refused = call(github, "GET", REPO)
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (status, "0")
    assert refused.json()["message"] == "API rate limit exceeded for installation ID 815."
    assert refused.json()["documentation_url"].endswith("/rate-limits-for-the-rest-api")
    assert refused.headers["x-ratelimit-resource"] == "core"
    assert 0 < int(refused.headers["x-ratelimit-reset"]) - time.time() <= 31
    assert call(github, "GET", REPO, "ghp_alice").status_code == 200
    control(github.url, "rate_limit", kind="off")
    assert call(github, "GET", REPO).status_code == 200


@pytest.mark.parametrize("status", [403, 429])
def test_secondary_limit(github: Github, status: int) -> None:
    control(github.url, "rate_limit", kind="secondary", retry_after=30, status=status)
    refused = call(github, "GET", REPO)
    assert refused.status_code == status
    assert refused.json()["documentation_url"].endswith("#about-secondary-rate-limits")
    assert int(refused.headers["x-ratelimit-remaining"]) > 0
    assert 29 <= int(refused.headers["retry-after"]) <= 31
    assert "secondary rate limit" in refused.json()["message"]


def test_failing_and_lost_answers(github: Github) -> None:
    control(github.url, "fail_next", times=1, status=502, path="/issues", method="POST")
    assert call(github, "GET", f"{REPO}/issues").status_code == 200
    assert call(github, "POST", f"{REPO}/issues", json={"title": "x"}).status_code == 502
    assert call(github, "GET", f"{REPO}/issues").json() == []
    control(github.url, "lose_answer", method="POST", path="/issues")
    with pytest.raises(httpx.RemoteProtocolError):
        call(github, "POST", f"{REPO}/issues", json={"title": "done, but nobody heard"})
    assert [one["title"] for one in call(github, "GET", f"{REPO}/issues").json()] == ["done, but nobody heard"]
    calls = call(github, "GET", "/_control/calls").json()
    posts = [(one["path"], one["status"], one["lost"], one["login"]) for one in calls if one["method"] == "POST"]
    assert posts == [(f"{REPO}/issues", 502, False, "slipway[bot]"), (f"{REPO}/issues", 201, True, "slipway[bot]")]


def test_api_down(github: Github, alice: Clone) -> None:
    left = int(call(github, "GET", REPO).headers["x-ratelimit-remaining"])
    control(github.url, "api_down")
    for _ in range(61):
        down = call(github, "GET", REPO)
        assert (down.status_code, down.json()["message"][:19]) == (503, "No server is curren")
        assert not [name for name in down.headers if name.startswith("x-ratelimit")], "it knows no budget"
    control(github.url, "api_down", on=False)
    assert call(github, "GET", REPO).headers["x-ratelimit-remaining"] == str(left - 1), "none was counted"
    assert call(github, "GET", REPO, "").headers["x-ratelimit-remaining"] == "59"


def test_a_failure_of_githubs_own_costs_nothing_and_tells_of_the_senders_budget(github: Github) -> None:
    left = call(github, "GET", REPO).headers["x-ratelimit-remaining"]
    control(github.url, "fail_next", times=1, status=502, path=REPO, method="GET")
    failed = call(github, "GET", REPO)
    assert (failed.status_code, failed.headers["x-ratelimit-limit"]) == (502, "5000")
    assert failed.headers["x-ratelimit-remaining"] == left


def test_pages_for_people(github: Github, alice: Clone) -> None:
    control(github.url, "open_issue", title="<script>alert(1)</script>")
    page = HTTP.get(f"{github.url}/acme/shop/issues/1").text
    assert "&lt;script&gt;alert(1)" in page and "<script>" not in page
    sha = alice.commit("CR-1 <b>bold</b>")
    alice.push()
    for path in (f"commit/{sha}", f"compare/{sha[:12]}...main"):
        assert HTTP.get(f"{github.url}/acme/shop/{path}").status_code == 200
    assert "CR-1 &lt;b&gt;bold" in HTTP.get(f"{github.url}/acme/shop/commit/{sha}").text
    assert HTTP.get(f"{github.url}/acme/shop/commit/nothing").status_code == 404


def test_unknown_controls_say_what_there_is(github: Github) -> None:
    answer = HTTP.post(f"{github.url}/_control/abracadabra", json={})
    assert answer.status_code == 404
    assert "hold_jobs" in answer.json()["message"]
    assert HTTP.post(f"{github.url}/_control/close_issue", json={"number": 9}).status_code == 422
