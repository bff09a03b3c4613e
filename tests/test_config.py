"""The environment and sop.yaml: what is accepted, and what is said of what is not."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config import BadPolicy, BadSettings, Mode, Settings, read_policy, read_settings
from bot.config.verdicts import FORMS
from bot.sop.policy import Policy, PushMode

ROOT = Path(__file__).parent.parent
HTTP = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s3cret", "GITHUB_TOKEN": "ghp_1"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def settings(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return read_settings(Settings)


def test_http_mode_and_defaults(environment: pytest.MonkeyPatch) -> None:
    read = settings(environment, HTTP)
    assert read.mode is Mode.HTTP
    assert (read.host, read.port, read.sop_file) == ("127.0.0.1", 8000, Path("sop.yaml"))
    assert read.slack_api_url == "https://slack.com/api/"
    assert read.database_url.get_secret_value().startswith("sqlite:///")


def test_socket_mode_and_a_github_app(environment: pytest.MonkeyPatch) -> None:
    read = settings(
        environment,
        {
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_APP_TOKEN": "xapp-1",
            "SLACK_SIGNING_SECRET": "",
            "GITHUB_APP_ID": "7",
            "GITHUB_APP_PRIVATE_KEY": "-----BEGIN-----\\nabc\\n-----END-----",
            "GITHUB_INSTALLATION_ID": "9",
            "SLACK_API_URL": "http://127.0.0.1:9/api",
            "GITHUB_API_URL": "http://127.0.0.1:9/",
            "LOG_LEVEL": "debug",
        },
    )
    assert read.mode is Mode.SOCKET
    assert read.github_app_private_key is not None
    assert read.github_app_private_key.get_secret_value() == "-----BEGIN-----\nabc\n-----END-----"
    assert (read.slack_api_url, read.github_api_url) == ("http://127.0.0.1:9/api/", "http://127.0.0.1:9")
    assert read.log_level == "DEBUG"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, ["set SLACK_BOT_TOKEN", "set SLACK_SIGNING_SECRET", "set GITHUB_TOKEN"]),
        ({**HTTP, "SLACK_SIGNING_SECRET": ""}, ["set SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN (Socket Mode)"]),
        ({**HTTP, "SLACK_APP_TOKEN": "xapp-1"}, ["both set: keep one"]),
        ({**HTTP, "GITHUB_TOKEN": ""}, ["set GITHUB_TOKEN, or for a GitHub App GITHUB_APP_ID"]),
        ({**HTTP, "GITHUB_APP_ID": "7"}, ["GITHUB_TOKEN and GITHUB_APP_… are both set"]),
        (
            {**HTTP, "GITHUB_TOKEN": "", "GITHUB_APP_ID": "7"},
            ["in part: set GITHUB_APP_PRIVATE_KEY and GITHUB_INSTALLATION_ID too"],
        ),
        ({**HTTP, "SLACK_BOT_TOKEN": ""}, ["set SLACK_BOT_TOKEN (xoxb-"]),
        ({**HTTP, "PORT": "http"}, ["PORT: write a whole number"]),
        ({**HTTP, "PORT": "70000"}, ["PORT: it must be less than or equal to 65535"]),
        ({**HTTP, "LOG_LEVEL": "loud"}, ["LOG_LEVEL: it must be DEBUG, INFO, WARNING or ERROR"]),
        ({**HTTP, "GITHUB_API_URL": "github.com"}, ["GITHUB_API_URL"]),
    ],
)
def test_bad_environment(environment: pytest.MonkeyPatch, values: dict[str, str], said: list[str]) -> None:
    with pytest.raises(BadSettings) as caught:
        settings(environment, values)
    for words in said:
        assert words in str(caught.value)
    for secret in ("xoxb-1", "s3cret", "ghp_1"):
        assert secret not in str(caught.value)


def test_secrets_are_not_shown(environment: pytest.MonkeyPatch) -> None:
    read = settings(environment, {**HTTP, "DATABASE_URL": "postgresql+psycopg://bot:hunter2@db/slipway"})
    for secret in ("xoxb-1", "s3cret", "ghp_1", "hunter2"):
        assert secret not in repr(read)


def example() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((ROOT / "sop.yaml").read_text(encoding="utf-8"))
    return data


def write(folder: Path, text: str) -> Path:
    path = folder / "sop.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> list[str]:
    """What is said of a file, a line for each problem, without the folder."""
    with pytest.raises(BadPolicy) as caught:
        read_policy(write(folder, text))
    return [line.removeprefix(f"{folder}{os.sep}") for line in str(caught.value).splitlines()]


def test_the_example_is_a_policy() -> None:
    policy = read_policy(ROOT / "sop.yaml")
    service = policy.service("shop")
    assert service is not None
    assert service.push is PushMode.BOT
    assert {f for p in service.probes if (f := p.feature)} <= set(policy.features)
    assert policy.names_change("CR-12: faster", "CR-12") and not policy.names_change("CR-123: faster", "CR-12")


def test_the_example_names_every_key() -> None:
    """Someone who adapts the example meets every key there is, in use or in a comment."""
    text = (ROOT / "sop.yaml").read_text(encoding="utf-8")
    schema = Policy.model_json_schema()
    keys = set(schema["properties"]) | {k for part in schema["$defs"].values() for k in part.get("properties", {})}
    assert [k for k in sorted(keys) if f"{k}:" not in text] == []


def test_plain_dump_is_read_back(tmp_path: Path) -> None:
    assert read_policy(write(tmp_path, yaml.safe_dump(example()))).digest == read_policy(ROOT / "sop.yaml").digest


def changed(old: str, new: str) -> str:
    text = (ROOT / "sop.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in sop.yaml"
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("status: ACTIVE ", "status: LIVE ", "status: LIVE", "`LIVE` is not allowed; it must be DRAFT, ACTIVE"),
        ("status: ACTIVE ", "stauts: ACTIVE ", "stauts", "unknown key; did you mean `status`? allowed here: approvals"),
        ("  required: 1 ", "  required: 0 ", "required: 0", "greater than or equal to 1"),
        (
            "  required: 1 ",
            "  required: one ",
            "required: one",
            "approvals.required: `one` is not allowed; write a whole",
        ),
        ("expire_after: 7d", "expire_after: a week", "expire_after", "a number and a unit: 90s, 5m, 2h or 7d"),
        ("channel: C0RELEASES", "channel: '#releases'", "channel", "C012AB3CD (not its #name)"),
        ("incident: [U0ERIN]", "incident: [erin]", "incident", "U012AB3CD or the id of a Slack user group such as S0"),
        ("incident: [U0ERIN]", "incident: U0ERIN", "incident", "`U0ERIN` is not allowed; write a list"),
        ("approver: [S0APPROVERS]", "approver: []", "approver", "roles.approver: this value is not allowed; name at"),
        ("    repository: acme/shop ", "    repository: shop ", "repository: shop", "write OWNER/NAME as at GitHub"),
        ("    repository: acme/shop ", "    # ", "- name: shop", "`repository` is missing; write OWNER/NAME"),
        ("      samples: 10 ", "      sample: 10 ", "sample: 10", "did you mean `samples`?"),
        ("    push: bot ", "    push: robot ", "push: robot", "it must be bot or watch"),
        ("      build: bin/build", "      bild: bin/build", "bild:", "did you mean `build`?"),
        ("        safe: true ", "        safe: false ", "name: quote", "quote sends POST: say `safe: true`"),
        ("      - name: search", "      - name: products", "- name: shop", "probe names are used twice: products"),
        ("reference: '\\b{id}\\b'", "reference: '(CR'", "reference", "must contain {id}"),
        ("reference: '\\b{id}\\b'", "reference: '({id}'", "reference", "not a regular expression"),
        ("features: [catalogue, checkout", "features: [catalog, checkout", "stage:", "unknown features: catalog"),
        ("    github: bob", "    github: alice", "stage:", "people share a github name: alice"),
        ("  pages: [", "  'All Pages': [", "All Pages", "a key of this form is not allowed; write a short name"),
        ("stage: MVP ", "stage: 1.0 ", "stage: 1.0", "in quotes where YAML would read something else"),
        ("    name: Bob Baker", "    name: Bob Baker\n    name: Bob", "name: Bob", "is here twice, first in line"),
        ("expire_after: 7d", "expire_after: 99999999999d", "expire_after", "a duration is at most 365d"),
        ("reference: '\\b{id}\\b'", "reference: '{id}|'", "reference", "do not name the change request"),
        ("reference: '\\b{id}\\b'", "reference: '{id}'", "reference", "such as CR-10 for CR-1"),
        ("[deploy.yml]", "[.github/workflows/deploy.yml]", "deploy.yml", "the file's name alone, such as deploy.yml"),
        ("    branch: main ", "    branch: refs/heads/main ", "refs/", "a branch as git shows it: main"),
        ("    branch: main ", "    branch: ' main' ", "branch:", "a branch as git shows it, such as main"),
        ("critical_label: critical ", "critical_label: 'a,b' ", "a,b", "one label of GitHub, without a comma"),
        ("    branch: main ", "    branch: decision-log ", "stage:", "give it a branch of its own"),
        ("KyebGfUT bob", "KyebGfUT!bob", "bob", "public SSH key: ssh-ed25519 AAAA"),
        ("    name: Bob Baker", "    on: call", "on: call", "the key on is no text for YAML; put it in quotes"),
        ("    name: Bob Baker", "    name: Bob: Baker", "Bob: Baker", "not YAML: mapping values are not allowed here"),
        ("    name: Bob Baker", "    name: 'Bob", None, "not YAML:"),
        ("    name: Bob Baker", "    name: *bob", "*bob", "not YAML: found undefined alias"),
        ("    name: Bob Baker", "    name: !!python/name:os.system", "!!python", "not YAML: could not determine a"),
        ("    name: Bob Baker", "    name: 2026-13-45", None, "not YAML: month must be in 1..12"),
        ("    name: Bob Baker", "    name: \x07", "\x07", "not YAML: special characters are not allowed"),
    ],
)
def test_one_thing_wrong(tmp_path: Path, old: str, new: str, at: str | None, said: str) -> None:
    """`at`: words in the line that is named; None: YAML cannot say the line."""
    text = changed(old, new)
    lines = [line for line in refused(tmp_path, text) if said in line]
    assert len(lines) == 1
    if at is not None:
        numbers = {n for n, line in enumerate(text.splitlines(), 1) if at in line}
        assert int(lines[0].split(":")[1]) in numbers


def test_seconds_without_a_unit_are_a_duration(tmp_path: Path) -> None:
    assert (
        read_policy(write(tmp_path, changed("expire_after: 7d", "expire_after: 7"))).approvals.expire_after.seconds == 7
    )


def test_every_problem_at_once(tmp_path: Path) -> None:
    data = example()
    data["approvals"]["required"] = 99
    data["roles"]["releaser"] = ["alice", 5]
    data["services"][0]["chanel"] = data["services"][0].pop("channel")
    data["services"][0]["probes"][1]["compare"] = "exactly"
    lines = refused(tmp_path, yaml.safe_dump(data, sort_keys=False))
    places = [line.split(": ")[1] for line in lines]
    assert places == [
        "approvals.required",
        "roles.releaser[0]",
        "roles.releaser[1]",
        "services[0]",
        "services[0].probes[1].compare",
        "services[0].chanel",
    ]
    assert [int(line.split(":")[1]) for line in lines] == sorted(int(line.split(":")[1]) for line in lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "sop.yaml: is empty or no mapping"),
        ("- a\n- b\n", "sop.yaml: is empty or no mapping"),
        ("stage: MVP\n---\nstage: MVP\n", "sop.yaml:2: not YAML: expected a single document"),
        ("? [a, b]\n: c\n", "sop.yaml:1: the key here is no text for YAML"),
        ("stage: &x [*x]\n", "sop.yaml:1: `roles` is missing; write a mapping of releaser, approver"),
        ("roles: {<<: 3}\n", "sop.yaml:1: not YAML: while constructing a mapping"),
    ],
)
def test_files_that_are_no_policy(tmp_path: Path, text: str, said: str) -> None:
    assert any(line.startswith(said) for line in refused(tmp_path, text))


def test_a_shared_part_may_be_overridden(tmp_path: Path) -> None:
    """Merge keys are YAML's way to say a thing once; a key set beside one is no double."""
    data = example()
    second = {**data["services"][0], "name": "shop-admin"}
    text = yaml.safe_dump({**data, "services": []}).replace("services: []\n", "")
    text += "services:\n- &shop " + yaml.safe_dump(data["services"][0], default_flow_style=True, width=10**6)
    text += "- {<<: *shop, name: shop-admin}\n"
    policy = read_policy(write(tmp_path, text))
    assert [s.name for s in policy.services] == ["shop", "shop-admin"]
    assert policy.services[1] == Policy.model_validate({**data, "services": [second]}).services[0]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match=r"no-sop\.yaml: there is no such file; SOP_FILE names it"):
        read_policy(tmp_path / "no-sop.yaml")


def test_a_folder_and_bytes(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match="cannot be read"):
        read_policy(tmp_path)
    (tmp_path / "sop.yaml").write_bytes(b"stage: \xff\xfe")
    with pytest.raises(BadPolicy, match="cannot be read"):
        read_policy(tmp_path / "sop.yaml")


def test_every_pattern_of_the_policy_has_words() -> None:
    def patterns(value: Any) -> set[str]:
        if isinstance(value, list):
            return {p for item in value for p in patterns(item)}
        if not isinstance(value, dict):
            return set()
        own = {value["pattern"]} if isinstance(value.get("pattern"), str) else set()
        return own | {p for item in value.values() for p in patterns(item)}

    assert patterns(Policy.model_json_schema()) - set(FORMS) == set()
