"""Which SSH key signs: --key, git's user.signingkey, or the usual files of ~/.ssh."""

import shutil
from pathlib import Path

from bot.preflight.checkout import Checkout, GitFailed, Trouble
from bot.sop.policy import Policy

USUAL = ("id_ed25519", "id_ecdsa", "id_rsa")


def find_key(given: Path | None, checkout: Checkout, policy: Policy, scratch: Path) -> Path:
    """A private key, or a public one whose private half is in the agent. Of several, one that sop.yaml names.

    Raises Trouble: no ssh-keygen, no key.
    """
    if shutil.which("ssh-keygen", path=checkout.env.get("PATH")) is None:
        raise Trouble("ssh-keygen is not installed (package openssh-client)")
    if given is not None:
        if not given.is_file():
            raise Trouble(f"there is no key at {given}")
        return given
    found = [key for key in (_configured(checkout, scratch), *_usual(checkout)) if key is not None]
    if not found:
        raise Trouble("no SSH key: give --key, set git's user.signingkey, or make one with: ssh-keygen -t ed25519")
    return next((key for key in found if is_known(key, policy)), found[0])


def is_known(key: Path, policy: Policy) -> bool:
    """Whether the public half that lies beside a key is one of a person in sop.yaml."""
    public = key if key.suffix == ".pub" else key.with_name(key.name + ".pub")
    if not public.is_file():
        return False
    blob = public.read_text(errors="replace").split()[1:2]
    return any(known.split()[1:2] == blob for person in policy.people for known in person.signing_keys)


def _configured(checkout: Checkout, scratch: Path) -> Path | None:
    """git's user.signingkey: a file, or a public key written out (then its private half is in the agent)."""
    try:
        value = checkout.git("config", "--type=path", "--get", "user.signingkey").strip()
    except GitFailed:
        return None
    literal = value.removeprefix("key::")
    if literal.startswith(("ssh-", "ecdsa-", "sk-")):
        written = scratch / "signingkey.pub"
        written.write_text(literal + "\n")
        return written
    path = checkout.root / value
    return path if path.is_file() else None  # else it is a GPG key's id


def _usual(checkout: Checkout) -> list[Path]:
    folder = Path(checkout.env.get("HOME", "~")).expanduser() / ".ssh"
    either = ((folder / name, folder / f"{name}.pub") for name in USUAL)
    return [key for pair in either for key in [next((k for k in pair if k.is_file()), None)] if key is not None]
