"""Signed statements with real SSH keys: what is taken, and every way of being refused."""

import base64
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import attestation
from bot.attestation import GitDigest, Predicate, Refused, Statement, Subject
from bot.sop.facts import Attestation, Check, ProbeAnswer
from bot.sop.policy import Policy

NOW = datetime(2026, 11, 2, 14, 5, tzinfo=UTC)
KINDS = {"ed25519": [], "ecdsa": ["-b", "256"], "rsa": ["-b", "2048"]}

Said = Callable[..., bytes]


def keygen(path: Path, kind: str = "ed25519", *more: str) -> Path:
    made = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "a comment", "-f", str(path), *more]
    subprocess.run(made, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    return path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    made = {kind: keygen(folder / kind, kind, *more) for kind, more in KINDS.items()}
    return made | {"stranger": keygen(folder / "stranger"), "shared": keygen(folder / "shared")}


def public(key: Path) -> str:
    return key.with_suffix(".pub").read_text().strip()


@pytest.fixture(scope="module")
def policy(keys: dict[str, Path]) -> Policy:
    alice = {"slack": "UALICE", "github": "alice", "signing_keys": [public(keys[k]) for k in (*KINDS, "shared")]}
    bob = {"slack": "UBOB", "github": "bob", "signing_keys": []}
    shop = {
        "name": "shop",
        "repository": "acme/shop",
        "channel": "CSHOP",
        "ci": {"workflows": ["deploy.yml"]},
        "production": {"url": "http://127.0.0.1:1"},
        "local": {"build": "true", "run": "true"},
        "probes": [{"name": "front", "path": "/"}],
    }
    roles = {"releaser": ["UALICE"], "approver": ["UBOB"]}
    sound = Policy.model_validate({"roles": roles, "people": [alice, bob], "services": [shop]})
    # sop.yaml may not say so: two people with one key, whom a signature cannot tell apart
    both = sound.people[1].model_copy(update={"signing_keys": ("nonsense", public(keys["shared"]))})
    return sound.model_copy(update={"people": (sound.people[0], both)})


def statement(**said: Any) -> Statement:
    predicate = {
        "service": "shop",
        "change": "CR-12",
        "branch": "faster-checkout",
        "base": "b" * 40,
        "tool": "slipway 0.1.0",
        "policy": "d" * 64,
        "proof": "e" * 64,
        "started": NOW - timedelta(minutes=2),
        "finished": NOW - timedelta(minutes=1),
        "checks": (Check(name="clean", ok=True, seen="clean"),),
        "probes": (ProbeAnswer(name="front", status=200, body={"n": [1, 2.5, None, "é <@UALICE>"]}),),
    }
    subject = Subject(name="acme/shop", digest=GitDigest(gitTree="a" * 40, gitCommit="c" * 40))
    return Statement(subject=(subject,), predicate=Predicate.model_validate(predicate | said))


def signed(key: Path, payload: bytes | None = None) -> bytes:
    payload = statement().payload() if payload is None else payload
    return attestation.wrap(payload, attestation.sign(payload, key))


def receive(body: bytes, policy: Policy, now: datetime = NOW, seen: bool = False, change: bool = True) -> Attestation:
    return attestation.receive(body, policy, now, lambda _: seen, lambda _: change)


def refusal(body: bytes, policy: Policy, **more: Any) -> dict[str, Any]:
    with pytest.raises(Refused) as refused:
        receive(body, policy, **more)
    problem = refused.value.problem()
    assert problem["status"] == refused.value.status and problem["title"] and problem["detail"]
    assert problem["type"].endswith("/" + refused.value.kind)
    json.dumps(problem)
    return problem


def resigned(body: bytes, **changed: str) -> bytes:
    return json.dumps(json.loads(body) | changed).encode()


# --- taken


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_statement_becomes_a_fact(kind: str, keys: dict[str, Path], policy: Policy) -> None:
    found = receive(signed(keys[kind]), policy)
    assert (found.id, found.service, found.change, found.signer) == (0, "shop", 12, "UALICE")
    assert (found.tree, found.commit, found.branch) == ("a" * 40, "c" * 40, "faster-checkout")
    assert (found.made_at, found.received_at) == (NOW - timedelta(minutes=1), NOW)
    assert found.checks == statement().predicate.checks and found.probes == statement().predicate.probes
    listed = subprocess.run(["ssh-keygen", "-lf", keys[kind]], check=True, capture_output=True, text=True).stdout
    assert found.key == listed.split()[1]


def test_the_digest_is_of_the_bytes_received(keys: dict[str, Path], policy: Policy) -> None:
    spaced = json.dumps(json.loads(statement().payload()), indent=2).encode()
    one, other = receive(signed(keys["ed25519"]), policy), receive(signed(keys["ed25519"], spaced), policy)
    assert one.digest != other.digest
    assert one.model_copy(update={"digest": ""}) == other.model_copy(update={"digest": ""})


def test_the_statement_is_an_in_toto_statement() -> None:
    plain = json.loads(statement().payload())
    assert plain["_type"] == "https://in-toto.io/Statement/v1"
    assert plain["predicateType"] == "https://slipway.dev/preflight/v1"
    assert plain["subject"] == [{"name": "acme/shop", "digest": {"gitTree": "a" * 40, "gitCommit": "c" * 40}}]
    assert set(plain) == {"_type", "subject", "predicateType", "predicate"}


@pytest.fixture
def agent(tmp_path: Path, keys: dict[str, Path]) -> Iterator[dict[str, str]]:
    socket = str(tmp_path / "agent")
    process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        while not os.path.exists(socket):
            assert process.poll() is None
        env = os.environ | {"SSH_AUTH_SOCK": socket}
        subprocess.run(["ssh-add", "-q", keys["ed25519"]], env=env, check=True, capture_output=True)
        yield env
    finally:
        process.terminate()
        process.wait()


def test_a_key_in_the_agent_signs_by_its_public_half(
    agent: dict[str, str], keys: dict[str, Path], policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = tmp_path / "id.pub"
    alone.write_text(public(keys["ed25519"]))
    monkeypatch.setenv("SSH_AUTH_SOCK", agent["SSH_AUTH_SOCK"])
    assert receive(signed(alone), policy).signer == "UALICE"


# --- refused


def test_a_changed_payload_is_refused(keys: dict[str, Path], policy: Policy) -> None:
    body = signed(keys["ed25519"])
    other = base64.b64encode(statement(change="CR-13").payload()).decode()
    problem = refusal(resigned(body, payload=other), policy)
    assert (problem["status"], problem["type"].split("/")[-1]) == (403, "bad-signature")


def test_a_changed_signature_is_refused(keys: dict[str, Path], policy: Policy) -> None:
    body = signed(keys["ed25519"])
    lines = json.loads(body)["signature"].splitlines()
    blob = bytearray(base64.b64decode("".join(lines[1:-1])))
    blob[-1] ^= 1
    forged = "\n".join([lines[0], base64.b64encode(blob).decode(), lines[-1]])
    assert refusal(resigned(body, signature=forged), policy)["type"].endswith("/bad-signature")


def test_a_signature_that_claims_anothers_key_is_refused(keys: dict[str, Path], policy: Policy) -> None:
    """The key inside a signature only says for whom ssh-keygen is to verify it."""
    payload = statement().payload()
    blobs = [
        base64.b64decode("".join(attestation.sign(payload, keys[name]).splitlines()[1:-1]))
        for name in ("stranger", "ed25519")
    ]
    whole = base64.b64encode(blobs[1][:65] + blobs[0][65:]).decode()  # alice's key, the stranger's signature
    forged = f"-----BEGIN SSH SIGNATURE-----\n{whole}\n-----END SSH SIGNATURE-----\n"
    assert refusal(attestation.wrap(payload, forged), policy)["type"].endswith("/bad-signature")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "nonsense",
        "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----",
        "-----BEGIN SSH SIGNATURE-----\n%%%\n-----END SSH SIGNATURE-----",
        "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAf////8=\n-----END SSH SIGNATURE-----",
        "-----BEGIN PGP SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END PGP SIGNATURE-----",
        "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAgAAAAA=\n-----END SSH SIGNATURE-----",
    ],
)
def test_what_is_no_signature_is_refused(signature: str, keys: dict[str, Path], policy: Policy) -> None:
    assert refusal(resigned(signed(keys["ed25519"]), signature=signature), policy)["type"].endswith("/bad-signature")


def test_a_signature_for_another_purpose_is_refused(keys: dict[str, Path], policy: Policy) -> None:
    payload = statement().payload()
    for namespace in ("git", "file", "slipway2"):
        made = ["ssh-keygen", "-Y", "sign", "-n", namespace, "-f", str(keys["ed25519"])]
        done = subprocess.run(made, input=payload, check=True, capture_output=True)
        problem = refusal(attestation.wrap(payload, done.stdout.decode()), policy)
        assert (problem["status"], problem["type"].split("/")[-1]) == (403, "wrong-namespace")
        assert namespace in problem["detail"]


def test_an_unknown_key_is_refused_with_its_fingerprint(keys: dict[str, Path], policy: Policy) -> None:
    problem = refusal(signed(keys["stranger"]), policy)
    assert (problem["status"], problem["type"].split("/")[-1]) == (403, "unknown-key")
    assert "SHA256:" in problem["detail"]


def test_a_key_of_two_people_proves_nobody(keys: dict[str, Path], policy: Policy) -> None:
    assert "more than one person" in refusal(signed(keys["shared"]), policy)["detail"]


def test_an_old_statement_is_refused(keys: dict[str, Path], policy: Policy) -> None:
    body, age = signed(keys["ed25519"]), policy.attestation.max_age
    assert receive(body, policy, now=NOW - timedelta(minutes=1) + age)
    problem = refusal(body, policy, now=NOW + age)
    assert (problem["status"], problem["type"].split("/")[-1]) == (422, "too-old")


def test_a_statement_from_the_future_is_refused(keys: dict[str, Path], policy: Policy) -> None:
    body = signed(keys["ed25519"])
    assert receive(body, policy, now=NOW - timedelta(minutes=6))
    assert refusal(body, policy, now=NOW - timedelta(minutes=7))["type"].endswith("/from-the-future")


def test_a_replay_is_refused(keys: dict[str, Path], policy: Policy) -> None:
    body, taken = signed(keys["ed25519"]), set[str]()
    first = attestation.receive(body, policy, NOW, taken.__contains__, lambda _: True)
    taken.add(first.digest)
    with pytest.raises(Refused) as again:
        attestation.receive(body, policy, NOW, taken.__contains__, lambda _: True)
    assert (again.value.status, again.value.kind) == (409, "replayed")


def test_an_unknown_service_repository_or_change_is_refused(keys: dict[str, Path], policy: Policy) -> None:
    assert refusal(signed(keys["rsa"], statement(service="bank").payload()), policy)["type"].endswith(
        "/unknown-service"
    )
    other = statement().model_dump(mode="json") | {"subject": [{"name": "acme/bank", "digest": DIGEST}]}
    assert refusal(signed(keys["rsa"], json.dumps(other).encode()), policy)["type"].endswith("/unknown-service")
    problem = refusal(signed(keys["rsa"]), policy, change=False)
    assert (problem["status"], problem["detail"]) == (422, "there is no change request CR-12")


DIGEST = {"gitTree": "a" * 40, "gitCommit": "c" * 40}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"payload": 1, "signature": "x"}',
        b"\xff\xfe",
        b'{"payload": "%", "signature": ""}',
        b'{"payload": "", "signature": "", "more": 1}',
        b'{"payload": "", "signature": "' + b"x" * 20_000 + b'"}',
    ],
)
def test_a_body_that_is_no_envelope_is_refused(body: bytes, policy: Policy) -> None:
    problem = refusal(body, policy)
    assert (problem["status"], problem["type"].split("/")[-1]) == (400, "malformed")
    assert problem["errors"]


def test_a_body_above_one_mebibyte_is_refused_unread(policy: Policy) -> None:
    problem = refusal(b"x" * (attestation.LARGEST + 1), policy)
    assert (problem["status"], problem["type"].split("/")[-1]) == (413, "too-large")
    assert refusal(b"x" * attestation.LARGEST, policy)["status"] == 400


def changed(path: str, value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(statement().payload())
    at: Any = plain
    *way, last = path.split("/")
    for key in way:
        at = at[int(key)] if isinstance(at, list) else at[key]
    at[last] = value
    return plain


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("_type", "https://in-toto.io/Statement/v0.1", "#/_type"),
        ("predicateType", "https://slsa.dev/provenance/v1", "#/predicateType"),
        ("subject", [], "#/subject"),
        ("subject/0/digest", {"gitTree": "a" * 40}, "#/subject/0/digest/gitCommit"),
        ("subject/0/digest", {"gitTree": "A" * 40, "gitCommit": "c" * 40}, "#/subject/0/digest/gitTree"),
        ("predicate/change", "CR-0", "#/predicate/change"),
        ("predicate/change", "CR-1\n", "#/predicate/change"),
        ("predicate/finished", "2026-11-02T14:04:00", "#/predicate/finished"),
        ("predicate/finished", "2026-11-02T14:02:00Z", "#/predicate"),
        ("predicate/checks", [{"name": "clean", "ok": True, "seen": "x"}] * 2, "#/predicate"),
        ("predicate/checks", [{"name": "vibes", "ok": True, "seen": "good"}], "#/predicate"),
        ("predicate/probes", [{"name": "front"}] * 2, "#/predicate"),
        ("predicate/more", "a field that nobody reads", "#/predicate/more"),
    ],
)
def test_a_statement_of_another_kind_is_refused_with_where(
    path: str, value: Any, pointer: str, keys: dict[str, Path], policy: Policy
) -> None:
    problem = refusal(signed(keys["ed25519"], json.dumps(changed(path, value)).encode()), policy)
    assert (problem["status"], problem["type"].split("/")[-1]) == (400, "malformed")
    assert pointer in [e["pointer"] for e in problem["errors"]]


def test_an_unsigned_statement_is_not_even_read(keys: dict[str, Path], policy: Policy) -> None:
    body = resigned(signed(keys["stranger"]), payload=base64.b64encode(b"not JSON").decode())
    assert refusal(body, policy)["status"] == 403


def test_without_ssh_keygen_nothing_is_taken_and_nothing_signed(
    keys: dict[str, Path], policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = signed(keys["ed25519"])
    monkeypatch.setenv("PATH", str(tmp_path))
    problem = refusal(body, policy)
    assert (problem["status"], problem["detail"]) == (503, "ssh-keygen is not installed where the bot runs")
    with pytest.raises(attestation.CannotSign, match="not installed"):
        attestation.sign(b"x", keys["ed25519"])


def test_an_ssh_keygen_that_hangs_is_given_up(
    keys: dict[str, Path], policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload, signature = attestation.unwrap(signed(keys["ed25519"]))
    slow = tmp_path / "ssh-keygen"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(Refused) as refused:
        attestation.verify(payload, signature, policy.people, wait=0.2)
    assert refused.value.status == 503
    with pytest.raises(attestation.CannotSign, match="did not finish"):
        attestation.sign(payload, keys["ed25519"], wait=0.2)


@pytest.mark.parametrize("what", ["missing", "garbage", "open to everybody"])
def test_a_key_that_cannot_sign_says_why(what: str, keys: dict[str, Path], tmp_path: Path) -> None:
    key = tmp_path / "key"
    if what != "missing":
        key.write_text("garbage" if what == "garbage" else keys["ed25519"].read_text())
        key.chmod(0o600 if what == "garbage" else 0o644)
    with pytest.raises(attestation.CannotSign) as said:
        attestation.sign(b"x", key)
    assert str(said.value)
