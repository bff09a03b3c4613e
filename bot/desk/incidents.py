"""The intents around incidents, hotfixes and violations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot import ledger
from bot.desk import reading
from bot.desk.counter import Counter, Outcome, Refused, announced, unknown
from bot.patrol_ledger import act_of
from bot.sop import hotfix, incident, resolution, violation
from bot.sop.codes import Code
from bot.sop.decision import Decision, Watch
from bot.sop.effects import Notice, SendDirect
from bot.sop.facts import Facts, Seen
from bot.sop.messages import Asked, Said
from bot.sop.outlook import IncidentView, ViolationView
from bot.sop.patrol.facts import PatrolFacts
from bot.sop.policy import Policy
from bot.sop.records import Change, Incident, IncidentStatus, Release, Severity
from bot.sop.timeline import IncidentFacts
from storage.unit import Unit

LATELY = 100  # incidents that are looked through for a message
Decide = Callable[[Incident, IncidentFacts, Policy], Decision]


@dataclass(frozen=True)
class IncidentDesk(Counter):
    def declare_incident(self, by: str, said: incident.Declaration) -> Outcome:
        def work(unit: Unit) -> Outcome:
            id = unit.next_id(Incident)
            facts = ledger.incident_facts(unit, None, said.service, self.now())
            decision = incident.declare(id, by, said, facts, self.policy())
            if decision.refusal:
                raise Refused(decision)
            directs = [e for e in decision.effects if isinstance(e, SendDirect)]
            woken = [d.to for d in directs if d.notice.code == Code.INCIDENT_WAKES]
            channel, critical = self._card_channel(said.service), said.severity is Severity.CRITICAL
            values: dict[str, Any] = {"incident": f"INC-{id}", "title": said.title, "channel": channel}
            values["woken"] = woken if critical else None
            notice = Notice(code=Code.INCIDENT_DECLARED, values=values)
            return self._commit(unit, decision, by, f"INC-{id}", notice)

        return self._transact(work, by)

    def take_lead(self, by: str, id: int) -> Outcome:
        return self._on_incident(by, id, lambda i, f, p: incident.take_lead(i, by, f, p))

    def change_severity(self, by: str, id: int, severity: Severity, reason: str) -> Outcome:
        return self._on_incident(by, id, lambda i, f, p: incident.change_severity(i, by, severity, reason, f, p))

    def confirm_critical(self, by: str, id: int) -> Outcome:
        return self._on_incident(by, id, lambda i, f, p: incident.confirm_critical(i, by, f, p))

    def add_entry(self, by: str, id: int, text: str) -> Outcome:
        return self._on_incident(by, id, lambda i, f, p: incident.add_entry(i, by, text, f, p), Code.ENTRY_ADDED)

    # --- messages for a timeline: the look reads them, and decides

    def offer_message(self, by: str, said: Said) -> int | None:
        """By the shortcut: kept, and the incident in whose place it stands; None: the person has to say which one."""

        def work(unit: Unit) -> int | None:
            unit.saw(f"message:{said.name}", "asked", Seen[Asked](value=Asked(by=by, at=self.now(), said=said)))
            return ledger.incident_of(unit, said.channel, (said.thread, said.ts))

        return self.store.transact(work)

    def put_message(self, by: str, id: int, channel: str, ts: str) -> Outcome:
        """The offered message goes on the timeline of that incident."""
        subject = f"message:{channel}/{ts}"

        def work(unit: Unit) -> Outcome:
            found, asked = unit.incident(id), unit.seen(subject, "asked", Seen[Asked]).value
            if found is None or asked is None:
                return unknown(f"INC-{id}" if found is None else "this message")
            refusal = incident.already_told(found, f"{channel}/{ts}")
            if refusal:
                return Outcome(refusal=refusal)
            wanted = asked.model_copy(update={"by": by, "incident": id, "at": self.now()})
            return self._ask_for(unit, subject, wanted, found.name)

        return self._transact(work, by)

    def pin_message(self, by: str, channel: str, ts: str, event: str) -> None:
        """By a 📌, where an incident may be talked about. `event` is met once."""
        subject = f"message:{channel}/{ts}"

        def work(unit: Unit) -> Outcome:
            ours = ledger.incident_of(unit, channel, ()) is not None or channel in self._card_channels()
            if not ours or not unit.first_time("slack_event", event, self.now()):
                return Outcome()
            return self._ask_for(unit, subject, Asked(by=by, at=self.now()), None)

        self._transact(work, by)

    def unpin_message(self, by: str, channel: str, ts: str, event: str) -> None:
        def work(unit: Unit) -> Outcome:
            if not unit.first_time("slack_event", event, self.now()):
                return Outcome()
            for found in unit.incidents(limit=LATELY):
                decision = incident.unpinned(found, by, channel, ts)
                if decision.events:
                    return self._commit(unit, decision, by, found.name, None)
            return Outcome()

        self._transact(work, by)

    def _ask_for(self, unit: Unit, subject: str, asked: Asked, incident: str | None) -> Outcome:
        unit.saw(subject, "asked", Seen[Asked](value=asked, at=self.now()))
        unit.apply(Decision(watch=(Watch(subject=subject, due=self.now()),)), self.now())
        notice = Notice(code=Code.MESSAGE_TAKEN, values={"incident": incident}) if incident else None
        return Outcome(notice=notice, subject=incident)

    def _card_channels(self) -> set[str | None]:
        return {self._card_channel(s.name) for s in self.policy().services}

    def _card_channel(self, service: str) -> str | None:
        """Where the cards of its incidents stand."""
        policy = self.policy()
        found = policy.service(service)
        return policy.incident.channel or (found.channel if found else None)

    def open_incident_channel(self, by: str, id: int) -> Outcome:
        return self._on_incident(by, id, lambda i, f, p: incident.open_channel(i, by, f, p))

    def resolve_incident(self, by: str, id: int) -> Outcome:
        return self._on_incident(by, id, lambda i, f, p: resolution.resolve(i, by, f, p))

    def write_note(self, by: str, id: int, revision: int, said: resolution.NoteText) -> Outcome:
        return self._on_incident(
            by, id, lambda i, f, p: resolution.write_note(i, by, revision, said, f, p), Code.NOTE_TAKEN
        )

    def log_note_again(self, by: str, id: int) -> Outcome:
        """What GitHub refused of the note, or what was given up, once more."""

        def work(unit: Unit) -> Outcome:
            found = unit.incident(id)
            if found is None:
                return unknown(f"INC-{id}")
            facts = ledger.incident_facts(unit, found, found.service, self.now())
            decision = resolution.try_again(found, by, facts, self.policy())
            if decision.refusal is None and facts.stuck is not None:
                unit.unpark(facts.stuck.key, self.now())
            return self._commit(unit, decision, by, found.name, announced(decision))

        return self._transact(work, by)

    def reopen_incident(self, by: str, id: int, reason: str) -> Outcome:
        return self._on_incident(by, id, lambda i, f, p: resolution.reopen(i, by, reason, f, p))

    def start_hotfix(self, by: str, id: int, candidate: str, take_over: bool = False) -> Outcome:
        def work(unit: Unit) -> Outcome:
            found, policy, now = unit.incident(id), self.policy(), self.now()
            if found is None:
                return unknown(f"INC-{id}")
            around = ledger.incident_facts(unit, found, found.service, now)
            facts = ledger.hotfix_facts(unit, found, policy, now)
            wanted = hotfix.Wanted(candidate=candidate.strip(), take_over=take_over)
            release, change = unit.next_id(Release), unit.next_id(Change)
            decision = hotfix.start(release, change, by, found, wanted, around, facts, policy)
            if decision.refusal:
                raise Refused(decision)
            unit.keep_policy(policy)
            soon = Decision(watch=(Watch(subject=f"R-{release}", due=now),))
            return self._commit(unit, decision + soon, by, f"R-{release}", announced(decision))

        return self._transact(work, by)

    def accept_size(self, by: str, id: int, tree: str, reason: str) -> Outcome:
        return self._on_hotfix(by, id, lambda r, f, p: hotfix.accept_size(r, by, tree, reason, f, p))

    def accept_irreversible(self, by: str, id: int, tree: str, reason: str) -> Outcome:
        return self._on_hotfix(by, id, lambda r, f, p: hotfix.accept_irreversible(r, by, tree, reason, f, p))

    def accept_criticals(self, by: str, id: int, reason: str) -> Outcome:
        return self._on_hotfix(by, id, lambda r, f, p: hotfix.accept_criticals(r, by, reason, f, p))

    def confirm_resolved(self, by: str, id: int) -> Outcome:
        return self._on_hotfix(by, id, lambda r, f, p: hotfix.confirm_resolved(r, by, f, p))

    def explain_violation(self, by: str, id: int, reason: str) -> Outcome:
        def work(unit: Unit) -> Outcome:
            act = act_of(unit, id)
            if act is None:
                return unknown(f"V-{id}")
            service = self.policy().service(act.service)
            together = self.policy().together(service) if service else (act.service,)
            running = unit.releases(open=True, lock_services=together, limit=100)
            facts = PatrolFacts(now=self.now(), directory=ledger.directory(unit), releases=running)
            decision = violation.explain(act, by, reason, facts, self.policy())
            return self._commit(unit, decision, by, act.name, announced(decision))

        return self._transact(work, by)

    def incident_view(self, id: int) -> IncidentView | None:
        return self.store.read(lambda unit: reading.incident(unit, id, self.policy(), self.now()))

    def incident_list(self, service: str | None, limit: int = 10) -> tuple[Incident, ...]:
        return self.store.read(lambda unit: unit.incidents(service=service, limit=limit))

    def unfinished_incidents(self) -> tuple[Incident, ...]:
        """Newest first: those that are not closed."""
        waiting = (IncidentStatus.OPEN, IncidentStatus.RESOLVED)
        return self.store.read(lambda unit: unit.incidents(status=waiting, limit=LATELY))

    def names(self) -> dict[str, str]:
        """Slack id -> name, as last read."""
        return self.store.read(ledger.directory).names

    def violation_view(self, id: int) -> ViolationView | None:
        """Of the act that the violation is part of."""
        return self.store.read(lambda unit: reading.violation(unit, id, self.policy(), self.now()))

    def _on_incident(self, by: str, id: int, decide: Decide, code: Code | None = None) -> Outcome:
        """`code`: of what to tell the person who acted, where the decision tells nobody anything."""

        def work(unit: Unit) -> Outcome:
            found = unit.incident(id)
            if found is None:
                return unknown(f"INC-{id}")
            facts = ledger.incident_facts(unit, found, found.service, self.now())
            decision = decide(found, facts, self.policy())
            notice = Notice(code=code, values={"incident": found.name}) if code else announced(decision)
            return self._commit(unit, decision, by, found.name, notice)

        return self._transact(work, by)

    def _on_hotfix(self, by: str, id: int, decide: Callable[[Release, Facts, Policy], Decision]) -> Outcome:
        def work(unit: Unit) -> Outcome:
            found = unit.release(id)
            if found is None:
                return unknown(f"R-{id}")
            policy = ledger.policy_of(unit, found, self.policy())
            decision = decide(found, self._facts(unit, found, policy), policy)
            return self._commit(unit, decision, by, found.name, announced(decision))

        return self._transact(work, by)
