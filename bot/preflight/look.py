"""The checks of a preflight, in order: clean, branch, commits; then build; then run and probes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.preflight import checks
from bot.preflight.app import LAST_WORDS, App, NotRunning, build, running_app, spoken
from bot.preflight.checkout import Checkout, Head, LocalCommit
from bot.preflight.terminal import DOING, Terminal
from bot.production import play
from bot.sop.facts import Check, ProbeAnswer
from bot.sop.policy import Policy, Service


@dataclass(frozen=True)
class Plan:
    """What is looked at, and for which change request."""

    checkout: Checkout
    policy: Policy
    service: Service
    change: str  # CR-12
    remote: str
    tip: str  # of the designated branch at the remote
    head: Head
    commits: tuple[LocalCommit, ...]
    scratch: Path  # a private folder for logs


@dataclass(frozen=True)
class Seen:
    checks: tuple[Check, ...]
    answers: tuple[ProbeAnswer, ...] = ()

    @property
    def ok(self) -> bool:
        return all(c.ok for c in self.checks)


def look(plan: Plan, terminal: Terminal) -> Seen:
    """Looks until something fails; what is cheap to look at is looked at whole. Raises GitFailed."""
    found = []
    for check in _of_the_checkout(plan, terminal):
        terminal.check(check)
        found.append(check)
    if not all(c.ok for c in found):
        return Seen(tuple(found))
    terminal.doing(DOING["build"])
    built = build(plan.service.local, plan.checkout.root, plan.checkout.env, plan.scratch)
    terminal.check(built)
    found.append(built)
    if not built.ok or not _still_clean(plan, found, terminal, "after the build: "):
        return Seen(tuple(found))
    more, answers = _run(plan, terminal)
    found += more
    _still_clean(plan, found, terminal, "after the run: ")
    return Seen(tuple(found), answers)


def _of_the_checkout(plan: Plan, terminal: Terminal) -> Iterator[Check]:
    designated = plan.service.branch
    terminal.doing(DOING["clean"])
    yield checks.clean(plan.checkout)
    terminal.doing(DOING["branch"])
    yield checks.branch(plan.checkout, plan.head, plan.remote, designated, plan.tip)
    terminal.doing(DOING["commits"])
    yield checks.commits(plan.commits, plan.change, plan.policy, designated)


def _still_clean(plan: Plan, found: list[Check], terminal: Terminal, when: str) -> bool:
    """Puts a failed look in the place of the first one when the tree is not what it was."""
    again = checks.clean(plan.checkout, when)
    now = plan.checkout.head()
    if now.commit != plan.head.commit:
        seen = f"{when}HEAD moved from {plan.head.commit[:7]} to {now.commit[:7]}"
        again = Check(name="clean", ok=False, seen=seen)
    if not again.ok:
        terminal.check(again)
        found[0] = again
    return again.ok


def _run(plan: Plan, terminal: Terminal) -> tuple[list[Check], tuple[ProbeAnswer, ...]]:
    terminal.doing(DOING["run"])
    local, env = plan.service.local, plan.checkout.env
    try:
        with running_app(local, plan.checkout.root, env, plan.scratch) as app:
            ran = Check(name="run", ok=True, seen=f"ready in {spoken(app.seconds)}")
            terminal.check(ran)
            terminal.doing(DOING["probes"])
            answers = play(plan.service.probes, app.url, env, plan.service.production.timeout)
            probed = _probes(answers, app, plan)
    except NotRunning as why:
        ran = Check(name="run", ok=False, seen=why.seen, detail=why.detail)
        terminal.check(ran)
        return [ran], ()
    terminal.check(probed)
    return [ran, probed], answers


def _probes(answers: tuple[ProbeAnswer, ...], app: App, plan: Plan) -> Check:
    """A probe that gets no answer, or a server's error, shows no core functionality."""
    bad = [f"{a.name}: {a.error or f'answered {a.status}'}" for a in answers if a.error or (a.status or 0) >= 500]
    seen = f"answered {len(answers) - len(bad)} of {len(answers)} probes"
    silent = any(a.error for a in answers)
    over = app.ended(plan.checkout.env, within=LAST_WORDS if silent else 0)
    if over is not None:
        return Check(name="probes", ok=False, seen=f"{seen}; {over.seen}", detail=(*bad, *over.detail))
    return Check(name="probes", ok=not bad, seen=seen, detail=tuple(bad))
