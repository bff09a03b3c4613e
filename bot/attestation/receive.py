"""From an HTTP body to a verified attestation, and the other way round."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import Field, ValidationError

from bot.attestation.refusals import (
    FromTheFuture,
    Malformed,
    Replayed,
    TooLarge,
    TooOld,
    UnknownChange,
    UnknownService,
)
from bot.attestation.signature import Signer, verify
from bot.attestation.statement import Statement
from bot.sop.facts import Attestation
from bot.sop.model import Frozen
from bot.sop.policy import Policy

LARGEST: Final = 1024 * 1024  # bytes of the HTTP body
FUTURE: Final = timedelta(minutes=5)  # how far a developer's clock may be ahead


class Envelope(Frozen):
    payload: str
    signature: str = Field(max_length=16 * 1024)


def wrap(payload: bytes, signature: str) -> bytes:
    """The HTTP body that carries a signed statement."""
    return Envelope(payload=base64.b64encode(payload).decode(), signature=signature).model_dump_json().encode()


def receive(
    body: bytes, policy: Policy, now: datetime, seen: Callable[[str], bool], change_exists: Callable[[int], bool]
) -> Attestation:
    """Verifies and reads an HTTP body. `seen` says whether a digest (SHA-256 of the payload) was taken before.

    Raises a Refused; the statement inside is not looked at before its signature is good.
    """
    payload, signature = unwrap(body)
    signer = verify(payload, signature, policy.people)
    found = parse(payload, signer, policy, now)
    if not change_exists(found.change):
        raise UnknownChange(f"there is no change request CR-{found.change}")
    if seen(found.digest):
        raise Replayed("this statement was received before; run `slipway preflight` again for a new one")
    return found


def unwrap(body: bytes) -> tuple[bytes, str]:
    """Payload and signature of an HTTP body. Raises TooLarge or Malformed."""
    if len(body) > LARGEST:
        raise TooLarge(f"{len(body)} bytes were sent, {LARGEST} are allowed")
    try:
        envelope = Envelope.model_validate_json(body)
        return base64.b64decode(envelope.payload, validate=True), envelope.signature
    except ValidationError as e:
        raise _malformed("the body is not {payload, signature} as JSON", e) from e
    except (binascii.Error, ValueError) as e:
        raise Malformed("the payload is not base64", ({"pointer": "#/payload", "detail": "not base64"},)) from e


def parse(payload: bytes, signer: Signer, policy: Policy, now: datetime) -> Attestation:
    """A verified payload as a fact, with id 0. Raises Malformed, UnknownService, TooOld or FromTheFuture."""
    try:
        statement = Statement.model_validate_json(payload)
    except ValidationError as e:
        raise _malformed("the statement is not one of a preflight", e) from e
    said, subject = statement.predicate, statement.subject[0]
    service = policy.service(said.service)
    if service is None or service.repository != subject.name:
        raise UnknownService(f"there is no service {said.service[:40]} of {subject.name[:100]} in sop.yaml")
    if now - said.finished > policy.attestation.max_age:
        raise TooOld(f"it was made at {said.finished:%Y-%m-%d %H:%M:%S %Z}; {policy.attestation.max_age} is allowed")
    if said.finished - now > FUTURE:
        raise FromTheFuture(f"it was made at {said.finished:%Y-%m-%d %H:%M:%S %Z}: set this machine's clock")
    return Attestation(
        id=0,
        service=said.service,
        change=int(said.change.removeprefix("CR-")),
        signer=signer.slack,
        key=signer.key,
        commit=subject.digest.gitCommit,
        tree=subject.digest.gitTree,
        branch=said.branch,
        made_at=said.finished.astimezone(UTC),
        received_at=now,
        checks=said.checks,
        probes=said.probes,
        proof=said.proof,
        digest=hashlib.sha256(payload).hexdigest(),
    )


def _malformed(reason: str, error: ValidationError) -> Malformed:
    found = error.errors(include_url=False, include_input=False, include_context=False)[:20]
    return Malformed(reason, tuple({"pointer": "#/" + "/".join(map(str, e["loc"])), "detail": e["msg"]} for e in found))
