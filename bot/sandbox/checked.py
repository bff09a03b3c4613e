"""What the command line gives, looked at before anything is started. What a person can mend is a sentence."""

import argparse
import os
import subprocess
from pathlib import Path

import yaml

from bot.sandbox.seed import git
from bot.sandbox.slack.config import read_manifest

MANIFEST = Path(__file__).parents[2] / "manifest.yml"  # of the checkout that this runs from
PORTS = range(65536)


class CannotStart(Exception):
    """This part cannot start as asked; the message says why and what to do."""


def port(text: str) -> int:
    """0 is any free one. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) not in PORTS:
        raise argparse.ArgumentTypeError(f"{text} is no port: give one of 1 to {PORTS[-1]}, or 0 for any that is free")
    return int(text)


def folder(option: str, path: Path) -> None:
    """Made when it is missing. Raises CannotStart when nothing can be kept there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"{option} {path} cannot be made ({error.strerror}): name a folder of yours") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise CannotStart(f"{option} {path} cannot be written to: name a folder of yours")


def manifest(named: Path | None) -> Path:
    """The one named, else manifest.yml here, else that of Slipway's checkout. Raises CannotStart."""
    here = Path("manifest.yml")
    path = named or (here if here.is_file() else MANIFEST)
    if named is None and not path.is_file():
        raise CannotStart("there is no manifest.yml here: give --manifest FILE; Slipway's is in its repository")
    mend = "--manifest wants a Slack app's manifest as YAML, as `slipway manifest` prints it"
    try:
        read_manifest(path)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read ({error.strerror}): {mend}") from None
    except (ValueError, LookupError, TypeError, AttributeError, yaml.YAMLError):
        raise CannotStart(f"{path} is no Slack app manifest: {mend}") from None
    return path


def repository(path: Path, branch: str) -> Path:
    """Raises CannotStart when there is no such branch of a git repository to deploy."""
    try:
        git(Path(), "ls-remote", "--exit-code", str(path), f"refs/heads/{branch}")
    except subprocess.CalledProcessError:
        raise CannotStart(
            f"--repository {path} is no git repository with a branch {branch}: name another one or its --branch,"
            " or leave it out for the sample"
        ) from None
    return path
