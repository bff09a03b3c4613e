"""The house: manifest, README, documentation, Dockerfile and command line say what is so."""

import json
import os
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from bot.attestation import refusals
from bot.config import BadManifest, Settings, adapted, scopes
from bot.metrics import Counts, Metrics
from bot.slack.commands import TABLE
from bot.slack.incident_messages import SHORTCUT
from bot.sop.decision import Event
from bot.sop.policy import Policy
from bot.web import ROUTES
from bot.words import RULES
from storage.store import Store
from tests.diagrams import DIAGRAMS

ROOT = Path(__file__).parent.parent
SLIPWAY = Path(sys.executable).parent / "slipway"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def slipway(*arguments: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command as a person runs it, with nothing of ours in the environment."""
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | environment
    return subprocess.run([SLIPWAY, *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=60)


# --- the manifest, by the rules of Slack's manifest schema


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


Url = Annotated[str, Field(pattern=r"^https?://", max_length=3000)]
Word = Annotated[str, Field(max_length=50)]


class Information(Strict):
    name: str = Field(min_length=1, max_length=35)
    description: str = Field(min_length=1, max_length=140)
    long_description: str | None = Field(default=None, min_length=175, max_length=4000)
    background_color: str = Field(pattern=r"^#([0-9a-fA-F]{3}){1,2}$")


class AppHome(Strict):
    home_tab_enabled: bool
    messages_tab_enabled: bool
    messages_tab_read_only_enabled: bool


class BotUser(Strict):
    display_name: str = Field(min_length=1, max_length=80)
    always_online: bool


class SlashCommand(Strict):
    command: str = Field(pattern=r"^/", min_length=2, max_length=32)
    url: Url | None = None
    description: str = Field(min_length=1, max_length=2000)
    usage_hint: str | None = Field(default=None, min_length=1, max_length=1000)
    should_escape: bool


class Shortcut(Strict):
    name: str = Field(min_length=1, max_length=24)
    type: Literal["message", "global"]
    callback_id: str = Field(min_length=1, max_length=255)
    description: str = Field(min_length=1, max_length=150)


class Features(Strict):
    app_home: AppHome
    bot_user: BotUser
    slash_commands: list[SlashCommand] = Field(min_length=1, max_length=50)
    shortcuts: list[Shortcut] = Field(max_length=10)


class Scopes(Strict):
    bot: list[Word] = Field(max_length=255)


class OAuth(Strict):
    scopes: Scopes


class Events(Strict):
    request_url: Url | None = None
    bot_events: list[Word] = Field(max_length=100)


class Interactivity(Strict):
    is_enabled: bool
    request_url: Url | None = None
    message_menu_options_url: Url | None = None


class AppSettings(Strict):
    event_subscriptions: Events
    interactivity: Interactivity
    org_deploy_enabled: bool
    socket_mode_enabled: bool
    token_rotation_enabled: bool


class Manifest(Strict):
    display_information: Information
    features: Features
    oauth_config: OAuth
    settings: AppSettings


def manifest(**changes: Any) -> Manifest:
    return Manifest.model_validate(yaml.safe_load(adapted(ROOT / "manifest.yml", **changes)))


def test_the_manifest_is_valid() -> None:
    made = Manifest.model_validate(yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8")))
    assert made.features.app_home.home_tab_enabled
    assert made.settings.event_subscriptions.bot_events == ["app_home_opened", "reaction_added", "reaction_removed"]
    assert [(s.type, s.callback_id) for s in made.features.shortcuts] == [("message", SHORTCUT)]
    assert not made.settings.socket_mode_enabled
    urls = {c.url for c in made.features.slash_commands} | {made.settings.interactivity.request_url}
    assert urls == {"https://YOUR-HOST/slack/events"}


def test_the_manifest_has_every_command_and_no_other() -> None:
    commands = {c.command: c for c in manifest().features.slash_commands}
    assert set(commands) == {f"/{c.word}" for c in TABLE}
    assert all(c.should_escape for c in commands.values())
    for row in TABLE:
        assert row.verb in (commands[f"/{row.word}"].usage_hint or "")
    hinted = {w for c in commands.values() for w in re.findall(r"\b[a-z]+\b", c.usage_hint or "")}
    assert hinted <= {c.verb for c in TABLE} | {"help"}


def test_every_scope_has_its_reason() -> None:
    text = (ROOT / "manifest.yml").read_text(encoding="utf-8")
    for scope in scopes(ROOT / "manifest.yml"):
        assert re.search(rf"- {scope} # \w", text), f"{scope} has no reason"


def test_the_manifest_is_adapted() -> None:
    made = manifest(url="https://slipway.example.com/", prefix="acme-")
    assert {c.command for c in made.features.slash_commands} >= {"/acme-release", "/acme-sop"}
    assert {c.url for c in made.features.slash_commands} == {"https://slipway.example.com/slack/events"}


@pytest.mark.parametrize(
    "url",
    [
        "foo",
        "",
        "slipway.example.com",
        "http://slipway.example.com",
        "https://",
        "https://slipway.example.com/slack/events",
        "https://slipway.example.com?x=1",
        "https://slipway.example.com#x",
        "https://slipway.example.com:port",
        "https://me:secret@slipway.example.com",
        "https://slip way.example.com",
    ],
)
def test_an_address_that_slack_cannot_call_is_refused(url: str) -> None:
    with pytest.raises(BadManifest, match="https://HOST or https://HOST:PORT, no path"):
        adapted(ROOT / "manifest.yml", url=url)


@pytest.mark.parametrize(
    "url", ["https://slipway.example.com", "https://Slipway.example.com:8443/", "https://10.0.0.7"]
)
def test_an_address_that_slack_can_call_is_taken(url: str) -> None:
    assert f"{url.rstrip('/')}/slack/events" in adapted(ROOT / "manifest.yml", url=url)


def test_the_manifest_for_socket_mode_has_no_address() -> None:
    made = manifest(socket_mode=True)
    assert made.settings.socket_mode_enabled
    assert "http" not in adapted(ROOT / "manifest.yml", socket_mode=True)


# --- the README


@pytest.mark.parametrize("name", list(DIAGRAMS))
def test_the_diagrams_are_the_transition_tables(name: str) -> None:
    found = re.search(rf"### {name}\n\n```mermaid\n(.*?)\n```", README, re.DOTALL)
    assert found is not None
    assert found[1] == DIAGRAMS[name], "run `python -m tests.diagrams`"


def rows(text: str) -> list[list[str]]:
    """Cells of every table row of a Markdown page."""
    lines = (line for line in text.splitlines() if line.startswith("| "))
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_rule_is_listed_once_with_its_sentence() -> None:
    listed = [row for row in rows(README) if row[0] in RULES]
    assert sorted(row[0] for row in listed) == sorted(RULES)
    assert {row[0]: row[1] for row in listed} == RULES
    assert all(len(row) == 2 or row[2] for row in listed)


def test_every_command_is_listed_and_no_other() -> None:
    listed = {row[0].strip("`"): row[1] for row in rows(README) if row[0].startswith("`/")}
    assert listed == {f"/{c.usage}": c.says for c in TABLE}


def cli_commands() -> set[str]:
    text = slipway("--help").stdout
    return set(re.findall(r"^  ([a-z]+) {2,}\S", text.split("Commands:")[1], re.MULTILINE))


def test_every_terminal_command_is_listed_and_no_other() -> None:
    listed = {row[0].split()[1].strip("`") for row in rows(README) if row[0].startswith("`slipway ")}
    assert listed == cli_commands()


def test_commands_named_anywhere_exist() -> None:
    known = cli_commands()
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "Dockerfile", ROOT / "sop.yaml"):
        text = path.read_text(encoding="utf-8")
        named = set(re.findall(r"`slipway ([a-z]+)", text))
        assert named <= known, path.name
        targets = set(re.findall(r"`make ([a-z]+)`", text)) | set(re.findall(r"^make ([a-z]+)\b", text, re.MULTILINE))
        made = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        assert targets <= made, path.name


def test_every_setting_is_listed() -> None:
    table = " ".join(row[0] for row in rows(README.split("## Configuration")[1]))
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", table))
    assert named == {name.upper() for name in Settings.model_fields}


def test_links_lead_somewhere() -> None:
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (path.parent / target).exists(), f"{path.name}: {target}"


# --- documentation


def test_every_key_of_the_sop_is_documented() -> None:
    schema = Policy.model_json_schema()
    documented = {
        part
        for key in re.findall(r"^\| `([a-z_.]+)`", page("configuration.md"), re.MULTILINE)
        for part in key.split(".")
    }
    keys = set(schema["properties"]) | {k for d in schema["$defs"].values() for k in d.get("properties", {})}
    assert keys - documented == set()
    assert documented - keys == set()


def test_every_route_and_metric_is_documented() -> None:
    text = page("operations.md")
    assert set(re.findall(r"^\| `(?:GET|POST) (\S+)`", text, re.MULTILINE)) == set(ROUTES)
    metrics = Metrics("1", Counts)
    exposed = set(re.findall(r"^# TYPE (slipway_\w+)", metrics.page().decode(), re.MULTILINE))
    documented = set(re.findall(r"^\| `(slipway_\w+)", text, re.MULTILINE))
    assert documented <= exposed
    assert exposed - documented <= {n for n in exposed if n.endswith(("_created", "started_seconds"))}


def test_every_refusal_of_an_attestation_is_documented() -> None:
    kinds = {c.kind: c.status for c in refusals.Refused.__subclasses__()}
    listed = {
        kind: int(row[0])
        for row in rows(page("preflight.md"))
        for kind in re.findall(r"`([a-z-]+)`", row[1])
        if row[0].isdigit()
    }
    assert listed == kinds


# --- the Dockerfile: no engine runs here, so its words are checked


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_dockerfile_is_sound() -> None:
    steps = instructions()
    known = ["FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"]
    assert {word for word, _ in steps} <= set(known)
    bases = [rest for word, rest in steps if word == "FROM"]
    assert len(bases) == 2
    assert all(re.match(r"python:3\.\d+-slim-\w+", base) for base in bases)
    words = [word for word, _ in steps]
    last = words[len(words) - 1 - words[::-1].index("FROM") :]
    assert last.count("USER") == 1
    assert (
        "RUN" not in last[last.index("USER") :]
    )  # nothing is done as root afterwards, nothing by root before is needed
    assert {"HEALTHCHECK", "ENTRYPOINT", "CMD", "EXPOSE", "VOLUME"} <= set(last)
    user = next(rest for word, rest in reversed(steps) if word == "USER")
    assert user not in ("0", "root")
    for word, rest in steps:
        if word in ("ENTRYPOINT", "CMD"):
            assert isinstance(json.loads(rest), list)
        if word == "RUN" and "apt-get install" in rest:
            assert "--no-install-recommends" in rest and "rm -rf /var/lib/apt/lists" in rest
        if word == "RUN" and "-r requirements" in rest:
            assert "--require-hashes" in rest


def test_the_dockerfile_copies_what_is_there_and_let_in() -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"]
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source in let_in, source


def test_the_health_check_is_python(tmp_path: Path) -> None:
    check = next(rest for word, rest in instructions() if word == "HEALTHCHECK")
    command = json.loads(check[check.index("CMD ") + 4 :])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "health check", "exec")
    done = subprocess.run([sys.executable, *command[1:]], env={"PORT": "1"}, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "Connection refused" in done.stderr


# --- locks


def runtime_lock() -> str:
    made = subprocess.run([sys.executable, ROOT / ".ci/runtime_lock.py"], capture_output=True, text=True, check=True)
    return made.stdout


def test_the_runtime_lock_is_the_part_that_runs() -> None:
    assert (ROOT / "requirements-run.txt").read_text(encoding="utf-8") == runtime_lock()


def test_the_runtime_lock_has_no_tools() -> None:
    names = set(re.findall(r"^([\w-]+)==", runtime_lock(), re.MULTILINE))
    assert {"slack-bolt", "starlette", "sqlalchemy", "setuptools"} <= names
    assert not names & {"pytest", "mypy", "ruff", "playwright", "githubkit", "hypothesis", "import-linter"}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-run.txt"])
def test_locks_have_hashes_and_name_no_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "--index-url" not in text and "://" not in text
    entries = re.findall(r"^\S.*(?:\n\s.*)*", text, re.MULTILINE)
    pinned = [entry for entry in entries if not entry.startswith("#")]
    assert pinned
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []


# --- the command line says what is wrong in a sentence


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "said"),
    [
        (["--version"], {}, 0, "slipway 0."),
        ([], {}, 2, "Usage: slipway"),
        (["serv"], {}, 2, "No such command"),
        (["serve"], {}, 2, "set SLACK_BOT_TOKEN"),
        (["serve"], {"SLACK_BOT_TOKEN": "x", "SLACK_SIGNING_SECRET": "x", "GITHUB_TOKEN": "x"}, 2, "no such file"),
        (["doctor"], {}, 1, "✗ Settings"),
        (["audit"], {}, 2, "there is no database at sqlite:///slipway.sqlite3"),
        (["audit"], {"DATABASE_URL": "mysql://x/y"}, 2, "mysql is not supported"),
        (["audit"], {"DATABASE_URL": "nonsense"}, 2, "DATABASE_URL: Could not parse"),
        (["manifest"], {}, 2, "sop.yaml: there is no such file"),
        (["manifest", "--sop", str(ROOT / "sop.yaml")], {}, 2, "manifest.yml cannot be read"),
        (["manifest", "--sop", str(ROOT / "sop.yaml"), "--url", "foo"], {}, 2, "https://HOST"),
        (["sandbox", "--help"], {}, 0, "usage: slipway sandbox"),
        (["preflight"], {}, 2, "git"),
        (["sandbox", "moon"], {}, 2, "invalid choice"),
        (["demo", "--play", "chess"], {}, 2, "invalid choice"),
        (["demo", "--port", "99999"], {}, 2, "--port 99999 is no port: give one of 1 to 65535"),
        (["demo", "--keep", "/dev/null/x"], {}, 2, "slipway: /dev/null/x cannot be made"),
        (["sandbox", "slack", "--port", "99999"], {}, 2, "99999 is no port: give one of 1 to 65535"),
        (["sandbox", "slack", "--manifest", "no.yml"], {}, 2, "slipway: no.yml cannot be read (No such file"),
        (["sandbox", "slack", "--manifest", str(ROOT / "sop.yaml")], {}, 2, "sop.yaml is no Slack app manifest"),
        (["sandbox", "github", "--root", "/dev/null/x"], {}, 2, "slipway: --root /dev/null/x cannot be made"),
        (["sandbox", "github", "--help"], {}, 0, "ghs_bot is the app's"),
        (["sandbox", "slack", "--help"], {}, 0, "default xoxb-sandbox"),
        (["sandbox", "service", "--root", "p", "--repository", "no"], {}, 2, "--repository no is no git repository"),
    ],
)
def test_plain_words(tmp_path: Path, arguments: list[str], environment: dict[str, str], code: int, said: str) -> None:
    done = slipway(*arguments, folder=tmp_path, **environment)
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == code


def test_a_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = slipway("sandbox", "slack", "--port", port)
    assert done.returncode == 2
    said = f"slipway: port {port} cannot be used (Address already in use): give another --port, or none for any"
    assert done.stderr == f"{said} that is free\n"


def test_the_manifest_is_printed() -> None:
    done = slipway("manifest", "--url", "https://slipway.example.com")
    assert Manifest.model_validate(yaml.safe_load(done.stdout)).features.slash_commands[0].url is not None


def test_the_audit_is_verified_and_shown(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/slipway.sqlite3"
    store = Store.open(url)
    event = Event(kind="change_filed", subject="CR-1", actor="U0ALICE", values={"title": "Faster"})
    store.transact(lambda unit: unit.record(event, datetime(2026, 11, 23, tzinfo=UTC)))
    whole = slipway("audit", "CR-1", DATABASE_URL=url)
    assert whole.returncode == 0
    assert "U0ALICE change_filed title='Faster'" in whole.stdout
    assert "the chain is whole" in whole.stdout
    assert slipway("audit", "cr-1", DATABASE_URL=url).stdout == whole.stdout
    unknown = slipway("audit", "R-1", DATABASE_URL=url)
    assert "there are no events of R-1; things are named R-7" in unknown.stdout
    assert unknown.returncode == 1
    with store.writer.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS events_no_update")
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for trigger in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{trigger}"')
        connection.exec_driver_sql("UPDATE events SET actor = 'U0BOB'")
    store.close()
    broken = slipway("audit", DATABASE_URL=url)
    assert broken.returncode == 1
    assert "the chain is broken at event 1" in broken.stdout


# --- nothing of where it was made


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_nothing_names_the_machine_it_was_made_on() -> None:
    home = re.compile(r"/home/\w+/|/work/|/root/|\.internal\b|pypi\.|//registry\.")
    found = [
        f"{path.relative_to(ROOT)}: {hit[0]}"
        for path in tracked()
        if path.suffix in {".py", ".md", ".yml", ".yaml", ".toml", ".js", ".css", ".html", ".txt", ""}
        and path != Path(__file__)
        and (hit := home.search(path.read_text(encoding="utf-8", errors="ignore")))
    ]
    assert found == []


def test_nothing_is_left_undone() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|pytest\.mark\.(skip|xfail)\b")
    found = [
        f"{path.relative_to(ROOT)}: {hit[0]}"
        for path in tracked()
        if path.suffix == ".py" and path != Path(__file__) and (hit := words.search(path.read_text(encoding="utf-8")))
    ]
    assert found == []
