"""The intents of people about changes and releases, each one transaction: load state and facts, decide, commit."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from bot import ledger, rollback_ledger
from bot.desk import reading
from bot.desk.counter import Counter, Outcome, Refused, announced, unknown
from bot.desk.memory import Memory
from bot.sop import change, failure, release, rollback, start, strays
from bot.sop.buttons import may_press
from bot.sop.codes import Code
from bot.sop.decision import Decision, Event, Watch
from bot.sop.effects import Notice, RefreshHome
from bot.sop.facts import Attestation
from bot.sop.outlook import Button, ChangeView, HomeView, PatrolView, Plan, ReleaseView
from bot.sop.policy import Policy, Role
from bot.sop.records import Change, Content, Release
from bot.sop.records import Lock as BranchLock
from bot.sop.roles import has
from bot.sop.start import Wanted
from storage.unit import Unit

T = TypeVar("T")


@dataclass(frozen=True)
class ReleaseDesk(Counter):
    """Change requests and releases; and what people read."""

    _memory: Memory = field(default_factory=Memory, init=False, repr=False, compare=False)

    # --- change requests

    def new_change(self, by: str, content: Content) -> Outcome:
        def work(unit: Unit) -> Outcome:
            facts = ledger.change_facts(unit, None, self.now())
            id = unit.next_id(Change)
            decision = change.file(id, by, content, facts, self.policy())
            if decision.refusal:
                raise Refused(decision)
            service = self.policy().service(content.service)
            known = {"change": f"CR-{id}", "title": content.title, "channel": service.channel if service else None}
            notice = Notice(code=Code.CHANGE_FILED, values=known)
            return self._commit(unit, decision, by, f"CR-{id}", notice)

        return self._transact(work, by)

    def edit_change(self, by: str, id: int, revision: int, content: Content) -> Outcome:
        return self._on_change(by, id, lambda c, f, p: change.edit(c, by, revision, content, f, p))

    def approve(self, by: str, id: int, revision: int) -> Outcome:
        return self._on_change(by, id, lambda c, f, p: change.approve(c, by, revision, f, p))

    def withdraw_approval(self, by: str, id: int) -> Outcome:
        return self._on_change(by, id, lambda c, f, p: change.withdraw_approval(c, by, f, p))

    def reject(self, by: str, id: int, reason: str) -> Outcome:
        return self._on_change(by, id, lambda c, f, p: change.reject(c, by, reason, f, p))

    def withdraw_change(self, by: str, id: int) -> Outcome:
        return self._on_change(by, id, lambda c, f, p: change.withdraw(c, by, f, p))

    # --- releases

    def start_release(self, by: str, service: str, change: int, candidate: str, take_over: bool = False) -> Outcome:
        def work(unit: Unit) -> Outcome:
            policy, now = self.policy(), self.now()
            facts = ledger.start_facts(unit, policy.service(service), unit.change(change), now)
            wanted = Wanted(service=service, candidate=candidate.strip(), take_over=take_over)
            id = unit.next_id(Release)
            decision = start.start(id, by, wanted, facts, policy)
            if decision.refusal:
                raise Refused(decision)
            unit.keep_policy(policy)
            values = {"release": f"R-{id}", "service": service, "change": f"CR-{change}", "owner": by}
            soon = Decision(watch=(Watch(subject=f"R-{id}", due=now),))
            notice = Notice(code=Code.RELEASE_STARTED, values=values)
            return self._commit(unit, decision + soon, by, f"R-{id}", notice)

        return self._transact(work, by)

    def acknowledge(self, by: str, id: int, sentence: str) -> Outcome:
        return self._on_release(by, id, lambda u, r, p: release.acknowledge(r, by, sentence, self._facts(u, r, p), p))

    def accept_paths(self, by: str, id: int, tree: str, paths: tuple[str, ...], reason: str) -> Outcome:
        return self._on_release(
            by, id, lambda u, r, p: release.accept_paths(r, by, tree, paths, reason, self._facts(u, r, p), p)
        )

    def take_over_strays(self, by: str, id: int) -> Outcome:
        return self._on_release(by, id, lambda u, r, p: strays.take_over(r, by, self._facts(u, r, p), p))

    def push(self, by: str, id: int, sha: str, sentence: str = "") -> Outcome:
        return self._on_release(by, id, lambda u, r, p: release.push(r, by, sha, self._facts(u, r, p), p, sentence))

    def abort(self, by: str, id: int, reason: str, leave: bool = False) -> Outcome:
        return self._on_release(by, id, lambda u, r, p: release.abort(r, by, reason, leave, self._facts(u, r, p), p))

    # --- failures and rollbacks

    def record_cause(self, by: str, id: int, said: failure.Cause) -> Outcome:
        def decide(unit: Unit, found: Release, policy: Policy) -> Decision:
            facts = self._facts(unit, found, policy)
            facts = facts.model_copy(update={"earlier_causes": ledger.earlier_causes(unit, found)})
            return failure.record_cause(found, by, said, facts, policy)

        return self._on_release(by, id, decide)

    def rerun(self, by: str, id: int) -> Outcome:
        return self._on_release(by, id, lambda u, r, p: failure.rerun(r, by, self._facts(u, r, p), p))

    def redeploy(self, by: str, id: int, reason: str) -> Outcome:
        return self._on_release(by, id, lambda u, r, p: failure.redeploy(r, by, reason, self._facts(u, r, p), p))

    def look_again(self, by: str, id: int) -> Outcome:
        return self._on_release(by, id, lambda u, r, p: failure.look_again(r, by, self._facts(u, r, p), p))

    def try_again(self, by: str, id: int) -> Outcome:
        def decide(unit: Unit, found: Release, policy: Policy) -> Decision:
            facts = self._facts(unit, found, policy)
            decision = failure.try_again(found, by, facts, policy)
            for act in () if decision.refusal else facts.stuck:
                if act.kind != failure.PUSH:  # that is asked for anew, so that all is looked at again first
                    unit.unpark(act.key, self.now())
            return decision

        return self._on_release(by, id, decide)

    def accept_difference(self, by: str, id: int, chosen: tuple[tuple[str, str], ...], reason: str) -> Outcome:
        return self._on_release(
            by, id, lambda u, r, p: failure.accept_difference(r, by, chosen, reason, self._facts(u, r, p), p)
        )

    def roll_back(self, by: str, id: int, target: str, reason: str) -> Outcome:
        """Of `id` and what came after it, to the verified commit `target`; under the policy in force now."""

        def work(unit: Unit) -> Outcome:
            found, policy, now = unit.release(id), self.policy(), self.now()
            if found is None:
                return unknown(f"R-{id}")
            facts = rollback_ledger.rollback_facts(unit, found, policy, now, target)
            new = unit.next_id(Release)
            decision = rollback.start(new, by, found, target, reason, facts, policy)
            if decision.refusal:
                raise Refused(decision)
            unit.keep_policy(policy)
            rollback_ledger.hand_over(unit, found, f"R-{new}", policy)
            soon = Decision(watch=(Watch(subject=f"R-{new}", due=now),))
            return self._commit(unit, decision + soon, by, f"R-{new}", announced(decision))

        return self._transact(work, by)

    def rollback_plan(self, id: int, target: str | None = None) -> Plan | None:
        return self.store.read(lambda unit: reading.rollback_plan(unit, id, target, self.policy(), self.now()))

    def acknowledge_rollback(self, by: str, id: int) -> Outcome:
        return self._on_change(by, id, lambda c, f, p: change.acknowledge_rollback(c, by, f, p))

    # --- the world, through the web

    def receive(self, attestation: Attestation, payload: bytes, signature: str) -> Attestation:
        """Keeps a verified preflight and lets the releases it is for look again. Raises storage's Replayed."""

        def work(unit: Unit) -> Attestation:
            kept = unit.add_attestation(attestation, payload, signature)
            values = {
                "attestation": kept.id,
                "service": kept.service,
                "commit": kept.commit,
                "tree": kept.tree,
                "digest": kept.digest,
                "key": kept.key,
                "checks": {c.name: c.ok for c in kept.checks},
            }
            event = Event(kind="preflight_received", subject=f"CR-{kept.change}", actor=kept.signer, values=values)
            waiting = unit.releases(open=True, change=kept.change, service=kept.service)
            looks = tuple(Watch(subject=r.name, due=self.now()) for r in waiting)
            decision = Decision(events=(event,), watch=looks)
            for found in waiting:
                decision += release.proved(found, kept, ledger.policy_of(unit, found, self.policy()))
            unit.apply(decision, self.now())
            return kept

        kept = self.store.transact(work)
        self.wake()
        return kept

    def may_attest(self, who: str) -> bool:
        """Preflights are made by releasers."""
        return self.store.read(lambda unit: has(self.policy(), ledger.directory(unit), who, Role.RELEASER))

    def look_soon(self, repository: str, patrol: bool = False) -> None:
        """A webhook: the next look at the open releases of a repository, and at its services, comes now."""

        def work(unit: Unit) -> None:
            services = [s.name for s in self.policy().services if s.repository.lower() == repository.lower()]
            open_ = unit.releases(open=True, lock_services=tuple(services), limit=100)
            subjects = [r.name for r in open_] + [f"service:{s}" for s in services]
            subjects += [f"patrol:{s}" for s in services if patrol]
            unit.apply(Decision(watch=tuple(Watch(subject=s, due=self.now()) for s in subjects)), self.now())

        self.store.transact(work)
        self.wake()

    def home_opened(self, by: str) -> None:
        def work(unit: Unit) -> None:
            unit.opened_home(by, self.now())
            unit.apply(Decision(effects=(RefreshHome(to=by),)), self.now())

        self.store.transact(work)
        self.wake()

    def once(self, kind: str, key: str) -> bool:
        """False: this request was handled before."""
        return self.store.transact(lambda unit: unit.first_time(kind, key, self.now()))

    # --- reading

    def release_view(self, id: int) -> ReleaseView | None:
        return self.store.read(lambda unit: reading.release(unit, id, self.policy(), self.now()))

    def change_view(self, id: int) -> ChangeView | None:
        return self.store.read(lambda unit: reading.change(unit, id, self.policy(), self.now()))

    def home_view(self, user: str) -> HomeView:
        return self.store.read(lambda unit: reading.home(unit, user, self.policy(), self.now()))

    def patrol_views(self) -> tuple[PatrolView, ...]:
        return self.store.read(lambda unit: reading.patrol(unit, self.policy(), self.now()))

    def release_list(self, service: str | None, limit: int = 10) -> tuple[Release, ...]:
        return self.store.read(lambda unit: unit.releases(service=service, limit=limit))

    def change_list(self, service: str | None, limit: int = 10) -> tuple[Change, ...]:
        return self.store.read(lambda unit: unit.changes(status=None, service=service, requester=None, limit=limit))

    def status_view(self, service: str | None) -> tuple[ReleaseView, ...]:
        """The open releases; where there is none, the last one."""
        return self.store.read(lambda unit: reading.status(unit, service, self.policy(), self.now()))

    def usable_changes(self, service: str | None, text: str) -> tuple[Change, ...]:
        return self.store.read(lambda unit: reading.usable_changes(unit, service, text))

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """`make()`, made anew only after a decision changed something, a reload of the policy, or some seconds."""
        return self._memory.recall(key, self.policy(), self.store, make)

    def lock_left(self, service: str) -> BranchLock | None:
        """The lock of a service, when a closed release left commits on its branch."""
        known = self.policy().service(service)
        lock = self.store.read(lambda unit: unit.lock(known.lock)) if known else None
        return lock if lock and lock.left else None

    def zone(self, user: str) -> str | None:
        """A person's time zone, as Slack knows it."""
        return self.store.read(lambda unit: ledger.directory(unit).zones.get(user))

    def may(self, user: str, button: Button, view: ReleaseView) -> bool:
        return self.store.read(lambda unit: may_press(user, button, view, self.policy(), ledger.directory(unit)))

    # --- how all of them are carried out

    def _on_change(self, by: str, id: int, decide: Callable[[Change, change.ChangeFacts, Policy], Decision]) -> Outcome:
        def work(unit: Unit) -> Outcome:
            found = unit.change(id)
            if found is None:
                return unknown(f"CR-{id}")
            decision = decide(found, ledger.change_facts(unit, id, self.now()), self.policy())
            return self._commit(unit, decision, by, found.name, announced(decision))

        return self._transact(work, by)

    def _on_release(self, by: str, id: int, decide: Callable[[Unit, Release, Policy], Decision]) -> Outcome:
        def work(unit: Unit) -> Outcome:
            found = unit.release(id)
            if found is None:
                return unknown(f"R-{id}")
            decision = decide(unit, found, ledger.policy_of(unit, found, self.policy()))
            return self._commit(unit, decision, by, found.name, announced(decision))

        return self._transact(work, by)
