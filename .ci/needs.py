"""Says which system package is missing before anything is installed."""

import importlib.util
import shutil
import sys

NEEDS = {
    "git": "git",
    "ssh-keygen": "openssh-client",
    "make": "make",
}

missing = [package for command, package in NEEDS.items() if shutil.which(command) is None]
if importlib.util.find_spec("ensurepip") is None:
    missing.append("python3-venv")
if sys.version_info < (3, 11):  # noqa: UP036 - an older one may well be asked
    sys.exit(f"Slipway wants Python 3.11 or newer; this is {sys.version.split()[0]}.")
if missing:
    sys.exit("Missing system packages: " + " ".join(missing) + f". On Debian: apt-get install {' '.join(missing)}")
