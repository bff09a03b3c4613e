"""`slipway doctor` against the sandbox's Slack, GitHub and production: all well, then one thing wrong at a time."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from sqlalchemy import create_engine, text

from bot import doctor
from bot.config import Settings, read_policy
from bot.doctor import CHECKS, Finding, Patient
from bot.doctor.house import _skew
from bot.github.client import connect
from bot.sandbox import sop_file
from bot.sandbox.asgi import Server
from bot.sandbox.slack.config import SlackConfig
from bot.sandbox.slack.server import build as build_slack
from bot.sandbox.world.start import Handles, start_world
from storage.store import Store

ROOT = Path(__file__).parent.parent
TOKEN = "xoxb-sandbox"
BOT = "slipway[bot]"


@dataclass
class Town:
    """The outside of one installation, and its configuration."""

    root: Path
    world: Handles
    slack: Server
    environment: pytest.MonkeyPatch

    def sop(self, **changes: Any) -> dict[str, Any]:
        return sop_file.sop(self.world.facts, **changes)

    def write(self, content: dict[str, Any]) -> None:
        sop_file.write(self.root / "sop.yaml", content)

    def tell_slack(self, what: str, **given: Any) -> None:
        httpx.post(f"{self.slack.url}/_control/{what}", json=given).raise_for_status()

    def examine(self) -> list[Finding]:
        return list(doctor.examine(ROOT / "manifest.yml"))

    def failing(self) -> dict[str, Finding]:
        """What is not good, by name."""
        return {f.what: f for f in self.examine() if not f.ok}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handles]:
    handles = start_world(tmp_path_factory.mktemp("world"))
    yield handles
    handles.stop()


@pytest.fixture
def town(tmp_path: Path, world: Handles, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    slack = Server(build_slack(SlackConfig(ROOT / "manifest.yml", TOKEN, "secret", app_token="xapp-1"))).start()
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    settings = {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": "secret",
        "SLACK_API_URL": f"{slack.url}/api/",
        "GITHUB_TOKEN": "ghs_bot",
        "GITHUB_API_URL": world.github.url,
        "GITHUB_WEBHOOK_SECRET": "hook",
        "DATABASE_URL": f"sqlite:///{tmp_path}/slipway.sqlite3",
        "SOP_FILE": str(tmp_path / "sop.yaml"),
        "SHOP_API_KEY": "open-sesame",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    made = Town(tmp_path, world, slack, monkeypatch)
    made.write(made.sop())
    world.world.github.protect(pushers=[BOT])
    yield made
    slack.stop()


def test_all_is_well(town: Town, capfd: pytest.CaptureFixture[str]) -> None:
    findings = town.examine()
    assert capfd.readouterr().err == "", "what GitHub refuses while it is asked what it allows is not told as trouble"
    assert [f.line for f in findings if not f.ok] == []
    assert {f.what.split(",")[0] for f in findings} >= {
        "Settings",
        "sop.yaml",
        "Slack token",
        "Slack scopes",
        "Slack mode",
        "Channel",
        "Approvers",
        "Signing keys",
        "GitHub",
        "Branch",
        "Workflows",
        "Protection",
        "Webhooks",
        "Database",
        "Production",
        "Probes",
        "Clock",
    }
    assert all(f.line.startswith("✓ ") for f in findings)


def test_nothing_is_changed(town: Town) -> None:
    before = town.world.github.url, sorted(p.name for p in town.root.iterdir())
    town.examine()
    branches = httpx.get(f"{before[0]}/repos/acme/shop/branches", headers={"Authorization": "Bearer ghs_bot"}).json()
    assert [b["name"] for b in branches] == ["main"]
    assert sorted(p.name for p in town.root.iterdir()) == before[1]


def test_no_secret_is_printed(town: Town) -> None:
    town.environment.setenv("GITHUB_TOKEN", "ghs_hunter2")
    town.environment.setenv("DATABASE_URL", "postgresql+psycopg://bot:hunter2@127.0.0.1:1/slipway")
    lines = [f.line for f in town.examine()]
    assert len(lines) > 10
    assert not any("hunter2" in line or TOKEN in line for line in lines)


def test_without_settings_or_sop_there_is_nothing_more_to_look_at(town: Town) -> None:
    town.write({**town.sop(), "stauts": "ACTIVE"})
    assert [f.what for f in town.examine()] == ["Settings", "sop.yaml"]
    assert "did you mean `status`?" in town.failing()["sop.yaml"].line
    town.environment.delenv("SLACK_BOT_TOKEN")
    town.environment.delenv("GITHUB_TOKEN")
    assert [f.what for f in town.examine()] == ["Settings", "Settings"]


def service(content: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The sop with its one service changed."""
    return {**content, "services": [{**content["services"][0], **changes}]}


Wrong = Callable[[Town], None]
WRONG: dict[str, tuple[Wrong, str, str]] = {
    "token": (lambda t: t.environment.setenv("SLACK_BOT_TOKEN", "xoxb-wrong"), "Slack token", "invalid_auth"),
    "scopes": (
        lambda t: t.tell_slack("scopes", scopes=["commands", "chat:write", "users:read", "channels:read"]),
        "Slack scopes",
        "usergroups:read not granted → bring the app's manifest up to date",
    ),
    "not invited": (
        lambda t: t.tell_slack("channel", channel="C0RELEASES", bot=False),
        "Channel, shop",
        "the bot is not in #releases → /invite @slipway",
    ),
    "archived": (
        lambda t: t.tell_slack("channel", channel="C0RELEASES", archived=True),
        "Channel, shop",
        "#releases is archived",
    ),
    "channel": (lambda t: t.write(service(t.sop(), channel="C0NOWHERE")), "Channel, shop", "channel_not_found"),
    "deactivated": (lambda t: t.tell_slack("deactivate", user="U0BOB"), "People in Slack", "U0BOB: unknown or deact"),
    "unknown": (
        lambda t: t.write({**t.sop(), "roles": {"releaser": ["U0ALICE", "U0NOBODY"], "approver": ["U0CAROL"]}}),
        "People in Slack",
        "U0NOBODY: unknown",
    ),
    "too few": (lambda t: t.write({**t.sop(), "approvals": {"required": 3}}), "Approvers", "never get 3 approvals"),
    "own": (
        lambda t: t.write({**t.sop(), "roles": {"releaser": ["U0ALICE"], "approver": ["U0ALICE"]}}),
        "Approvers",
        "a change of U0ALICE could never get 1 approval: nobody approves their own",
    ),
    "no entry": (
        lambda t: t.write({**t.sop(), "people": [p for p in t.sop()["people"] if p["slack"] != "U0CAROL"]}),
        "People",
        "U0CAROL have a role but no entry",
    ),
    "no key": (
        lambda t: t.write({**t.sop(), "people": [{**p, "signing_keys": []} for p in t.sop()["people"]]}),
        "Signing keys",
        "U0ALICE, U0BOB cannot sign a preflight",
    ),
    "github token": (
        lambda t: t.environment.setenv("GITHUB_TOKEN", "ghp_nobody"),
        "GitHub, acme/shop",
        "GitHub answered 401 Bad credentials → check the token",
    ),
    "reader": (
        lambda t: t.environment.setenv("GITHUB_TOKEN", "ghp_frank"),
        "GitHub, Contents: write",
        "grant Contents: write to the token or app",
    ),
    "repository": (
        lambda t: t.write(service(t.sop(), repository="acme/blog")),
        "GitHub, acme/blog",
        "GitHub answered 404 Not Found → give the token or app this repository",
    ),
    "branch": (lambda t: t.write(service(t.sop(), branch="master")), "Branch, shop", "master: GitHub answered 404"),
    "workflow": (
        lambda t: t.write(service(t.sop(), ci={"workflows": ["deploy.yml", "release.yml"]})),
        "Workflows, shop",
        "release.yml not on main → correct `ci.workflows`",
    ),
    "label": (
        lambda t: t.write(service(t.sop(), critical_label="on fire")),
        "Label, shop",
        "there is no label on fire",
    ),
    "unprotected": (
        lambda t: t.world.world.github.protect(off=True),
        "Protection, shop",
        "whoever may write can push to main → add a ruleset for main",
    ),
    "open": (lambda t: t.world.world.github.protect(), "Protection, shop", "whoever may write can push to main"),
    "others": (
        lambda t: t.world.world.github.protect(pushers=[BOT, "alice"]),
        "Protection, shop",
        "alice may push to main too → leave only the bot",
    ),
    "hidden": (
        lambda t: t.environment.setenv("GITHUB_TOKEN", "ghp_alice"),
        "Protection, shop",
        "? Protection, shop",
    ),
    "no webhook": (
        lambda t: t.environment.delenv("GITHUB_WEBHOOK_SECRET"),
        "Webhooks",
        "? Webhooks           off: the bot looks every 0:00:05 → set GITHUB_WEBHOOK_SECRET",
    ),
    "memory": (
        lambda t: t.environment.setenv("DATABASE_URL", "sqlite://"),
        "Database",
        "does not outlive the process",
    ),
    "postgres": (
        lambda t: t.environment.setenv("DATABASE_URL", "postgresql+psycopg://x@127.0.0.1:1/slipway"),
        "Database",
        "check DATABASE_URL",
    ),
    "production": (
        lambda t: t.write(service(t.sop(), production={"url": "http://127.0.0.1:1"})),
        "Production, shop",
        "could not connect",
    ),
    "version": (
        lambda t: t.write(
            service(t.sop(), production={"url": t.world.service.url, "version": {"path": "/healthz"}}),
        ),
        "Production, shop",
        "has no field commit",
    ),
    "probe": (
        lambda t: t.write(
            service(t.sop(), probes=[{"name": "account", "path": "/account", "headers": {"X-Api-Key": "$NOT_SET"}}])
        ),
        "Probes, shop",
        "account: header X-Api-Key wants $NOT_SET",
    ),
    "slack away": (
        lambda t: t.environment.setenv("SLACK_API_URL", "http://127.0.0.1:1/"),
        "Slack token",
        "could not be reached",
    ),
    "github away": (
        lambda t: t.environment.setenv("GITHUB_API_URL", "http://127.0.0.1:1"),
        "GitHub",
        "could not be reached",
    ),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_one_thing_wrong(town: Town, name: str) -> None:
    spoil, what, said = WRONG[name]
    spoil(town)
    failing = town.failing()
    assert what in failing, [f.line for f in failing.values()]
    assert said in failing[what].line


REQUIRES = {"environment": "production", "requires": {"variables": ["DEPLOY_URL"], "secrets": ["DEPLOY_TOKEN"]}}
PERMISSIONS = {
    "Contents: write": {"contents": "read"},
    "Actions: write": {"actions": "read"},
    "Deployments: read": {"deployments": "none"},
    "Issues: read": {"issues": "none"},
    "Pull requests: write": {"pull_requests": "read"},
    "Environments: read": {"environments": "none"},
    "Variables: read": {"actions_variables": "none"},
    "Secrets: read": {"secrets": "none"},
}


@pytest.mark.parametrize("name", list(PERMISSIONS))
def test_each_permission_is_tried_and_named_with_what_it_is_for(town: Town, name: str) -> None:
    content = town.sop()
    ci = content["services"][0]["ci"] | REQUIRES
    town.write(service(content, push="watch", ci=ci))
    before = dict(town.world.github.world.config.app_permissions)
    town.world.github.world.config.app_permissions |= PERMISSIONS[name]
    try:
        (found,) = [f for what, f in town.failing().items() if what.startswith("GitHub")]
    finally:
        town.world.github.world.config.app_permissions |= before
    assert found.what == f"GitHub, {name}"
    assert "in acme/shop → grant" in found.line
    assert f"| {name} |" in (ROOT / "docs/install.md").read_text()


def test_watching_and_required_names_want_more(town: Town) -> None:
    bot, watched = town.sop(), town.sop()
    plain = {**watched["services"][0]["ci"], "requires": {}}
    town.write(service(bot, ci=plain))
    (well,) = [f for f in town.examine() if f.what == "GitHub, acme/shop"]
    assert well.ok and not any(n in well.said for n in ("Pull requests", "Environments", "Variables", "Secrets"))


def test_socket_mode(town: Town) -> None:
    town.environment.delenv("SLACK_SIGNING_SECRET")
    town.environment.setenv("SLACK_APP_TOKEN", "xapp-1")
    assert "Slack mode" not in town.failing()
    town.environment.setenv("SLACK_APP_TOKEN", "xapp-wrong")
    assert "connections:write" in town.failing()["Slack mode"].line


def test_a_watched_branch_need_not_be_protected(town: Town) -> None:
    town.world.world.github.protect(off=True)
    town.write(town.sop(push="watch"))
    assert town.failing() == {}


def test_a_database_that_is_there(town: Town) -> None:
    file = town.root / "slipway.sqlite3"
    Store.open(f"sqlite:///{file}").close()
    assert any(f.what == "Database" and "writable, schema" in f.said for f in town.examine())
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    engine.dispose()
    assert "of a newer version (from-the-future)" in town.failing()["Database"].line


def test_a_database_that_cannot_be_made(town: Town) -> None:
    (town.root / "file").write_text("in the way")
    town.environment.setenv("DATABASE_URL", f"sqlite:///{town.root}/file/deep/slipway.sqlite3")
    assert f"{town.root}/file is no folder that can be written to" in town.failing()["Database"].line


def test_the_manifest_may_be_elsewhere(town: Town, tmp_path: Path) -> None:
    findings = {f.what: f for f in doctor.examine(tmp_path / "none.yml")}
    assert findings["Slack scopes"].line.startswith("? ")
    moved = shutil.copy(ROOT / "manifest.yml", tmp_path / "other.yml")
    assert {f.what: f for f in doctor.examine(Path(moved))}["Slack scopes"].ok


NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "ok", "said"),
    [
        ("Mon, 23 Nov 2026 14:00:30 GMT", True, "within 60 s"),
        ("Mon, 23 Nov 2026 14:05:00 GMT", False, "this machine is 300 s behind Slack → let NTP set the time"),
        ("Mon, 23 Nov 2026 13:50:00 GMT", False, "this machine is 600 s ahead of Slack"),
        (None, None, "no time"),
    ],
)
def test_clock(date: str | None, ok: bool | None, said: str) -> None:
    finding = _skew("Slack", date, NOW)
    assert finding.ok is ok
    assert said in finding.line


def test_a_limit_of_github_is_told_as_unknown_with_its_end(town: Town) -> None:
    github = town.world.github.url
    httpx.post(f"{github}/_control/rate_limit", json={"reset_in": 600}).raise_for_status()
    found = {f.what: f for f in town.failing().values()}
    httpx.post(f"{github}/_control/rate_limit", json={"kind": "off"}).raise_for_status()
    assert set(found) == {"GitHub", "Branches", "Clock"}
    for finding in found.values():
        assert finding.ok is None
        assert re.search(r"rate limit is used up until \d\d:\d\d UTC → then run doctor again", finding.line)


def test_a_clock_that_is_wrong_is_found(town: Town) -> None:
    settings = Settings()
    client = WebClient(TOKEN, base_url=settings.slack_api_url)
    hub = connect(doctor._auth(settings), settings.github_api_url)
    policy = read_policy(settings.sop_file)
    late = Patient(settings, policy, client, hub, ROOT, lambda: datetime.now(UTC) - timedelta(hours=1))
    assert [f.ok for f in CHECKS["Clock"](late)] == [False, False]
