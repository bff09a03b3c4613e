"""Reading production over real HTTP: versions, probes, and everything that can go wrong on the way."""

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from bot.production import LARGEST, play, read_round
from bot.sop.policy import Compare, Probe, Production, VersionSource

SHA = "4f2c9ab0000000000000000000000000000000de"
NOW = datetime(2026, 11, 2, 14, 5, tzinfo=UTC)
QUICK = timedelta(seconds=5)
SHORT = timedelta(seconds=0.3)

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: "App"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append((self.command, self.path, dict(self.headers), self.client_address))
        self.server.answers.get(self.path.split("?")[0], nothing)(self)

    do_POST = do_HEAD = do_GET

    def say(self, status: int, body: Any, **headers: str) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(data))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def nothing(handler: Handler) -> None:
    handler.say(404, "nothing here")


class App(socketserver.ThreadingTCPServer):
    """A real web app whose answers a test sets by path."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.seen: list[tuple[str, str, dict[str, str], Any]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Quiet: a reader that gave up is what some tests want."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def production(self, **more: Any) -> Production:
        return Production(**({"url": self.url, "samples": 3, "timeout": QUICK} | more))


@pytest.fixture
def app() -> Iterator[App]:
    with App() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def elsewhere() -> Iterator[App]:
    with App() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def errors(production: Production) -> set[str | None]:
    samples = read_round(production, NOW).samples
    assert {s.version for s in samples} == {None}
    return {s.error for s in samples}


# --- versions


def test_every_sample_is_read_over_a_fresh_connection(app: App) -> None:
    app.answers["/version"] = lambda h: h.say(200, {"commit": SHA})
    found = read_round(app.production(samples=12), NOW)
    assert found.at == NOW
    assert [s.version for s in found.samples] == [SHA] * 12
    assert len({address for *_, address in app.seen}) == 12


def test_a_half_updated_fleet_is_seen_as_it_is(app: App) -> None:
    turns = iter([SHA, "old", SHA, "old"])
    app.answers["/version"] = lambda h: h.say(200, {"commit": next(turns)})
    assert sorted(s.version or "" for s in read_round(app.production(samples=4), NOW).samples) == [
        SHA,
        SHA,
        "old",
        "old",
    ]


def test_the_version_is_read_from_a_nested_field_a_header_or_a_map(app: App) -> None:
    app.answers["/v"] = lambda h: h.say(200, {"build": [{"sha": SHA}]}, X_Release="v1.4")
    nested = app.production(version=VersionSource(path="/v", field="build.0.sha"))
    header = app.production(version=VersionSource(path="/v", header="x-release"))
    mapped = app.production(version=VersionSource(path="/v", header="X-Release", map={"v1.4": SHA}))
    assert [{s.version for s in read_round(p, NOW).samples} for p in (nested, header, mapped)] == [
        {SHA},
        {"v1.4"},
        {SHA},
    ]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda h: h.say(503, {"commit": SHA}), "/version answered 503"),
        (lambda h: h.say(200, "<p>hello</p>"), "/version has no field commit"),
        (lambda h: h.say(200, {"version": SHA}), "/version has no field commit"),
        (lambda h: h.say(200, {"commit": ""}), "/version has no field commit"),
        (lambda h: h.say(200, {"commit": {"sha": SHA}}), "/version has no field commit"),
        (lambda h: h.say(302, "", Location="/version"), "redirects more than 5 times"),
    ],
)
def test_an_answer_without_a_version_says_why(app: App, answer: Answer, error: str) -> None:
    app.answers["/version"] = answer
    assert errors(app.production()) == {error}


def test_a_redirect_is_followed_within_the_host_only(app: App, elsewhere: App) -> None:
    app.answers["/version"] = lambda h: h.say(302, "", Location="/build/version")
    app.answers["/build/version"] = lambda h: h.say(200, {"commit": SHA})
    elsewhere.answers["/version"] = app.answers["/build/version"]
    assert {s.version for s in read_round(app.production(), NOW).samples} == {SHA}
    app.answers["/version"] = lambda h: h.say(302, "", Location=f"{elsewhere.url}/version")
    assert errors(app.production()) == {f"redirects to {elsewhere.url}/version, which is another host"}
    assert elsewhere.seen == []


def test_nobody_listening_is_an_error_not_a_version(app: App) -> None:
    production = app.production()
    app.shutdown()
    app.server_close()
    found = errors(production)
    assert found and all(error is not None and error.startswith("could not connect") for error in found)


def test_an_app_that_does_not_answer_in_time_is_an_error(app: App) -> None:
    over = threading.Event()

    def hang(handler: Handler) -> None:
        over.wait(20)

    app.answers["/version"] = hang
    try:
        assert errors(app.production(timeout=SHORT, samples=2)) == {"no answer within 0.3 s"}
    finally:
        over.set()


def test_a_body_that_trickles_in_is_cut_off_by_the_whole_time(app: App) -> None:
    def trickle(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(100):
            time.sleep(0.05)
            handler.wfile.write(b" ")

    app.answers["/version"] = trickle
    assert errors(app.production(timeout=SHORT, samples=1)) == {"no answer within 0.3 s"}


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    app.answers["/version"] = lambda h: h.say(200, {"commit": SHA})
    assert {s.version for s in read_round(app.production(), NOW).samples} == {SHA}


# --- probes


def one(app: App, env: dict[str, str] | None = None, timeout: timedelta = QUICK, **probe: Any) -> Any:
    (found,) = play((Probe(**({"name": "p", "path": "/p"} | probe)),), app.url, env or {}, timeout)
    return found


def test_probes_are_played_in_order_and_normalised(app: App) -> None:
    app.answers["/a"] = lambda h: h.say(200, {"at": "now", "items": [{"id": 7, "n": 1}]})
    app.answers["/b"] = lambda h: h.say(404, "<p>no</p>")
    app.answers["/c"] = lambda h: h.say(200, "never seen")
    probes = (
        Probe(name="a", path="/a", ignore=("at", "items.*.id")),
        Probe(name="b", path="/b?q=1"),
        Probe(name="c", path="/c", method="HEAD"),
    )
    found = play(probes, app.url + "/", {}, QUICK)
    assert [(a.name, a.status, a.body, a.error) for a in found] == [
        ("a", 200, {"items": [{"n": 1}]}, None),
        ("b", 404, "<p>no</p>", None),
        ("c", 200, None, None),
    ]
    assert [(method, path) for method, path, *_ in app.seen] == [("GET", "/a"), ("GET", "/b?q=1"), ("HEAD", "/c")]


def test_a_body_is_sent_as_json(app: App) -> None:
    def quote(handler: Handler) -> None:
        asked = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        handler.say(200, {"got": asked, "type": handler.headers["Content-Type"]})

    app.answers["/p"] = quote
    found = one(app, method="POST", safe=True, body={"items": [1, "ä"]})
    assert found.body == {"got": {"items": [1, "ä"]}, "type": "application/json"}


def test_header_values_come_from_the_environment_and_are_masked_when_echoed(app: App) -> None:
    app.answers["/p"] = lambda h: h.say(200, {"you": h.headers["Authorization"], "plain": h.headers["X-Plain"]})
    headers = {"Authorization": "Bearer $API_KEY", "X-Plain": "as it is"}
    found = one(app, {"API_KEY": "hunter2-hunter2\n"}, headers=headers)
    assert found.body == {"you": "Bearer $API_KEY", "plain": "as it is"}
    assert app.seen[0][2]["Authorization"] == "Bearer hunter2-hunter2"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, "header X-Key wants $API_KEY, which is not set in the environment"),
        ("", "header X-Key wants $API_KEY, which is not set in the environment"),
        ("secret\r\nX: y", "header X-Key has characters that a header cannot carry"),
        ("sécret", "header X-Key has characters that a header cannot carry"),
    ],
)
def test_a_header_that_cannot_be_sent_is_an_error_without_its_value(app: App, value: str | None, error: str) -> None:
    found = one(app, {} if value is None else {"API_KEY": value}, headers={"X-Key": "$API_KEY"})
    assert (found.status, found.error) == (None, error)
    assert app.seen == []


def test_a_body_above_one_mebibyte_is_an_error(app: App) -> None:
    app.answers["/p"] = lambda h: h.say(200, "x" * (LARGEST + 1))
    assert one(app).error == "the body is larger than 1 MiB"
    app.answers["/p"] = lambda h: h.say(200, "x" * LARGEST)
    assert len(one(app).body) == LARGEST


def test_a_redirect_to_another_host_is_the_answer_and_carries_no_header_there(app: App, elsewhere: App) -> None:
    app.answers["/p"] = lambda h: h.say(302, "", Location=f"{elsewhere.url}/login")
    found = one(app, {"K": "secret"}, headers={"X-Key": "$K"}, compare=Compare.STATUS)
    assert (found.status, found.error) == (302, None)
    assert elsewhere.seen == []


def test_cookies_of_one_probe_do_not_reach_another(app: App) -> None:
    app.answers["/p"] = lambda h: h.say(200, {"cookie": h.headers.get("Cookie")}, Set_Cookie="session=1; Path=/")
    probes = (Probe(name="a", path="/p"), Probe(name="b", path="/p"))
    assert [a.body for a in play(probes, app.url, {}, QUICK)] == [{"cookie": None}] * 2


def test_one_failed_probe_does_not_keep_the_others_from_being_played(app: App) -> None:
    def hang_up(handler: Handler) -> None:
        handler.close_connection = True

    app.answers["/a"] = hang_up
    app.answers["/b"] = lambda h: h.say(200, {"n": 1})
    first, second = play((Probe(name="a", path="/a"), Probe(name="b", path="/b")), app.url, {}, QUICK)
    assert first.error and first.status is None
    assert second.body == {"n": 1}


def test_a_body_in_another_charset_is_read_as_text(app: App) -> None:
    def latin(handler: Handler) -> None:
        data = "<p>café</p>".encode("latin-1")
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html; charset=latin-1")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    app.answers["/p"] = latin
    assert one(app).body == "<p>café</p>"
