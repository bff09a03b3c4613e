"""The HTTP surface over a real desk and database: what it takes, what it refuses and how it says so."""

import hashlib
import hmac
import json
import logging
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot import attestation, readiness, web
from bot.attestation import GitDigest, Predicate, Statement, Subject
from bot.desk import Desk
from bot.metrics import Counts, Metrics
from bot.readiness import Part
from bot.sandbox.asgi import Server
from bot.sop.facts import Check, Directory, Seen
from bot.sop.patrol.facts import Lately
from bot.sop.policy import Policy
from bot.sop.records import ChangeKind, Content, Risk
from storage.store import Store

SECRET = "It's a Secret to Everybody"
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@dataclass
class House:
    """The surface, and what stands behind it."""

    web: httpx.Client
    server: Server
    desk: Desk
    key: Path
    parts: dict[str, Part]
    woken: list[int]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True, stdin=subprocess.DEVNULL)
    return path


def policy(key: Path) -> Policy:
    people = [
        {"slack": "U0ALICE", "github": "alice", "signing_keys": [key.with_suffix(".pub").read_text().strip()]},
        {"slack": "U0CAROL", "github": "carol"},
    ]
    shop = {
        "name": "shop",
        "repository": "acme/shop",
        "channel": "C0RELEASES",
        "ci": {"workflows": ["deploy.yml"]},
        "production": {"url": "http://127.0.0.1:1"},
        "local": {"build": "true", "run": "true"},
        "probes": [{"name": "front", "path": "/"}],
    }
    roles = {"releaser": ["U0ALICE"], "approver": ["U0CAROL"]}
    return Policy.model_validate({"roles": roles, "people": people, "services": [shop]})


def slack(request: Request, body: bytes) -> Response:
    """A handler that answers what it was told, or fails, or is slow."""
    if body == b"fail":
        raise RuntimeError("hunter2")
    if body == b"slow":
        time.sleep(0.5)
    return PlainTextResponse(f"{threading.current_thread().name}: {body.decode()}")


@pytest.fixture
def house(tmp_path: Path, key: Path) -> Iterator[House]:
    store = Store.open(f"sqlite:///{tmp_path / 'slipway.sqlite3'}")
    in_force = policy(key)
    woken: list[int] = []
    desk = Desk(store, lambda: in_force, lambda: NOW, lambda: woken.append(1))
    parts: dict[str, Part] = {}
    metrics = Metrics("1.2.3", lambda: counted(store))
    app = web.build(slack=slack, desk=desk, webhook_secret=SECRET, readiness=lambda: parts, metrics=metrics)
    server = Server(app).start()
    with httpx.Client(base_url=server.url) as client:
        yield House(client, server, desk, key, parts, woken)
    server.stop()
    store.close()


def counted(store: Store) -> Counts:
    backlog = store.read(lambda unit: unit.backlog(NOW))
    releases = {str(s): n for s, n in store.read(lambda unit: unit.count_releases()).items()}
    return Counts(releases, backlog.due, backlog.parked, backlog.oldest_seconds)


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Asserts that the answer is a problem document of RFC 9457 with all its members."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert told["instance"].startswith("urn:uuid:")
    assert {"type", "title", "detail"} <= told.keys()
    return told


# --- Slack


def test_slack_runs_in_a_thread(house: House) -> None:
    answer = house.web.post("/slack/events", content=b"command=/release")
    assert answer.status_code == 200
    name, _, body = answer.text.partition(": ")
    assert body == "command=/release"
    assert name != threading.main_thread().name


def test_without_a_handler_slack_is_not_served(tmp_path: Path, key: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'slipway.sqlite3'}")
    desk = Desk(store, lambda: policy(key), lambda: NOW)
    app = web.build(slack=None, desk=desk, webhook_secret=None, readiness=dict, metrics=Metrics("1", Counts))
    server = Server(app).start()
    assert "nothing is served at /slack/events" in problem(httpx.post(server.url + "/slack/events"), 404)["detail"]
    assert "GITHUB_WEBHOOK_SECRET" in problem(httpx.post(server.url + "/github/webhooks"), 404)["detail"]
    server.stop()
    store.close()


def test_a_slow_handler_delays_nobody(house: House) -> None:
    slow = threading.Thread(target=lambda: httpx.post(house.server.url + "/slack/events", content=b"slow"))
    slow.start()
    answers = [house.web.get("/healthz").status_code for _ in range(3)]
    still_slow = slow.is_alive()
    slow.join()
    assert answers == [200, 200, 200]
    assert still_slow


def test_a_failing_handler_is_a_problem_and_tells_no_secret(house: House) -> None:
    told = problem(house.web.post("/slack/events", content=b"fail"), 500)
    assert "RuntimeError" in told["detail"]
    assert "hunter2" not in json.dumps(told)


def announced(house: House, path: str, length: int) -> httpx.Response:
    """The answer to a request that announces a body and sends none of it."""
    with socket.create_connection((house.server.host, house.server.port), timeout=10) as line:
        line.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        head, _, body = line.makefile("rb").read().partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return httpx.Response(int(first.split()[1]), headers=headers, content=body)


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/slack/events", web.SLACK_LIMIT), ("/api/attestations", attestation.LARGEST), ("/github/webhooks", 25 << 20)],
)
def test_body_limits(house: House, path: str, limit: int) -> None:
    told = problem(announced(house, path, limit + 1), 413)
    assert str(limit) in told["detail"]
    of_attestations = path == "/api/attestations"
    assert told["title"] == ("The attestation is too large" if of_attestations else "Request Entity Too Large")
    assert told["type"].endswith("/too-large") == of_attestations


def test_a_body_without_a_length_is_cut_while_it_is_read(house: House) -> None:
    sent, chunk = 0, b"x" * 65536
    with socket.create_connection((house.server.host, house.server.port), timeout=10) as line:
        head = "POST /api/attestations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        line.sendall(head.encode())
        while sent <= attestation.LARGEST:
            line.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            sent += len(chunk)
        answer = line.recv(65536)  # before the end of the body was sent
    assert answer.startswith(b"HTTP/1.1 413")


# --- GitHub


def delivered(
    house: House, payload: object, event: str = "push", delivery: str = "d-1", **headers: str
) -> httpx.Response:
    body = json.dumps(payload).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    told = {
        "X-Hub-Signature-256": f"sha256={signature}",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery,
        "Content-Type": "application/json",
    }
    kept = {name.encode(): value.encode("latin-1") for name, value in (told | headers).items() if value}
    return house.web.post("/github/webhooks", content=body, headers=kept)


PUSH = {"ref": "refs/heads/main", "repository": {"full_name": "acme/shop"}}


def watched(house: House) -> list[str]:
    claimed = house.desk.store.claim_watches("test", NOW, timedelta(seconds=60), 10)
    return sorted(c.subject for c in claimed)


def test_a_webhook_makes_the_next_look_come_at_once(house: House) -> None:
    assert watched(house) == []
    answer = delivered(house, PUSH)
    assert (answer.status_code, answer.json()) == (202, {"taken": True})
    assert watched(house) == ["patrol:shop", "service:shop"]
    assert house.woken


@pytest.mark.parametrize("event", ["workflow_run", "deployment", "deployment_status", "workflow_job", "issues"])
def test_the_patrol_looks_at_once_where_something_may_have_been_deployed(house: House, event: str) -> None:
    delivered(house, PUSH, event=event)
    assert ("patrol:shop" in watched(house)) == (event not in ("workflow_job", "issues"))


def test_a_delivery_counts_once(house: House) -> None:
    answers = [delivered(house, PUSH, delivery=d).json()["taken"] for d in ("d-1", "d-1", "d-2")]
    assert answers == [True, False, True]


def test_ping_is_answered(house: House) -> None:
    answer = delivered(house, {"zen": "Keep it logically awesome.", "hook_id": 1}, event="ping")
    assert (answer.status_code, answer.json()) == (200, {"pong": "Keep it logically awesome."})


@pytest.mark.parametrize("payload", [{"action": "created"}, {"repository": None}, {"repository": {"full_name": 5}}])
def test_an_event_without_a_repository_is_nothing_to_us(house: House, payload: object) -> None:
    assert delivered(house, payload).json() == {"taken": False}
    assert watched(house) == []


def test_the_signature_of_githubs_documentation() -> None:
    """The values GitHub's documentation gives for testing an implementation."""
    digest = hmac.new(SECRET.encode(), b"Hello, World!", hashlib.sha256).hexdigest()
    assert digest == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        ({"X-Hub-Signature-256": ""}, 401, "does not match GITHUB_WEBHOOK_SECRET"),
        ({"X-Hub-Signature-256": "sha256=" + "0" * 64}, 401, "does not match"),
        ({"X-Hub-Signature-256": "sha1=" + "0" * 40}, 401, "does not match"),
        ({"X-Hub-Signature-256": "sha256=\u00e9"}, 401, "does not match"),
        ({"X-GitHub-Event": ""}, 400, "X-GitHub-Event"),
        ({"X-GitHub-Delivery": ""}, 400, "X-GitHub-Delivery"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "application/json"),
    ],
)
def test_refused_webhooks(house: House, headers: dict[str, str], status: int, said: str) -> None:
    assert said in problem(delivered(house, PUSH, **headers), status)["detail"]
    assert watched(house) == []


@pytest.mark.parametrize("payload", ["[]", "nothing", ""])
def test_a_signed_body_that_is_no_object(house: House, payload: str) -> None:
    signature = hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()
    headers = {
        "X-Hub-Signature-256": f"sha256={signature}",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "d",
        "Content-Type": "application/json; charset=utf-8",
    }
    problem(house.web.post("/github/webhooks", content=payload, headers=headers), 400)


# --- attestations


def statement(change: str = "CR-1", service: str = "shop", finished: datetime = NOW) -> bytes:
    predicate = Predicate(
        service=service,
        change=change,
        branch="faster",
        base="b" * 40,
        tool="slipway test",
        policy="d" * 64,
        proof="e" * 64,
        started=finished - timedelta(minutes=1),
        finished=finished,
        checks=(Check(name="clean", ok=True, seen="clean"),),
        probes=(),
    )
    digest = GitDigest(gitTree="a" * 40, gitCommit="c" * 40)
    return Statement(subject=(Subject(name="acme/shop", digest=digest),), predicate=predicate).payload()


def sent(house: House, payload: bytes, key: Path | None = None) -> httpx.Response:
    body = attestation.wrap(payload, attestation.sign(payload, key or house.key))
    return house.web.post("/api/attestations", content=body, headers={"Content-Type": "application/json"})


def file_change(house: House) -> None:
    content = Content(
        service="shop",
        title="Faster checkout",
        why="It is slow",
        kind=ChangeKind.ROUTINE,
        risk=Risk.LOW,
        areas=("shop/*",),
        undo="Revert",
    )
    outcome = house.desk.new_change("U0ALICE", content)
    assert outcome.subject == "CR-1", outcome.refusal


def test_an_attestation_is_kept(house: House) -> None:
    file_change(house)
    answer = sent(house, statement())
    assert (answer.status_code, answer.json()["tree"]) == (201, "a" * 40)
    kept = house.desk.store.read(lambda unit: unit.attestations("shop", 1))
    assert [(a.signer, a.tree, a.id) for a in kept] == [("U0ALICE", "a" * 40, answer.json()["attestation"])]


def test_an_attestation_is_taken_once(house: House) -> None:
    file_change(house)
    payload = statement()
    assert sent(house, payload).status_code == 201
    told = problem(sent(house, payload), 409)
    assert told["type"] == "https://slipway.dev/problems/replayed"
    assert len(house.desk.store.read(lambda unit: unit.attestations("shop", 1))) == 1


def test_refused_attestations(house: House, tmp_path: Path) -> None:
    file_change(house)
    stranger = tmp_path / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", stranger], check=True)
    good = statement()
    body = json.loads(attestation.wrap(good, attestation.sign(good, house.key)))
    forged = json.loads(attestation.wrap(statement("CR-2"), body["signature"]))
    rows = [
        (sent(house, good, stranger), 403, "unknown-key"),
        (house.web.post("/api/attestations", json=forged), 403, "bad-signature"),
        (sent(house, statement("CR-9")), 422, "unknown-change"),
        (sent(house, statement(service="blog")), 422, "unknown-service"),
        (sent(house, statement(finished=NOW - timedelta(days=2))), 422, "too-old"),
        (sent(house, statement(finished=NOW + timedelta(hours=1))), 422, "from-the-future"),
        (sent(house, b"{}"), 400, "malformed"),
        (house.web.post("/api/attestations", content=b"nothing"), 400, "malformed"),
    ]
    for answer, status, kind in rows:
        assert problem(answer, status)["type"].endswith(f"/{kind}")
    assert problem(rows[-1][0], 400)["errors"]
    assert house.desk.store.read(lambda unit: unit.attestations("shop", 1)) == ()


# --- health, metrics, everything else


def test_health(house: House) -> None:
    assert house.web.get("/healthz").json() == {"alive": True}
    assert house.web.head("/healthz").status_code == 200


def test_readiness_names_each_part(house: House) -> None:
    house.parts |= {"database": Part(True, age=0.0, needed=True), "slack": Part(True, age=12.5), "github": Part(None)}
    answer = house.web.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert answer.json()["parts"]["slack"] == {"ok": True, "said": None, "age_seconds": 12.5}
    house.parts["github"] = Part(False, "GitHub could not be reached", 600.0)
    answer = house.web.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["github"]["ok"]) == (200, False)
    assert answer.json()["parts"]["github"]["said"] == "GitHub could not be reached"
    house.parts["database"] = Part(False, "OperationalError", needed=True)
    assert house.web.get("/readyz").status_code == 503


def test_what_is_known_of_each_part(tmp_path: Path, key: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/slipway.db")

    def seen() -> dict[str, Part]:
        return dict(readiness.parts(store, lambda: policy(key), "line 3", [("outbox", None)], NOW))

    found = seen()
    assert [n for n, p in found.items() if p.needed] == ["database"]
    assert [found[n].ok for n in ("database", "slack", "github", "sop.yaml", "outbox")] == [
        True,
        None,
        None,
        False,
        True,
    ]
    ago = NOW - timedelta(seconds=90)
    store.transact(lambda unit: unit.saw("slack", "directory", Seen[Directory](value=Directory(), at=ago)))
    lately = Seen[Lately](value=Lately(since=ago, tip=None), at=ago, error="GitHub answered 502")
    store.transact(lambda unit: unit.saw("patrol:shop", "lately", lately))
    found = seen()
    assert (found["slack"], found["github"]) == (Part(True, None, 90.0), Part(False, "GitHub answered 502", 90.0))
    until = NOW.replace(hour=10, minute=42)
    limited = lately.model_copy(update={"error": "GitHub's rate limit is used up", "until": until})
    store.transact(lambda unit: unit.saw("patrol:shop", "lately", limited))
    assert seen()["github"].said == "GitHub's rate limit is used up until 10:42 UTC"
    store.close()
    (tmp_path / "slipway.db").write_bytes(b"no database" * 1000)
    assert (seen()["database"].ok, seen()["slack"].ok) == (False, None)


def test_metrics(house: House) -> None:
    file_change(house)
    house.web.get("/nothing/here")
    delivered(house, PUSH)
    page = house.web.get("/metrics")
    families = text_string_to_metric_families(page.text)
    samples = {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}
    assert samples["slipway_http_requests_total", "/github/webhooks", "202", "POST"] == 1
    assert samples["slipway_http_requests_total", "404", "any", "other"] == 1
    assert samples["slipway_releases", "RUNNING"] == 0
    assert samples[("slipway_outbox_due",)] > 0
    assert samples[("slipway_outbox_parked",)] == 0
    assert samples["slipway_build_info", "1.2.3"] == 1
    assert ("slipway_outbox_oldest_seconds",) in samples


def test_counters() -> None:
    metrics = Metrics("1", lambda: Counts({"HELD": 2}, 3, 1, 7.5))
    metrics.performed("show_card", "done")
    metrics.look_failed("runs")
    page = metrics.page().decode()
    for line in (
        'slipway_effects_total{kind="show_card",outcome="done"} 1.0',
        'slipway_look_errors_total{what="runs"} 1.0',
        'slipway_releases{status="HELD"} 2.0',
        "slipway_outbox_oldest_seconds 7.5",
    ):
        assert line in page


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/", 404, "nothing is served at /"),
        ("GET", "/admin", 404, "nothing is served at /admin"),
        ("GET", "/slack/events", 405, "GET is not served at /slack/events"),
        ("DELETE", "/healthz", 405, "DELETE is not served at /healthz"),
        ("POST", "/healthz/", 404, "nothing"),
    ],
)
def test_everything_else_is_a_problem(house: House, method: str, path: str, status: int, said: str) -> None:
    answer = house.web.request(method, path)
    assert said in problem(answer, status)["detail"]
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/metrics"])
def test_security_headers(house: House, path: str) -> None:
    headers = house.web.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_no_secret_in_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    delivered(house, {"token": "ghs_hunter2"}, **{"X-Hub-Signature-256": "sha256=hunter2"})
    house.web.post("/api/attestations", json={"payload": "hunter2", "signature": "hunter2"})
    house.web.get("/nothing", headers={"Authorization": "Bearer hunter2"}, params={"token": "hunter2"})
    ours = [r.getMessage() for r in caplog.records if r.name.startswith(("bot", "storage"))]
    assert ours
    assert not any("hunter2" in line or SECRET in line for line in ours)
