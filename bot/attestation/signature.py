"""SSH signatures by ssh-keygen: made with a developer's key, verified against the people of sop.yaml."""

import base64
import hashlib
import struct
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from bot.attestation.refusals import BadSignature, CannotVerify, UnknownKey, WrongNamespace
from bot.sop.model import Frozen
from bot.sop.policy import Person

NAMESPACE: Final = "slipway"


class Signer(Frozen):
    slack: str
    key: str  # fingerprint, SHA256:…


class CannotSign(Exception):
    """ssh-keygen made no signature; the text is what it said."""


def sign(payload: bytes, key: Path, wait: float = 120) -> str:
    """The armored SSH signature of `payload`. `key` is a private key, or a public one whose private half is in the
    agent; ssh-keygen may ask for a passphrase on the terminal, hence `wait` (seconds). Raises CannotSign."""
    try:
        done = _ssh_keygen(["-Y", "sign", "-n", NAMESPACE, "-f", str(key)], payload, wait)
    except FileNotFoundError as e:
        raise CannotSign("ssh-keygen is not installed") from e
    except subprocess.TimeoutExpired as e:
        raise CannotSign(f"ssh-keygen did not finish within {wait:g} s") from e
    if done.returncode or b"BEGIN SSH SIGNATURE" not in done.stdout:
        raise CannotSign(done.stderr.decode(errors="replace").strip() or f"ssh-keygen exited with {done.returncode}")
    return done.stdout.decode("ascii")


def verify(payload: bytes, signature: str, people: tuple[Person, ...], wait: float = 10) -> Signer:
    """Who signed these bytes, by `people`'s signing keys. `wait` is in seconds.

    Raises BadSignature, WrongNamespace, UnknownKey, or CannotVerify when ssh-keygen is missing or hangs.
    """
    made = _read_signature(signature)
    if made.namespace != NAMESPACE:
        raise WrongNamespace(
            f"it was signed for `{made.namespace[:40]}`; sign with `ssh-keygen -Y sign -n {NAMESPACE}`"
        )
    encoded = base64.b64encode(made.key).decode()
    holders = [(p, key) for p in people for key in map(str.split, p.signing_keys) if key[1:2] == [encoded]]
    if len({person.slack for person, _ in holders}) != 1:
        whose = "belongs to more than one person" if holders else "belongs to nobody"
        raise UnknownKey(f"the key {made.fingerprint} {whose} in sop.yaml's people")
    person, key = holders[0]
    if not _is_good(payload, signature, f'{person.slack} namespaces="{NAMESPACE}" {key[0]} {key[1]}\n', person, wait):
        raise BadSignature(f"the signature by {made.fingerprint} is not over these bytes")
    return Signer(slack=person.slack, key=made.fingerprint)


class _Made(NamedTuple):
    key: bytes
    namespace: str

    @property
    def fingerprint(self) -> str:
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.key).digest()).decode().rstrip("=")


def _read_signature(armored: str) -> _Made:
    """Key and namespace that an SSH signature claims (OpenSSH's PROTOCOL.sshsig). It proves nothing: it says which
    person ssh-keygen is to verify it for. Raises BadSignature."""
    lines = armored.strip().splitlines()
    try:
        if [lines[0], lines[-1]] != ["-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"]:
            raise ValueError("no armor")
        blob = base64.b64decode("".join(lines[1:-1]), validate=True)
        if blob[:10] != b"SSHSIG" + struct.pack(">I", 1):
            raise ValueError("no SSH signature of version 1")
        key, rest = _string(blob[10:])
        return _Made(key, _string(rest)[0].decode())
    except (ValueError, IndexError, struct.error) as e:
        raise BadSignature("this is no SSH signature") from e


def _string(data: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack(">I", data[:4])
    if len(data) < 4 + length:
        raise ValueError("cut off")
    return data[4 : 4 + length], data[4 + length :]


def _is_good(payload: bytes, signature: str, allowed: str, person: Person, wait: float) -> bool:
    with TemporaryDirectory(prefix="slipway-") as folder:  # mode 700
        files = {"allowed": allowed, "signature": signature}
        for name, text in files.items():
            file = Path(folder, name)
            file.touch(mode=0o600)
            file.write_text(text)
        arguments = ["-Y", "verify", "-n", NAMESPACE, "-I", person.slack]
        arguments += ["-f", f"{folder}/allowed", "-s", f"{folder}/signature"]
        try:
            return _ssh_keygen(arguments, payload, wait).returncode == 0
        except FileNotFoundError as e:
            raise CannotVerify("ssh-keygen is not installed where the bot runs") from e
        except subprocess.TimeoutExpired as e:
            raise CannotVerify(f"ssh-keygen did not answer within {wait:g} s") from e


def _ssh_keygen(arguments: list[str], message: bytes, wait: float) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ssh-keygen", *arguments], input=message, capture_output=True, timeout=wait)
