"""The demo from start to end: everything started in order, then a person's day, or a play."""

import os
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx
from rich.console import Console

from bot.demo import guide, terminal
from bot.demo.crew import Crew
from bot.demo.parts import Part, PartFailed, Parts, failed, said_ready
from bot.demo.place import CannotStart, place

PAGE = 8800
DONE, FAILED, CANNOT, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Options:
    """The command line."""

    port: int | None = None  # of the page; None: 8800, and any free one for a play
    browser: bool = True
    keep: Path | None = None  # where the world is kept; None: it is gone afterwards
    fresh: bool = False  # a kept world is thrown away first
    play: str | None = None  # one of bot.demo.__main__.PLAYS


def demo(options: Options) -> int:
    """Exit code: 0 a play that went as it should, 1 it did not or a part died, 2 it cannot start, 130 interrupted."""
    console = Console()
    page = options.port if options.port is not None or options.play else PAGE
    try:
        with (
            _ended_by_signals(),
            place(options.keep, options.fresh, page) as where,
            Parts(where.root / "logs") as parts,
        ):
            crew = Crew(where)
            goes_on = crew.bare.exists()
            bot = _start(crew, parts, console, by_hand=options.play is None)
            if options.play:
                return _play(options.play, bot, crew, parts, console)
            guide.show(console, crew.slack_url, where.root, kept=where.kept, goes_on=goes_on)
            if options.browser and _has_display():
                webbrowser.open(crew.slack_url)
            return _keep_running(bot, crew, parts, console)
    except CannotStart as why:
        Console(stderr=True).print(f"slipway: {why}", style="red", markup=False, highlight=False, soft_wrap=True)
        return CANNOT
    except PartFailed as why:
        console.print(f"\n{why}", style="red", markup=False, highlight=False, soft_wrap=True)
        return FAILED
    except KeyboardInterrupt:
        console.print("\nEverything has ended.", highlight=False)
        return INTERRUPTED if options.play else DONE


def _start(crew: Crew, parts: Parts, console: Console, *, by_hand: bool) -> Part:
    """Starts each as soon as what it needs is there; gives the bot, once it is ready."""
    plain = crew.bare_environment()
    crew.bot_pid.unlink(missing_ok=True)  # of a kept demo that was killed
    with console.status("Starting Slack and GitHub") as status:
        slack, bot = parts.start("Slack", crew.slack(), plain), parts.start("Bot", crew.bot(), crew.environment())
        kept = crew.bare.exists()
        if kept:  # a run that had not ended deploys as soon as GitHub is there
            _production(crew, parts, console)
        github = parts.start("GitHub", crew.github(), plain)
        _ready(parts, github, "a repository, pull requests, Actions", console)
        status.update("Cloning the laptops, starting production")
        world = parts.start("World", crew.world(by_hand=by_hand), plain)
        if not kept:
            _production(crew, parts, console)
        _ready(parts, slack, "a workspace of six people", console)
        _ready(parts, world, "two laptops, and a panel to use and break things with", console)
        status.update("Starting the bot")
        terminal.write(crew)
        _go(bot, crew, parts)
        _tell(console, "Bot", f"Slipway itself; its log is {bot.log}")
    return bot


def _production(crew: Crew, parts: Parts, console: Console) -> None:
    service = parts.start("Production", crew.service(), crew.bare_environment())
    _ready(parts, service, "the shop, on two instances", console)


def _go(bot: Part, crew: Crew, parts: Parts) -> None:
    """The bot begins; once it is ready the panel may kill it."""
    bot.go()
    parts.until_ready(bot, lambda _: _answers(f"{crew.bot_url}/readyz"))
    crew.bot_pid.write_text(f"{bot.process.pid}\n", encoding="ascii")


def _keep_running(bot: Part, crew: Crew, parts: Parts, console: Console) -> NoReturn:
    """A bot that was killed is started again, as whoever runs it for real would have it. Raises PartFailed."""
    while True:
        ended = parts.next_ended()
        crew.bot_pid.unlink(missing_ok=True)
        if ended is not bot or not ended.killed:
            raise failed(ended)
        console.print(
            f"\nThe bot was killed (signal {-ended.process.returncode}). Starting it again …", highlight=False
        )
        bot = parts.again(ended)
        _go(bot, crew, parts)
        _tell(console, "Bot", "runs again, and goes on with what it had not finished")


def _ready(parts: Parts, part: Part, what: str, console: Console) -> None:
    parts.until_ready(part, said_ready)
    _tell(console, part.name, what)


def _tell(console: Console, name: str, what: str) -> None:
    console.print(f"[green]✓[/] {name:<11} {what}", highlight=False, soft_wrap=True)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _play(name: str, bot: Part, crew: Crew, parts: Parts, console: Console) -> int:
    console.print(f"\nThe page is at {crew.slack_url} while it plays.\n", highlight=False)
    sys.stdout.flush()
    player = parts.start("Play", crew.play(name, bot.process.pid), crew.bare_environment(), shown=True)
    code = parts.until_ended(player)
    audited = subprocess.run(crew.audit(), env=crew.environment(), capture_output=True, text=True)
    last = (audited.stdout or audited.stderr).rstrip().splitlines()[-1:]
    console.print(f"The audit: {' '.join(last)}.", highlight=False, markup=False)
    return FAILED if code or audited.returncode else DONE


def _has_display() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A closed terminal or a `kill` ends everything in order, as Ctrl-C does; once it is ending, it is not hurried."""
    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in names:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in names}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
