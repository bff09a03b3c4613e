"""Is a commit's SSH signature good? As GitHub's `verification` says it."""

import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.sandbox.github.objects import Commit, moment
from bot.sandbox.github.state import Repository


def verification(repo: Repository, one: Commit) -> dict[str, Any]:
    if one.signature is None:
        return {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
    keys = tuple(key for held in repo.site.signing_keys.values() for key in held)
    reason = _checked(one.signature, one.payload, one.committer.email, keys)
    return {
        "verified": reason == "valid",
        "reason": reason,
        "signature": one.signature,
        "payload": one.payload,
        "verified_at": moment(one.committer.at) if reason == "valid" else None,
    }


@lru_cache(maxsize=1000)
def _checked(signature: str, payload: str, email: str, keys: tuple[str, ...]) -> str:
    """valid | unknown_key | unknown_signature_type."""
    if "SSH SIGNATURE" not in signature:
        return "unknown_signature_type"
    with tempfile.TemporaryDirectory() as folder:
        signed, allowed = Path(folder, "signature"), Path(folder, "allowed")
        signed.write_text(f"{signature}\n")
        allowed.write_text("".join(f'{email} namespaces="git" {key}\n' for key in keys))
        command = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", email, "-n", "git", "-s", str(signed)]
        done = subprocess.run(command, input=payload.encode(), capture_output=True, check=False)
    return "valid" if done.returncode == 0 else "unknown_key"
