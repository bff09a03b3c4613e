"""The bot's Slack side at work: the sandbox's Slack, Bolt, a real desk on SQLite, and the outbox."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.desk import Desk
from bot.outbox import Outbox, Pace, Performer
from bot.reconciler import results
from bot.sandbox.asgi import Server
from bot.sandbox.slack.config import SlackConfig
from bot.sandbox.slack.driver import Driver
from bot.sandbox.slack.server import build as build_slack
from bot.sandbox.slack.workspace import Workspace
from bot.slack import app as slack_app
from bot.slack import post
from bot.sop.decision import Decision
from bot.sop.facts import Candidate, Directory, Seen
from bot.sop.policy import Policy
from bot.sop.records import Baseline
from storage import Store
from tests.slack import samples

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
PATIENCE = 45.0  # seconds: that Slack waits 3 s is held to in the sandbox's own tests
TOKEN, SECRET = "xoxb-tests", "a signing secret"


@dataclass
class House:
    slack: Workspace
    hands: Driver
    desk: Desk
    outbox: Outbox
    app: App
    policies: list[Policy]
    aside: Executor  # of one thread

    def settle(self) -> None:
        """Everything that is due goes out."""
        self.told()
        while self.outbox.run_once():
            pass

    def told(self) -> None:
        """What became of forms has been told."""
        self.aside.submit(int).result()

    def unit(self, work: Any) -> Any:
        return self.desk.store.transact(work)

    def look(self, subject: str, seen: Candidate) -> None:
        """What a look at GitHub would have stored."""
        now = self.desk.now()
        self.unit(lambda unit: unit.saw(subject, "candidate", Seen[Candidate](value=seen, at=now)))

    def texts(self, user: str, channel: str = "releases") -> list[str]:
        return [everything(m) for m in self.hands.messages(user, channel)]

    def last(self, user: str, channel: str = "releases") -> dict[str, Any]:
        return self.hands.messages(user, channel)[-1]


def everything(message: Mapping[str, Any]) -> str:
    """All that a message shows, its blocks too."""
    return " ".join(str(message.get(k) or "") for k in ("text", "blocks"))


@contextmanager
def house(
    folder: Path, policy: Policy = samples.POLICY, github: Mapping[type[Any], Performer[Any]] | None = None
) -> Iterator[House]:
    """`github`: performs acts of its kinds."""
    config = SlackConfig(
        manifest=MANIFEST,
        bot_token=TOKEN,
        signing_secret=SECRET,
        limits_on=False,
        answer_within=PATIENCE,
        trigger_life=PATIENCE,
    )
    slack_web = build_slack(config)
    with running(slack_web) as slack_server:
        client = WebClient(TOKEN, base_url=f"{slack_server.url}/api/", retry_handlers=[], timeout=5)
        store = Store.open(f"sqlite:///{folder}/slipway.db")
        policies = [policy]
        desk = Desk(store, lambda: policies[-1], lambda: datetime.now(UTC))
        outbox = Outbox(
            store,
            {**post.performers(client, desk), **(github or {})},
            desk.now,
            "tests",
            Pace(first=0.05, threads=0),
            on_done=results.record(desk.now),
            on_parked=results.given_up(desk.now),
        )
        aside = ThreadPoolExecutor(1)
        app = slack_app.build(desk, client, SECRET, aside=aside)
        with running(Starlette(routes=[Route("/slack/events", _served(app), methods=["POST"])])) as bot:
            slack_web.state.workspace.bot_url = bot.url
            hands = Driver(slack_server.url)
            made = House(slack_web.state.workspace, hands, desk, outbox, app, policies, aside)
            people = Directory(groups={"S0APPROVERS": (samples.CAROL, samples.DAVE)})
            made.unit(lambda unit: unit.saw("slack", "directory", Seen[Directory](value=people, at=desk.now())))
            yield made
            hands.shut()
        aside.shutdown()
        outbox.close()
        store.close()


def adopted(home: House, sha: str = samples.BASE) -> None:
    baseline = Baseline(service="shop", sha=sha, at=home.desk.now(), by=samples.CAROL)
    home.unit(lambda unit: unit.apply(Decision(records=(baseline,)), home.desk.now()))


@contextmanager
def running(web: Starlette) -> Iterator[Server]:
    server = Server(web).start()
    try:
        yield server
    finally:
        server.stop()


def _served(app: App) -> Any:
    async def serve(request: Request) -> Response:
        body = (await request.body()).decode()
        headers: dict[str, str | Sequence[str]] = {name: request.headers.getlist(name) for name in request.headers}
        answer = await run_in_threadpool(app.dispatch, BoltRequest(body=body, headers=headers))
        return Response(answer.body, answer.status, headers=answer.first_headers_without_set_cookie())

    return serve
