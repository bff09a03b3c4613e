"""The looks: one a kind of subject."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel

from bot import ledger
from bot.commit import commit
from bot.reconciler.incidents import Incidents
from bot.reconciler.patrol import Patrol
from bot.reconciler.readers import CodeHost, Failures, People, seen
from bot.sop import baseline, change_fate, freeze
from bot.sop.decision import Decision, Watch
from bot.sop.facts import CannotLook, Directory, Facts, Fleet, Issue, ProbeAnswer, Round, Runs, Seen, Served
from bot.sop.failure import attempt_to_read, failed_run, held_service, log_of
from bot.sop.gates.ci import CI_WENT_WRONG
from bot.sop.gates.production import ROUNDS, all_new_twice
from bot.sop.gates.push import service_of
from bot.sop.model import digest
from bot.sop.outlook import ReleaseView
from bot.sop.policy import Policy, Production, Service
from bot.sop.progress import advance, remind
from bot.sop.records import ChangeStatus, IncidentStatus, Release
from bot.sop.release import may_push
from bot.sop.stages import Procedure, Stage, Status
from bot.sop.trail import card
from bot.sop.views import release_view
from bot.verified_ledger import fleet_of
from storage.entries import ClaimedWatch
from storage.errors import LeaseLost
from storage.store import Store
from storage.unit import Unit

LEASE = timedelta(minutes=3)  # longer than the longest look
AT_ONCE = 4
URGENT = (Procedure.HOTFIX, Procedure.ROLLBACK)  # beside all that is on its way to production
AGAIN = timedelta(seconds=15)  # after a look that broke
PEOPLE_EVERY = timedelta(minutes=5)
SERVICE_EVERY = timedelta(seconds=30)  # while nobody has adopted what production serves
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reconciler:
    store: Store
    policy: Callable[[], Policy]
    now: Callable[[], datetime]
    github: CodeHost
    failures: Failures
    patrol: Patrol
    incidents: Incidents
    read_round: Callable[[Production, datetime], Round]  # of versions, in production
    play: Callable[[Service], tuple[ProbeAnswer, ...]]  # its probes, in production
    people: People
    owner: str  # names this process in leases
    rests: Callable[[bool], datetime | None] = lambda _: None  # until then GitHub is spared looks that are not urgent
    look_failed: Callable[[str], None] = lambda _: None  # counts, by what was looked at

    def start(self) -> None:
        """What is always looked at is due now, and what is under way: what put it off may be over."""
        services = [f"{look}:{s.name}" for s in self.policy().services for look in ("service", "patrol")]

        def due(unit: Unit) -> None:
            open_ = (IncidentStatus.OPEN,)
            under_way = [r.name for r in unit.releases(open=True, limit=100)]
            under_way += [i.name for i in unit.incidents(status=open_, limit=100)]
            looks = tuple(Watch(subject=s, due=self.now()) for s in ("people", *services, *under_way))
            unit.apply(Decision(watch=looks), self.now())

        self.store.transact(due)

    def run_once(self) -> int:
        """Looks at what is due; returns how many subjects that were."""
        claimed = self.store.claim_watches(self.owner, self.now(), LEASE, AT_ONCE)
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            list(pool.map(self._look, claimed))
        return len(claimed)

    def _look(self, claimed: ClaimedWatch) -> None:
        kind, _, rest = claimed.subject.partition(":" if ":" in claimed.subject else "-")
        looks: dict[str, Callable[[ClaimedWatch, str], None]] = {
            "R": self._release,
            "CR": self._change,
            "FRZ": self._freeze,
            "service": self._service,
            "people": self._people,
            "INC": self._incident,
            "message": self._message,
            "patrol": self._patrol,
            "V": self._violation,
        }
        try:
            looks[kind](claimed, rest)
        except LeaseLost:
            log.warning("%s was looked at by another process meanwhile", claimed.subject)
        except Exception:
            log.exception("the look at %s broke; it is tried again", claimed.subject)
            again = Decision(watch=(Watch(subject=claimed.subject, due=self.now() + AGAIN),))
            self._finish(claimed, lambda unit: unit.apply(again, self.now()))

    def _finish(self, claimed: ClaimedWatch, work: Callable[[Unit], None]) -> None:
        def whole(unit: Unit) -> None:
            unit.finish_watch(claimed)
            work(unit)

        self.store.transact(whole)

    # --- releases

    def _release(self, claimed: ClaimedWatch, id: str) -> None:
        looked = self.look_at(int(id))
        for what, value in looked.items():
            if isinstance(value, Seen) and value.error:
                self.look_failed(what)

        def decide(unit: Unit) -> None:
            found = unit.release(int(id))
            if found is None or found.closed:
                return
            policy = ledger.policy_of(unit, found, self.policy())
            store_looked(unit, found.name, looked)
            facts = ledger.release_facts(unit, found, policy, self.now())
            decision = advance(found, facts, policy) + remind(found, facts, policy)
            if not decision.records and facts.change:
                view = release_view(found, facts.change, facts, policy)
                if _shows_anew(unit, view, self.now()):
                    decision += Decision(effects=(card(found, policy),))
            urgent = found.status is Status.RUNNING and (found.pushed is not None or found.procedure in URGENT)
            commit(unit, self._rested(decision, found.name, urgent), None, found.name, self.now())

        self._finish(claimed, decide)

    def _rested(self, decision: Decision, subject: str, urgent: bool = False) -> Decision:
        """The next look of its own accord waits for GitHub's limit; who asks for one sooner gets it."""
        until = self.rests(urgent)
        if until is None:
            return decision
        put_off = tuple(
            Watch(subject=w.subject, due=max(w.due, until)) if w.subject == subject else w for w in decision.watch
        )
        return decision.model_copy(update={"watch": put_off})

    def look_at(self, id: int) -> dict[str, BaseModel]:
        """Asks GitHub and production for what the present stage of a release needs; stores nothing."""

        def load(unit: Unit) -> tuple[Release, Policy, Facts] | None:
            found = unit.release(id)
            if found is None or found.closed:
                return None
            policy = ledger.policy_of(unit, found, self.policy())
            return found, policy, ledger.release_facts(unit, found, policy, self.now())

        loaded = self.store.read(load)
        if loaded is None:
            return {}
        found, policy, facts = loaded
        service = service_of(found, policy)
        now = self.now()
        after = found.pushed.sha if found.pushed else found.base
        looked: dict[str, BaseModel] = {"tip": seen(facts.tip, now, lambda: self.github.tip(service, found.base))}
        if found.procedure is Procedure.ROLLBACK and found.pushed is None:
            looked["runs"] = seen(facts.runs, now, lambda: Runs(older_unfinished=self.failures.unfinished(service)))
            return looked
        if found.pushed is None:
            with_paths = bool(found.taken_over)
            looked["candidate"] = seen(
                facts.candidate,
                now,
                lambda: self.github.candidate(service, found.candidate, found.base, with_paths=with_paths),
            )
            looked["criticals"] = seen(facts.criticals, now, lambda: self._criticals(service, policy))
            return looked
        push = found.pushed
        looked["runs"] = seen(facts.runs, now, lambda: self.github.runs(service, push))
        if found.stage is Stage.PRODUCTION:
            looked |= self._production(service, facts, policy, after)
        return looked | self._of_failure(found, service, facts, policy)

    def _of_failure(self, found: Release, service: Service, facts: Facts, policy: Policy) -> dict[str, BaseModel]:
        """Once it is held: the log of the job that failed (F1), or the three questions (F2)."""
        push, hold, now = found.pushed, found.hold, self.now()
        if push is None or hold is None:
            return {}
        if hold.finding.code in CI_WENT_WRONG:
            failed = failed_run(found, facts, policy)
            if failed is None or log_of(found, facts, policy) is not None:
                return {}
            attempt = attempt_to_read(found, failed)
            return {"log": seen(facts.log, now, lambda: self.failures.job_log(service, failed.id, attempt))}
        if found.stage is Stage.PRODUCTION:
            which = held_service(found, policy)
            return {"diagnosis": seen(facts.diagnosis, now, lambda: self.failures.diagnosis(which, push))}
        return {}

    def _criticals(self, service: Service, policy: Policy) -> tuple[Issue, ...]:
        """Of all that goes out together, which may have labels of their own."""
        labelled = {s.critical_label: s for s in (*policy.beside(service), service)}
        found = {i.number: i for s in labelled.values() for i in self.github.criticals(s)}
        return tuple(found.values())

    def _production(self, service: Service, facts: Facts, policy: Policy, sha: str) -> dict[str, BaseModel]:
        """Of every service that goes out, side by side: one that is slow delays no other."""
        before = {b.service: b.fleet for b in facts.beside}
        asked = [("fleet", service, facts.fleet)]
        asked += [(fleet_of(s.name), s, before.get(s.name, Seen[Fleet]())) for s in policy.beside(service)]
        with ThreadPoolExecutor(max_workers=len(asked)) as pool:
            looks = pool.map(lambda a: seen(a[2], self.now(), lambda: self._fleet(a[1], a[2].value, sha)), asked)
            return {kind: look for (kind, _, _), look in zip(asked, looks, strict=True)}

    def _fleet(self, service: Service, old: Fleet | None, sha: str) -> Fleet:
        """One more round of versions; once all are new twice in a row, the probes, and that nothing older answered."""
        rounds = old.rounds if old and old.expected == sha else ()
        rounds = (*rounds, self.read_round(service.production, self.now()))[-ROUNDS:]
        if not all_new_twice(rounds, sha, service.production.version):
            return Fleet(expected=sha, rounds=rounds)
        probes = self.play(service)
        rounds = (*rounds, self.read_round(service.production, self.now()))[-ROUNDS:]
        if not all_new_twice(rounds, sha, service.production.version):
            return Fleet(expected=sha, rounds=rounds)
        return Fleet(expected=sha, rounds=rounds, probes=probes, probed_at=self.now())

    def may_push(self, id: int, sha: str) -> bool:
        """Just before the irreversible act: looks again, stores it, and asks the SOP again. Raises CannotLook
        when the answer is no only for all that is known: a look failed."""
        looked = self.look_at(id)

        def ask(unit: Unit) -> bool:
            found = unit.release(id)
            if found is None:
                return False
            policy = ledger.policy_of(unit, found, self.policy())
            store_looked(unit, found.name, looked)
            return may_push(found, ledger.release_facts(unit, found, policy, self.now()), policy, sha)

        allowed = self.store.transact(ask)
        failed = [v.error for v in looked.values() if isinstance(v, Seen) and v.error and not v.absent]
        if not allowed and failed:
            limits = [v.until for v in looked.values() if isinstance(v, Seen) and v.error and v.until]
            raise CannotLook("; ".join(dict.fromkeys(failed)), max(limits, default=None))
        return allowed

    # --- the rest

    def _change(self, claimed: ClaimedWatch, id: str) -> None:
        def decide(unit: Unit) -> None:
            found = unit.change(int(id))
            if found is not None:
                facts, policy = ledger.change_facts(unit, found.id, self.now()), self.policy()
                decision = change_fate.expire(found, facts, policy)
                decision = decision if decision.records else decision + change_fate.lapse(found, facts, policy)
                commit(unit, decision, None, found.name, self.now())

        self._finish(claimed, decide)

    def _freeze(self, claimed: ClaimedWatch, id: str) -> None:
        def decide(unit: Unit) -> None:
            found = unit.freeze(int(id))
            if found is not None:
                decision = freeze.tick(found, ledger.freeze_facts(unit, self.now()), self.policy())
                commit(unit, decision, None, found.name, self.now())

        self._finish(claimed, decide)

    def _service(self, claimed: ClaimedWatch, name: str) -> None:
        service = self.policy().service(name)
        known = self.store.read(lambda unit: unit.baseline(name))
        if service is None or known is not None:
            return self.store.transact(lambda unit: unit.finish_watch(claimed))
        subject = f"service:{name}"
        before = self.store.read(lambda unit: unit.seen(subject, "served", Seen[Served]))
        looked = seen(before, self.now(), lambda: self._served(service))

        def decide(unit: Unit) -> None:
            unit.saw(subject, "served", looked)
            facts = ledger.baseline_facts(unit, name, self.now())
            decision = baseline.notice_served(service, facts, self.policy())
            again = Decision(watch=(Watch(subject=subject, due=self.now() + SERVICE_EVERY),))
            commit(unit, self._rested(decision + again, subject), None, subject, self.now())

        return self._finish(claimed, decide)

    def _served(self, service: Service) -> Served:
        versions = {s.version or "" for s in self.read_round(service.production, self.now()).samples}
        return self.github.served(service, agreed(versions))

    def _incident(self, claimed: ClaimedWatch, id: str) -> None:
        self._finish(claimed, self.incidents.look(int(id)))

    def _message(self, claimed: ClaimedWatch, name: str) -> None:
        self._finish(claimed, self.incidents.read(name))

    def _patrol(self, claimed: ClaimedWatch, service: str) -> None:
        self._finish(claimed, self.patrol.look(service))

    def _violation(self, claimed: ClaimedWatch, id: str) -> None:
        self._finish(claimed, self.patrol.follow(int(id)))

    def _people(self, claimed: ClaimedWatch, _rest: str) -> None:
        before = self.store.read(lambda unit: unit.seen("slack", "directory", Seen[Directory]))
        looked = seen(before, self.now(), lambda: self.people.directory(self.policy()))

        def keep(unit: Unit) -> None:
            unit.saw("slack", "directory", looked)
            rest = _resting_on_people(unit) if looked.value != before.value else ()
            due = max(self.now() + (AGAIN if looked.error else PEOPLE_EVERY), looked.until or self.now())
            looks = (Watch(subject="people", due=due), *(Watch(subject=name, due=self.now()) for name in rest))
            unit.apply(Decision(watch=looks), self.now())

        self._finish(claimed, keep)


def _resting_on_people(unit: Unit) -> tuple[str, ...]:
    """What somebody's role or approval may decide."""
    approved = unit.changes(status=(ChangeStatus.APPROVED,), service=None, requester=None, limit=100)
    return tuple(r.name for r in unit.releases(open=True, limit=100)) + tuple(c.name for c in approved)


def agreed(versions: set[str]) -> str:
    """The one version that every sample served. Raises CannotLook."""
    if len(versions) != 1 or "" in versions:
        said = ", ".join(sorted(v or "no answer" for v in versions))
        raise CannotLook(f"production did not serve one version: {said}")
    return next(iter(versions))


def store_looked(unit: Unit, subject: str, looked: dict[str, BaseModel]) -> None:
    for kind, value in looked.items():
        unit.saw(subject, kind, value)


def _shows_anew(unit: Unit, view: ReleaseView, now: datetime) -> bool:
    """Whether the card would show something else than after the last look; that time passes alone is nothing new."""
    found = [f.model_dump(mode="json") for s in view.stages for f in s.findings]
    said = [{**f, "values": {k: v for k, v in f["values"].items() if k != "seconds"}} for f in found]
    candidate, attested = view.candidate, view.attestation
    shown = digest([said, view.buttons, candidate and candidate.sha, attested and attested.id, view.run_url])
    if unit.seen(view.release.name, "shown", Seen[str]).value == shown:
        return False
    unit.saw(view.release.name, "shown", Seen[str](value=shown, at=now))
    return True
