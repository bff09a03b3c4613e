"""`slipway preflight`: looks, signs what was seen, sends it to the bot."""

import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console

from bot import attestation
from bot.attestation import CannotSign, GitDigest, Predicate, Statement, Subject
from bot.preflight.checkout import Checkout, GitFailed, Trouble, open_checkout
from bot.preflight.checks import find_change, pushed_already
from bot.preflight.keys import find_key, is_known
from bot.preflight.look import Plan, Seen, look
from bot.preflight.processes import INTERRUPTS
from bot.preflight.send import Reply, send
from bot.preflight.terminal import Terminal
from bot.sop.policy import Policy, Service

GOOD, FAILED, TROUBLE, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Options:
    """The command line."""

    service: str | None = None  # --service: that one alone of several in sop.yaml
    change: str | None = None  # --change: else the one that the commits reference
    report: bool = False  # --report: send a failure too
    sop: Path | None = None  # --sop: else $SOP_FILE, else sop.yaml of the checkout
    bot_url: str | None = None  # --bot-url: else $SLIPWAY_URL
    key: Path | None = None  # --key
    json: bool = False  # --json: the outcome on standard output as JSON, progress on standard error
    folder: Path = Path()


@dataclass(frozen=True)
class _Outcome:
    plan: Plan
    seen: Seen
    reply: Reply | None  # None: not sent

    @property
    def code(self) -> int:
        if self.reply is not None and not self.reply.taken:
            return TROUBLE
        return GOOD if self.seen.ok else FAILED


def run(
    options: Options, read_policy: Callable[[Path], Policy], env: Mapping[str, str], console: Console | None = None
) -> int:
    """Exit code: 0 attested, 1 a check failed, 2 it could not be done or the bot refused, 130 interrupted.

    What `read_policy` raises passes through. No process that was started outlives this call.
    """
    terminal = Terminal(console or Console(stderr=options.json))
    try:
        with _ended_by_signals(), TemporaryDirectory(prefix="slipway-") as scratch:
            outcomes = _preflight(options, read_policy, env, terminal, Path(scratch))
    except KeyboardInterrupt:
        return _give_up(options, terminal, "interrupted", INTERRUPTED)
    except (Trouble, GitFailed, CannotSign) as why:
        return _give_up(options, terminal, str(why), TROUBLE)
    finally:
        terminal.rest()
    if options.json:
        told = [_told(o) for o in outcomes]
        print(json.dumps(told[0] if len(told) == 1 else {"ok": all(t["ok"] for t in told), "services": told}, indent=2))
    return next((o.code for o in outcomes if o.code != GOOD), GOOD)


def _give_up(options: Options, terminal: Terminal, why: str, code: int) -> int:
    terminal.say(f"✗ {why}", "bold red")
    if options.json:
        print(json.dumps({"ok": False, "error": why}))
    return code


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A terminal that closes or a `kill` ends what was started, as Ctrl-C does; so does a job in the background, which
    begins with Ctrl-C ignored."""

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, interrupt) for number in INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _preflight(
    options: Options,
    read_policy: Callable[[Path], Policy],
    env: Mapping[str, str],
    terminal: Terminal,
    scratch: Path,
) -> list[_Outcome]:
    """One outcome a service, up to the first that is not good: services of one branch go out together."""
    checkout = open_checkout(options.folder, env)
    policy = read_policy(_sop_file(options, checkout))
    bot_url = _bot_url(options, env)
    key = find_key(options.key, checkout, policy, scratch)
    done: list[_Outcome] = []
    for service in _services(options, checkout, policy):
        plan = _plan(options, checkout, policy, service, terminal, scratch)
        terminal.say(f"{service.name} · {plan.change} · {plan.head.commit[:7]}", "bold")
        if not done and not is_known(key, policy):
            terminal.say(f"note: sop.yaml gives the public half of {key} to nobody; the bot may refuse it", "yellow")
        done.append(_prove(plan, options, key, bot_url, terminal))
        if done[-1].code != GOOD:
            break
    return done


def _prove(plan: Plan, options: Options, key: Path, bot_url: str, terminal: Terminal) -> _Outcome:
    started = datetime.now(UTC)
    seen = look(plan, terminal)
    if not seen.ok and not options.report:
        terminal.say("✗ not ready to release; nothing was sent (--report sends the failure)", "bold red")
        return _Outcome(plan, seen, None)
    reply = _attest(plan, seen, key, bot_url, started, terminal)
    return _Outcome(plan, seen, reply)


def _sop_file(options: Options, checkout: Checkout) -> Path:
    named = options.sop or checkout.env.get("SOP_FILE")
    file = Path(named) if named else checkout.root / "sop.yaml"
    if not file.is_file():
        raise Trouble(f"there is no {file}: name the SOP's file with --sop or SOP_FILE")
    return file


def _bot_url(options: Options, env: Mapping[str, str]) -> str:
    url = options.bot_url or env.get("SLIPWAY_URL") or ""
    if not url:
        raise Trouble("where is the bot? Give --bot-url or set SLIPWAY_URL (https://slipway.example.com)")
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        whole = None
    if not whole:
        named = "--bot-url" if options.bot_url else "SLIPWAY_URL"
        raise Trouble(
            f"{named} {url} is no address of a bot: http:// or https:// and a host (https://slipway.example.com)"
        )
    return url


def _plan(
    options: Options, checkout: Checkout, policy: Policy, service: Service, terminal: Terminal, scratch: Path
) -> Plan:
    remote = checkout.remote(service.repository)
    terminal.doing(f"fetching {service.branch} from {remote}")
    try:
        tip = checkout.fetch(remote, service.branch)
    except GitFailed as said:
        raise Trouble(f"{service.branch} could not be fetched from {remote}: {said}") from said
    after = checkout.commits(f"{tip}..HEAD")
    change = find_change(options.change, after, policy, checkout)
    found = after or pushed_already(checkout, policy)
    return Plan(checkout, policy, service, change, remote, tip, checkout.head(), found, scratch)


def _services(options: Options, checkout: Checkout, policy: Policy) -> tuple[Service, ...]:
    """The service asked for; else the only one; else those of this repository, where they go out together."""
    names = ", ".join(s.name for s in policy.services)
    if options.service is not None:
        found = policy.service(options.service)
        if found is None:
            raise Trouble(f"there is no service {options.service} in sop.yaml; there are: {names}")
        return (found,)
    here = [s for s in policy.services if len(policy.services) == 1 or checkout.is_of(s.repository)]
    if len({s.lock for s in here}) != 1:
        raise Trouble(f"which service? Give --service; there are: {names}")
    return tuple(here)


def _attest(plan: Plan, seen: Seen, key: Path, bot_url: str, started: datetime, terminal: Terminal) -> Reply:
    payload = _statement(plan, seen, started).payload()
    terminal.rest()  # ssh-keygen may ask for a passphrase
    body = attestation.wrap(payload, attestation.sign(payload, key))
    if len(body) > attestation.LARGEST:
        raise Trouble(
            f"the probes' answers make a statement of {len(body) // 1024} KiB, {attestation.LARGEST // 1024} are"
            " allowed: ignore more fields, or compare the largest by status"
        )
    terminal.doing(f"sending to {bot_url}")
    reply = send(body, bot_url)
    mark, style = ("✓", "green") if reply.taken else ("✗", "bold red")
    what = "attested" if seen.ok else "failure reported"
    title = what if reply.taken and reply.title == "taken" else reply.title
    terminal.say(f"{mark} {title}{': ' if reply.detail else ''}{reply.detail}", style)
    return reply


def _statement(plan: Plan, seen: Seen, started: datetime) -> Statement:
    head = plan.head
    return Statement(
        subject=(Subject(name=plan.service.repository, digest=GitDigest(gitTree=head.tree, gitCommit=head.commit)),),
        predicate=Predicate(
            service=plan.service.name,
            change=plan.change,
            branch=head.branch or "HEAD",
            base=plan.tip,
            tool=attestation.tool(),
            policy=plan.policy.digest,
            proof=plan.service.proof,
            started=started,
            finished=datetime.now(UTC),
            checks=seen.checks,
            probes=seen.answers,
        ),
    )


def _told(outcome: _Outcome) -> dict[str, Any]:
    plan, reply = outcome.plan, outcome.reply
    return {
        "ok": outcome.code == GOOD,
        "service": plan.service.name,
        "change": plan.change,
        "branch": plan.head.branch,
        "commit": plan.head.commit,
        "tree": plan.head.tree,
        "checks": [c.model_dump(mode="json") for c in outcome.seen.checks],
        "answer": None if reply is None else reply.model_dump(mode="json"),
    }
