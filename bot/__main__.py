"""The command line. What goes wrong is said in a sentence, without a traceback; exit code 2.

Only what a command needs is imported, when it runs: preflight and `--version` start at once.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.config import (
    BadManifest,
    BadPolicy,
    BadSettings,
    DatabaseSettings,
    Settings,
    adapted,
    read_policy,
    read_settings,
)

if TYPE_CHECKING:
    from storage.entries import StoredEvent
    from storage.unit import Unit

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
app = typer.Typer(
    help="Slipway: a Slack bot that enforces a team's Release & Deploy SOP.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@contextmanager
def friendly() -> Iterator[None]:
    """What a person can mend, in a sentence."""
    try:
        yield
    except typer.Exit:
        raise
    except (BadManifest, BadPolicy) as error:
        raise _stop(str(error)) from None
    except BadSettings as error:
        raise _stop("the environment is not complete:\n" + "\n".join(f"  {p}" for p in error.problems)) from None
    except OSError as error:
        if error.filename is None:
            raise
        raise _stop(f"{error.filename}: {error.strerror}") from None
    except _theirs() as error:
        raise _stop(_said(error)) from None


def _theirs() -> tuple[type[Exception], ...]:
    """What the database and Slack raise. Imported only when something went wrong: it takes a second."""
    from slack_sdk.errors import SlackClientError
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from storage.errors import StorageError

    return StorageError, ArgumentError, DBAPIError, SlackClientError


def _said(error: Exception) -> str:
    from slack_sdk.errors import SlackClientError
    from sqlalchemy.exc import DBAPIError

    if isinstance(error, SlackClientError):
        return f"Slack: {error}; `slipway doctor` says more"
    if isinstance(error, DBAPIError):
        return f"the database cannot be used: {error.orig}"
    return f"DATABASE_URL: {error}"


def _stop(said: str) -> typer.Exit:
    print(f"slipway: {said}", file=sys.stderr)
    return typer.Exit(2)


@app.command()
def serve() -> None:
    """Run the bot: Slack, GitHub, the clock and the HTTP surface, until SIGTERM. SIGHUP reads sop.yaml again."""
    with friendly():
        settings = read_settings(Settings)
        from bot import wiring

        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        for chatty in ("httpx", "httpcore"):  # they log whole addresses, and GitHub signs those of its logs
            logging.getLogger(chatty).setLevel(logging.WARNING)
        wiring.serve(settings)


@app.command()
def preflight(
    service: Annotated[str | None, typer.Option(help="This service alone, where sop.yaml has several.")] = None,
    change: Annotated[str | None, typer.Option(help="The change request; else the one the commits name.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Send the statement even when a check fails.")] = False,
    sop: Annotated[Path | None, typer.Option(help="The SOP; else $SOP_FILE, else sop.yaml of the checkout.")] = None,
    bot_url: Annotated[str | None, typer.Option(help="Where the bot is; else $SLIPWAY_URL.")] = None,
    key: Annotated[Path | None, typer.Option(help="SSH key to sign with; else git's, else ~/.ssh/id_….")] = None,
    json: Annotated[bool, typer.Option("--json", help="The outcome as JSON on standard output.")] = False,
) -> None:
    """Prove this checkout: clean, built, running, behaving; sign what was seen and send it to the bot."""
    with friendly():
        from bot.preflight import Options, run

        options = Options(service, change, report, sop, bot_url, key, json)
        raise typer.Exit(run(options, read_policy, os.environ))


@app.command()
def doctor(
    manifest: Annotated[Path, typer.Option(help="The Slack app's manifest.")] = Path("manifest.yml"),
) -> None:
    """Check what an installation needs, one line each, with the mend. Changes nothing; exit code 1: a check failed."""
    with friendly():
        from bot import doctor

        healthy = True
        for finding in doctor.examine(manifest):
            print(finding.line, flush=True)
            healthy = healthy and finding.ok is not False
        raise typer.Exit(0 if healthy else 1)


@app.command()
def audit(
    subject: Annotated[str | None, typer.Argument(help="Show the events of this: R-7, CR-12, FRZ-2.")] = None,
    limit: Annotated[int, typer.Option(help="How many of the last events to show.", min=1)] = 200,
) -> None:
    """Verify the audit's hash chain, and show the events of one thing.

    Exit code 1: the chain is broken, or there are no events of that thing.
    """
    with friendly():
        from storage.store import Store

        url = read_settings(DatabaseSettings).database_url.get_secret_value()
        if url.startswith("sqlite:") and not Path(url.partition("///")[2]).exists():
            raise _stop(f"there is no database at {url}; DATABASE_URL names it")
        store = Store.open(url, threads=1)
        whole, bad = store.read(lambda unit: unit.verify_chain())
        events = store.read(lambda unit: _events(unit, subject, limit)) if subject else ()
        store.close()
        for e in events:
            values = " ".join(f"{name}={value!r}" for name, value in e.values.items())
            print(f"{e.seq:>6} {e.at:%Y-%m-%d %H:%M:%S}Z {e.hash[:12]} {e.actor or '-'} {e.kind} {values}".rstrip())
        if subject and not events:
            print(f"there are no events of {subject}; things are named R-7, CR-12, INC-3, FRZ-2 or service:shop")
        print("the chain is whole" if whole else f"the chain is broken at event {bad}: it is not what was written")
        raise typer.Exit(0 if whole and (events or not subject) else 1)


def _events(unit: "Unit", subject: str, limit: int) -> "tuple[StoredEvent, ...]":
    """Of `r-7`, too: a person writes names as they come."""
    names = dict.fromkeys((subject, subject.upper(), subject.lower()))
    return next((found for name in names if (found := unit.events(name, limit))), ())


@app.command()
def manifest(
    url: Annotated[str | None, typer.Option(help="Where Slack reaches the bot: https://slipway.example.com")] = None,
    socket_mode: Annotated[bool, typer.Option("--socket-mode", help="For Socket Mode: no address is needed.")] = False,
    sop: Annotated[Path, typer.Option(help="The SOP; its slack.command_prefix is put before each command.")] = Path(
        "sop.yaml"
    ),
    source: Annotated[Path, typer.Option(help="The manifest to adapt.")] = Path("manifest.yml"),
) -> None:
    """Print the Slack app's manifest for this installation."""
    with friendly():
        prefix = read_policy(sop).slack.command_prefix
        print(adapted(source, url=url, prefix=prefix, socket_mode=socket_mode), end="")


@app.command(context_settings=PASSED_ON, add_help_option=False)
def demo(context: typer.Context) -> None:
    """A whole world on this machine, with a page to try it on; --play NAME plays a day by itself."""
    _become("bot.demo", context.args)


@app.command(context_settings=PASSED_ON, add_help_option=False)
def sandbox(context: typer.Context) -> None:
    """One part of the sandbox alone: slack, github, service or world."""
    _become("bot.sandbox", context.args)


def _become(module: str, arguments: list[str]) -> None:
    """The sandbox is never imported, it is started: signals and the exit code are its own."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606


def _version(asked: bool) -> None:
    if asked:
        print(f"slipway {version('slipway')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    pass


def main() -> None:
    app()


if __name__ == "__main__":
    main()
