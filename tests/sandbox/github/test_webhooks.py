"""Every webhook is signed and parses into githubkit's models."""

import hashlib
import hmac
import json

from githubkit.webhooks import parse, verify

from bot.sandbox.github.server import Github
from tests.sandbox.github.town import Clone, Inbox, call, control, finished, until

REPO = "/repos/acme/shop"


def test_every_webhook_parses(github: Github, alice: Clone, inbox: Inbox) -> None:
    sha = alice.commit("CR-1 go")
    alice.push("HEAD:refs/heads/topic")
    alice.push()
    alice.push(":topic")
    finished(github, sha)
    control(github.url, "environment", reviewers=["carol"])
    call(github, "POST", f"{REPO}/issues", json={"title": "x", "labels": ["critical"]})
    for change in ({"state": "closed"}, {"state": "open"}, {"title": "y"}):
        call(github, "PATCH", f"{REPO}/issues/1", json=change)
    call(github, "POST", f"{REPO}/issues/1/labels", json={"labels": ["bug"]})
    call(github, "DELETE", f"{REPO}/issues/1/labels/bug")
    second = alice.commit("CR-1 again")
    alice.push()
    until(lambda: inbox.seen("workflow_job", "waiting"))
    control(github.url, "approve", run=call(github, "GET", f"{REPO}/actions/runs").json()["workflow_runs"][0]["id"])
    finished(github, second)
    until(lambda: len(inbox.seen("workflow_run", "completed")) == 2)
    kinds = set()
    for event, headers, body in inbox.taken:
        assert verify("whisper", body, headers["x-hub-signature-256"])
        parse(event, body)
        kinds.add((event, json.loads(body).get("action")))
    assert kinds == {
        ("ping", None),
        ("push", None),
        *(("workflow_run", action) for action in ("requested", "in_progress", "completed")),
        *(("workflow_job", action) for action in ("queued", "in_progress", "completed", "waiting")),
        ("deployment", "created"),
        ("deployment_status", "created"),
        *(("issues", action) for action in ("opened", "closed", "reopened", "edited", "labeled", "unlabeled")),
    }


def test_what_people_do_by_hand_is_told_with_their_names(github: Github, alice: Clone, inbox: Inbox) -> None:
    body = {"ref": "main"}
    call(github, "POST", f"{REPO}/actions/workflows/deploy.yml/dispatches", "ghp_bob", json=body)
    run = finished(github, alice.run("rev-parse", "HEAD").stdout.strip())
    call(github, "POST", f"{REPO}/actions/runs/{run['id']}/rerun", "ghp_carol")
    until(lambda: len(inbox.seen("workflow_run", "completed")) == 2)
    for event, _, sent in inbox.taken:
        parse(event, sent)
    told = [one["workflow_run"] for one in inbox.seen("workflow_run", "requested")]
    assert [(one["event"], one["run_attempt"], one["triggering_actor"]["login"]) for one in told] == [
        ("workflow_dispatch", 1, "bob"),
        ("workflow_dispatch", 2, "carol"),
    ]
    assert [one["sender"]["login"] for one in inbox.seen("workflow_run", "requested")] == ["bob", "carol"]
    statuses = until(lambda: (seen := inbox.seen("deployment_status"))[4:] and seen)
    states = [one["deployment_status"]["state"] for one in statuses]
    assert states == ["in_progress", "success", "in_progress", "success", "inactive"]


def test_signature_and_headers(github: Github, inbox: Inbox) -> None:
    event, headers, sent = until(lambda: inbox.taken)[0]
    assert event == "ping"
    expected = hmac.new(b"whisper", sent, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={expected}"
    assert headers["x-hub-signature"] == f"sha1={hmac.new(b'whisper', sent, hashlib.sha1).hexdigest()}"
    assert headers["x-github-hook-installation-target-id"] == str(json.loads(sent)["repository"]["id"])
    assert headers["user-agent"].startswith("GitHub-Hookshot/")
    assert len(headers["x-github-delivery"]) == 36


def test_doubled_silenced_and_redelivered(github: Github, inbox: Inbox) -> None:
    control(github.url, "webhooks", copies=2)
    control(github.url, "open_issue", title="twice", labels=["critical"])
    until(lambda: len(inbox.seen("issues")) == 2)
    ids = [headers["x-github-delivery"] for event, headers, _ in inbox.taken if event == "issues"]
    assert ids[0] == ids[1]
    control(github.url, "webhooks", off=True, copies=1)
    control(github.url, "close_issue", number=1)
    control(github.url, "webhooks", off=False)
    control(github.url, "open_issue", title="heard")
    until(lambda: len(inbox.seen("issues", "opened")) == 3)
    assert inbox.seen("issues", "closed") == []
    assert control(github.url, "redeliver", id=ids[0]) == {"found": True}
    until(lambda: len(inbox.seen("issues", "opened")) == 4)


def test_a_receiver_that_is_away_is_not_tried_again(github: Github) -> None:
    control(github.url, "webhooks", url="http://127.0.0.1:1/nobody", secret="x")
    until(lambda: call(github, "GET", "/_control/deliveries").json())
    (delivery,) = call(github, "GET", "/_control/deliveries").json()
    assert (delivery["event"], delivery["status"]) == ("ping", 0)
