"""Composition root: the one place that constructs clients and joins rooms."""

import logging
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import uvicorn
from github import Auth, Github
from pydantic import SecretStr
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot import readiness, web
from bot.clock import Clock, Tick
from bot.config import BadPolicy, Mode, Settings, read_policy
from bot.desk import Desk
from bot.github.acts import Canceller, Rerunner, Reverter
from bot.github.client import Client, connect
from bot.github.decision_log import LogWriter
from bot.github.failures import FailureReader
from bot.github.patrol import PatrolReader
from bot.github.pusher import Pusher
from bot.github.reader import Reader
from bot.metrics import Counts, Metrics
from bot.outbox import Outbox, Pace, Performer
from bot.production import play, read_round
from bot.readiness import Part
from bot.reconciler import Before, Incidents, Patrol, Reconciler, given_up, record
from bot.slack import app as slack_app
from bot.slack import post
from bot.slack.messages import Messages
from bot.slack.people import People
from bot.sop.effects import CancelRun, MakeRevert, PushBranch, RerunRun, WriteLog
from bot.sop.facts import ProbeAnswer
from bot.sop.policy import Policy, Service
from storage.store import Store
from storage.unit import Unit

log = logging.getLogger(__name__)
OWN = ("SLACK_", "GITHUB_", "DATABASE_")
TICK = 1.0  # seconds; a commit wakes both ticks at once
RECONNECT = 10.0  # seconds between tries to open Socket Mode


@dataclass
class PolicyInForce:
    """sop.yaml as last read whole; an invalid file leaves the old one in force."""

    path: Path
    current: Policy
    problem: str | None = field(default=None)

    def __call__(self) -> Policy:
        return self.current

    def reload(self) -> str | None:
        """Reads the file again; returns what is wrong with it, or None."""
        try:
            self.current, self.problem = read_policy(self.path), None
        except BadPolicy as e:
            self.problem = str(e)
            log.error("sop.yaml was not reloaded, the policy before stays in force: %s", e)
        return self.problem


@dataclass(frozen=True)
class Slipway:
    """Everything that runs in one process. `app` starts and stops the clock with itself."""

    app: Starlette
    desk: Desk
    clock: Clock
    outbox: Outbox
    reconciler: Reconciler
    policy: PolicyInForce
    store: Store


def now() -> datetime:
    return datetime.now(UTC)


def build(
    settings: Settings,
    pace: Pace | None = None,
    crash: Callable[[str], None] = lambda _: None,
    tick: float = TICK,
    now: Callable[[], datetime] = now,
) -> Slipway:
    """Raises BadPolicy, storage's UnsuitableDatabase and DatabaseNewer. `crash` is the outbox's; `tick` in seconds."""
    policy = PolicyInForce(settings.sop_file, read_policy(settings.sop_file))
    store = Store.open(settings.database_url.get_secret_value())
    owner = f"{socket.gethostname()}:{settings.port or os.getpid()}"
    ticks: list[Clock] = []
    desk = Desk(store, policy, now, wake=lambda: ticks[0].wake() if ticks else None)
    metrics = Metrics(version("slipway"), partial(_counts, store))
    token = settings.slack_bot_token.get_secret_value()
    slack = WebClient(token, base_url=settings.slack_api_url, timeout=10, retry_handlers=[])
    github = connect(_github_auth(settings), settings.github_api_url, now)
    reconciler = _reconciler(store, policy, now, github, slack, owner, metrics)
    outbox = Outbox(
        store,
        _performers(slack, desk, github, reconciler),
        now,
        owner,
        pace or Pace(),
        on_done=record(now),
        on_parked=given_up(now),
        crash=crash,
        count=metrics.performed,
    )
    clock = Clock([Tick("outbox", tick, outbox.run_once, outbox.wake), Tick("reconciler", tick, reconciler.run_once)])
    ticks.append(clock)
    bolt = slack_app.build(desk, slack, _secret(settings.slack_signing_secret))
    readiness = partial(_parts, store, policy, clock, now)
    http = settings.mode is Mode.HTTP
    hook = _secret(settings.github_webhook_secret)
    app = web.build(
        slack=_over_http(bolt) if http else None, desk=desk, webhook_secret=hook, readiness=readiness, metrics=metrics
    )
    slipway = Slipway(app, desk, clock, outbox, reconciler, policy, store)
    socket_mode = None if http else SocketModeHandler(bolt, _secret(settings.slack_app_token))
    app.router.lifespan_context = partial(_lifespan, slipway=slipway, owner=owner, socket_mode=socket_mode)
    return slipway


def _reconciler(
    store: Store,
    policy: PolicyInForce,
    now: Callable[[], datetime],
    github: Client,
    slack: WebClient,
    owner: str,
    metrics: Metrics,
) -> Reconciler:
    return Reconciler(
        store=store,
        policy=policy,
        now=now,
        github=Reader(github),
        failures=FailureReader(github),
        patrol=Patrol(store, policy, now, PatrolReader(github), read_round, _play, github.limits.rests),
        incidents=Incidents(store, policy, now, Reader(github), _play, Messages(slack)),
        read_round=read_round,
        play=_play,
        people=People(slack),
        owner=owner,
        rests=github.limits.rests,
        look_failed=metrics.look_failed,
    )


def serve(settings: Settings) -> None:
    """Runs until SIGINT or SIGTERM; SIGHUP reads sop.yaml again."""
    slipway = build(settings)
    signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=_reload, args=(slipway,)).start())
    uvicorn.run(
        slipway.app,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level.lower(),
        access_log=False,
        timeout_graceful_shutdown=5,
    )


def _reload(slipway: Slipway) -> None:
    """A service that is new in sop.yaml is looked at from now on."""
    if slipway.policy.reload() is None:
        slipway.reconciler.start()
        slipway.clock.wake()


@asynccontextmanager
async def _lifespan(
    _app: Starlette, slipway: Slipway, owner: str, socket_mode: SocketModeHandler | None
) -> AsyncIterator[None]:
    stopping = threading.Event()

    def start() -> None:
        slipway.store.lapse(owner, now())
        slipway.reconciler.start()
        slipway.clock.start()
        if socket_mode is not None:
            threading.Thread(target=_connected, args=(socket_mode, stopping), name="socket-mode", daemon=True).start()

    def stop() -> None:
        stopping.set()
        if socket_mode is not None:
            socket_mode.close()
        slipway.outbox.stop()
        slipway.clock.stop()
        slipway.outbox.close()
        slipway.store.close()

    await run_in_threadpool(start)
    yield
    await run_in_threadpool(stop)


def _connected(socket_mode: SocketModeHandler, stopping: threading.Event) -> None:
    """Slack may be down when the bot starts: what is on its way is watched all the same, and Slack is tried again."""
    while not stopping.is_set():
        try:
            socket_mode.connect()
        except (SlackClientError, OSError) as e:
            log.error("Slack's Socket Mode could not be reached: %s; the next try is in %s s", e, RECONNECT)
            stopping.wait(RECONNECT)
        else:
            return


def _over_http(bolt: App) -> web.SlackHandler:
    """Bolt's own adapter for Starlette would run handlers on the event loop; web.py calls this one in a thread."""

    def handle(request: Request, body: bytes) -> Response:
        headers: dict[str, str | Sequence[str]] = {n: request.headers.getlist(n) for n in request.headers}
        answer = bolt.dispatch(
            BoltRequest(body=body.decode(errors="replace"), query=request.url.query, headers=headers)
        )
        return Response(answer.body, answer.status, headers=answer.first_headers_without_set_cookie())

    return handle


def _performers(
    slack: WebClient, desk: Desk, github: Github, reconciler: Reconciler
) -> Mapping[type[Any], Performer[Any]]:
    before = Before(reconciler.store, reconciler.policy, reconciler.now)
    return {
        **post.performers(slack, desk),
        PushBranch: Pusher(github, reconciler.may_push),
        RerunRun: Rerunner(github, before.rerun),
        CancelRun: Canceller(github),
        MakeRevert: Reverter(github),
        WriteLog: LogWriter(github, before.log, before.written_before),
    }


def _play(service: Service) -> tuple[ProbeAnswer, ...]:
    """A probe's header may name any variable but the bot's own secrets."""
    shown = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    return play(service.probes, service.production.url, shown, service.production.timeout)


def _github_auth(settings: Settings) -> Auth.Auth:
    if settings.github_token is not None:
        return Auth.Token(settings.github_token.get_secret_value())
    key, app, installation = settings.github_app_private_key, settings.github_app_id, settings.github_installation_id
    if key is None or app is None or installation is None:
        raise ValueError("the settings name no way to GitHub")
    return Auth.AppAuth(app, key.get_secret_value()).get_installation_auth(installation)


def _counts(store: Store) -> Counts:
    def count(unit: Unit) -> Counts:
        backlog = unit.backlog(now())
        releases = {status.value: number for status, number in unit.count_releases().items()}
        return Counts(releases, backlog.due, backlog.parked, backlog.oldest_seconds)

    return store.read(count)


def _parts(store: Store, policy: PolicyInForce, clock: Clock, now: Callable[[], datetime]) -> Mapping[str, Part]:
    ticks = [(tick.name, tick.error) for tick in clock.ticks]
    return readiness.parts(store, policy, policy.problem, ticks, now())


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None
