"""A small world for all three procedures: a branch, CI, production, a patrol. What is known of it comes from looks."""

from datetime import timedelta
from typing import Any

from bot.sop import violation as violations
from bot.sop.arrival import in_flight
from bot.sop.change import ChangeFacts
from bot.sop.decision import Decision
from bot.sop.effects import CancelRun, MakeRevert, PushBranch, RerunRun, WriteLog
from bot.sop.facts import (
    Activity,
    Attestation,
    Candidate,
    Commit,
    Facts,
    Fleet,
    JobLog,
    Known,
    Logged,
    ProbeAnswer,
    PushRefusal,
    Revert,
    Run,
    Runs,
    Seen,
    Target,
    Tip,
    Verified,
    of_base,
)
from bot.sop.patrol import LASTING, sightings
from bot.sop.patrol.facts import Lately, Live, Origin, PatrolFacts, Ran, Version, last_verified
from bot.sop.records import (
    Baseline,
    Change,
    Freeze,
    Incident,
    IncidentStatus,
    Lock,
    Release,
    Rollback,
    Severity,
    Violation,
    ViolationStatus,
)
from bot.sop.release import may_push
from bot.sop.resolution import logged
from bot.sop.rollback import sound
from bot.sop.stages import Procedure, Stage, Status
from bot.sop.timeline import IncidentFacts
from tests.sop import emergency as e
from tests.sop import good as g
from tests.sop.undone import LINE

SECOND = timedelta(seconds=1)
ANSWERS = (ProbeAnswer(name="cart", status=200, body={"total": 7}), ProbeAnswer(name="front", status=200))


def numbered(n: int) -> str:
    return f"{n:040x}"


Act = PushBranch | MakeRevert | CancelRun | RerunRun | WriteLog


class Life:
    """The state is what decisions say. The outbox does at once what it is told, unless it is slow or GitHub refuses."""

    def __init__(self) -> None:
        self.policy = e.policy()
        self.service = self.policy.services[0]
        self.now = g.NOW
        self.directory = g.facts().directory
        self.releases: dict[int, Release] = {}
        self.changes: dict[int, Change] = {}
        self.incidents: dict[int, Incident] = {}
        self.violations: dict[str, Violation] = {}
        self.ever: set[str] = set()  # keys of everything that was sighted
        self.lock: Lock | None = None
        self.freezes: tuple[Freeze, ...] = ()
        first, base = numbered(1), numbered(2)
        self.branch = [g.commit(sha=first, tree=first), g.commit(sha=base, tree=base)]
        self.baselines = [
            Baseline(service="shop", sha=first, at=g.ago(days=9), by=g.CAROL),
            Baseline(service="shop", sha=base, at=g.ago(days=1), by=g.CAROL),
        ]
        self.served, self.total, self.made = base, 7, 2
        self.work: dict[str, tuple[str, Commit]] = {}  # branch of a release -> head it was forked from, its commit
        self.reverts: dict[str, Commit] = {}
        self.attestations: list[Attestation] = []
        self.runs: dict[str, Run] = {}  # of a head of the branch
        self.moves: list[Activity] = []
        self.protected = False
        self.seen: dict[tuple[str, str], Seen[Any]] = {}
        self.acts: set[str] = set()
        self.slow, self.waiting = False, list[Act]()
        self.status = 200  # of the first probe

    # --- the world

    @property
    def head(self) -> Commit:
        return self.branch[-1]

    def commit(self, message: str, parent: str, **changes: Any) -> Commit:
        self.made += 1
        return g.commit(
            sha=numbered(self.made), tree=numbered(self.made), message=message, parents=(parent,), **changes
        )

    def write(self, ref: str, change: int) -> None:
        """A developer commits on top of the branch."""
        self.work[ref] = (self.head.sha, self.commit(f"CR-{change}: it", self.head.sha))

    def move(self, commit: Commit, login: str) -> None:
        """The branch goes on; CI starts by itself."""
        before = self.head.sha
        self.branch.append(commit)
        self.now += SECOND
        self.moves.append(
            Activity(id=len(self.moves) + 1, kind="push", before=before, after=commit.sha, login=login, at=self.now)
        )
        self.runs[commit.sha] = g.run(
            id=len(self.runs) + 1, head_sha=commit.sha, status="in_progress", conclusion=None, created_at=self.now
        )

    def set_back(self) -> bool:
        """Somebody takes from the branch, by force, what was pushed around every release."""
        gone, last = self.head, next(iter(self.moves[-1:]), None)
        if last is None or (last.kind, last.after, last.login) != ("push", gone.sha, "bob"):
            return False
        self.branch.pop()
        self.now += SECOND
        known: dict[str, Any] = {"before": gone.sha, "after": self.head.sha, "login": "bob", "at": self.now}
        self.moves.append(Activity(id=len(self.moves) + 1, kind="force_push", **known))
        for ref in [ref for ref, (fork, _) in self.work.items() if fork == gone.sha]:
            commit = self.work[ref][1]
            self.work[ref] = (self.head.sha, self.commit(commit.message, self.head.sha))
        return True

    def run_again(self) -> None:
        """Somebody runs CI again at GitHub, around the SOP."""
        run = self.runs.get(self.head.sha)
        if run is not None and run.status == "completed":
            again = {"attempt": run.attempt + 1, "status": "in_progress", "conclusion": None, "jobs": ()}
            self.runs[self.head.sha] = run.model_copy(update=again)

    def end_ci(self, good: bool, deploys: bool = True) -> None:
        run = self.runs.get(self.head.sha)
        if run is None or run.status == "completed":
            return
        job = g.job(name="deploy" if good else "test", conclusion="success" if good else "failure")
        ended = {"status": "completed", "conclusion": job.conclusion, "jobs": (job,)}
        self.runs[self.head.sha] = run.model_copy(update=ended)
        if good and deploys:
            self.served = self.head.sha

    def attest(self, ref: str, change: int, signer: str) -> None:
        made = {"id": len(self.attestations) + 1, "change": change, "signer": signer, "probes": ANSWERS}
        commit = self.work[ref][1]
        made |= {"commit": commit.sha, "tree": commit.tree, "branch": ref, "made_at": self.now}
        self.attestations.append(g.attestation(**made))

    # --- looking

    def saw(self, subject: str, kind: str, value: Any) -> None:
        self.seen[(subject, kind)] = Seen[Any](value=value, at=self.now)

    def after(self, sha: str) -> tuple[Commit, ...]:
        place = [c.sha for c in self.branch].index(sha)
        return tuple(self.branch[place + 1 :])

    def look(self, release: Release) -> None:
        """What the reconciler looks at in this stage."""
        self.now += SECOND
        me, push = release.name, release.pushed
        last = next((m for m in reversed(self.moves) if m.after == self.head.sha), None)
        by, at = (last.login, last.at) if last else (None, None)
        self.saw(me, "tip", Tip(
            sha=self.head.sha, tree=self.head.tree, ahead=self.after(release.base), pushed_by=by, pushed_at=at
        ))  # fmt: skip
        if push is None:
            busy = [r for r in self.runs.values() if r.status != "completed"]
            self.saw(me, "runs", Runs(older_unfinished=tuple(busy)))
            if release.candidate in self.work:
                self.saw(me, "candidate", self._candidate(release))
            return
        mine = tuple(r for r in self.runs.values() if r.head_sha == push.sha)
        self.saw(me, "runs", Runs(of_push=mine))
        if any(r.conclusion == "failure" for r in mine):
            self.saw(me, "log", JobLog(run=mine[0].id, attempt=mine[0].attempt, job="test", lines=(LINE,)))
        if release.stage is Stage.PRODUCTION:
            cart = {"body": {"total": self.total}, "status": self.status}
            known = (ANSWERS[0].model_copy(update=cart), ANSWERS[1])
            rounds = tuple(
                r.model_copy(update={"at": self.now}) for r in g.rounds((self.served,) * 3, (self.served,) * 3)
            )
            new = self.served == push.sha
            fleet = Fleet(expected=push.sha, rounds=rounds, probes=known if new else ())
            self.saw(me, "fleet", fleet.model_copy(update={"probed_at": self.now if new else None}))

    def _candidate(self, release: Release) -> Candidate:
        fork, commit = self.work[release.candidate]
        place = [c.sha for c in self.branch].index(fork)
        below = tuple(c for c in self.branch[: place + 1] if c in self.after(release.base))
        commits = (*below, commit) if commit.sha != fork and commit not in below else below
        return g.candidate(
            ref=release.candidate,
            sha=commit.sha,
            tree=commit.tree,
            branch=release.candidate,
            tip=self.head.sha,
            contains_tip=fork == self.head.sha or commit.sha == self.head.sha,
            base=release.base,
            commits=commits,
            paths=tuple(sorted({p for c in commits for p in c.paths})),
            lines=7,
        )

    # --- facts

    def targets(self) -> tuple[Target, ...]:
        found: dict[str, Target] = {}
        for baseline in reversed(self.baselines):
            by = self.releases.get(baseline.release or 0)
            tree = next(c.tree for c in self.branch if c.sha == baseline.sha)
            attested = (by.attestation or (by.rollback and by.rollback.target_attestation)) if by else None
            gone = by is not None and self.taken_back(by)
            made = Target(
                sha=baseline.sha, tree=tree, release=baseline.release, attestation=attested, at=baseline.at,
                rolled_back=gone,
            )  # fmt: skip
            found.setdefault(baseline.sha, made)
        return tuple(found.values())

    def taken_back(self, release: Release) -> bool:
        before = self.releases.get(release.rollback.target_release or 0) if release.rollback else None
        return release.status is Status.ROLLED_BACK or (before is not None and self.taken_back(before))

    def facts(self, release: Release) -> Facts:
        seen = {kind: value for (subject, kind), value in self.seen.items() if subject == release.name}
        if "candidate" in seen:
            seen["candidate"] = of_base(seen["candidate"], release.base)
        back = release.rollback
        reverted = tuple(self.releases[n] for n in back.reverts) if back else ()
        lately = self.seen.get(("patrol", "lately"), Seen())
        holder = self.releases.get(self.lock.release) if self.lock and self.lock.release != release.id else None
        return Facts(
            now=self.now,
            directory=self.directory,
            change=self.changes.get(release.change),
            freezes=self.freezes,
            lock=self.lock,
            baseline=self.baselines[-1],
            attestations=tuple(a for a in reversed(self.attestations) if a.change == release.change),
            criticals=Seen[Any](value=(), at=self.now),
            incident=self.incidents.get(release.incident or 0),
            criticals_open=tuple(
                i for i in self.incidents.values()
                if i.status is IncidentStatus.OPEN and i.severity is Severity.CRITICAL
            ),
            violations=tuple(v for v in self.violations.values() if v.status is ViolationStatus.OPEN),
            patrolled=lately.value,
            holder=holder,
            targets=self.targets(),
            reverted=reverted,
            reverted_changes=tuple(self.changes[n] for n in dict.fromkeys(r.change for r in reverted)),
            at_target=self.at_target(back) if back else None,
            **seen,
        )  # fmt: skip

    def at_target(self, back: Rollback) -> Verified | None:
        """Of the first commit nothing is known, of the adopted one what the patrol saw at first."""
        if back.target == self.baselines[0].sha:
            return None
        attested = next((a for a in self.attestations if a.id == back.target_attestation), None)
        answers = attested.probes if attested else ANSWERS
        known = tuple(Known(probe=p, answer=a) for p, a in zip(self.service.probes, answers, strict=True))
        return Verified(sha=back.target, known=known, release=back.target_release if attested else None)

    def rollback_facts(self, release: Release, target: str | None) -> Facts:
        """As `rollback_ledger.rollback_facts` has them."""
        push, targets = release.last_push, self.targets()
        goal = next((t for t in targets if t.sha == target), None)
        since = tuple(
            r for r in self.releases.values()
            if r.status is not Status.ROLLED_BACK and r.procedure is not Procedure.ROLLBACK
            and r.last_push and goal and r.last_push.at > goal.at
        )  # fmt: skip
        possible = sound(tuple(t for t in targets if push is None or (t.at < push.at and t.sha != push.sha)))
        holder = self.releases.get(self.lock.release) if self.lock else None
        busy = holder is not None and in_flight(holder, self.facts(holder))
        known = {"targets": possible, "reverted": since, "holder": holder, "holder_pushing": busy}
        return self.facts(release).model_copy(update=known)

    def change_facts(self, change: int) -> ChangeFacts:
        carries = next((r for r in self.open if r.change == change), None)
        return ChangeFacts(now=self.now, directory=self.directory, carrier=carries)

    def around(self, incident: Incident | None = None) -> IncidentFacts:
        hotfix = self.releases.get(incident.hotfix or 0) if incident else None
        return IncidentFacts(now=self.now, directory=self.directory, hotfix=hotfix, running=tuple(self.open))

    @property
    def open(self) -> list[Release]:
        return [r for r in self.releases.values() if not r.closed]

    # --- what the store and the outbox do

    def apply(self, decision: Decision) -> None:
        if decision.refusal:
            assert not (decision.records or decision.freed or decision.effects)
            return
        for record in decision.records:
            match record:
                case Release():
                    self._may_go_on(self.releases.get(record.id), record)
                    self.releases[record.id] = record
                case Change():
                    self.changes[record.id] = record
                case Incident():
                    self.incidents[record.id] = record
                case Violation():
                    self.violations[record.key] = record
                case Lock():
                    self.lock = record
                case Baseline():
                    self.baselines.append(record)
        if decision.freed:
            self.lock = None
        for act in decision.effects:
            if isinstance(act, Act) and act.key not in self.acts:
                self.acts.add(act.key)
                self.waiting.append(act)
        if not self.slow:
            self.outbox()

    def outbox(self) -> None:
        while self.waiting:
            self.perform(self.waiting.pop(0))

    def _may_go_on(self, before: Release | None, now: Release) -> None:
        """S2: nothing new goes out beside what nobody has explained."""
        begins = before is not None and before.stage is Stage.PRECONDITIONS and now.stage is Stage.LOCAL_STATE
        if begins and now.procedure is Procedure.STANDARD:
            assert all(v.status is ViolationStatus.EXPLAINED for v in self.violations.values())

    def perform(self, act: Act) -> None:
        self.now += SECOND
        match act:
            case PushBranch():
                self._push(act)
            case MakeRevert():
                tree = next(c.tree for c in self.branch if c.sha == act.target)
                made = self.commit(act.message, act.parent).model_copy(update={"tree": tree})
                self.reverts[made.sha] = made
                revert = Revert(sha=made.sha, tree=tree, parent=act.parent, target=act.target)
                self.saw(f"R-{act.release}", "revert", revert)
            case CancelRun():
                sha, run = next((s, r) for s, r in self.runs.items() if r.id == act.run)
                if run.status != "completed":
                    self.runs[sha] = run.model_copy(update={"status": "completed", "conclusion": "cancelled"})
            case RerunRun():
                sha, run = next((s, r) for s, r in self.runs.items() if r.id == act.run)
                self.runs[sha] = run.model_copy(
                    update={"attempt": act.attempt, "status": "in_progress", "conclusion": None, "jobs": ()}
                )
            case WriteLog():
                self.saw(act.subject, "logged", Logged(key=act.entry, url=f"https://github.example/{act.entry}"))
                kind, _, id = act.subject.partition("-")
                if kind == "INC":
                    incident = self.incidents[int(id)]
                    self.apply(logged(incident, "https://github.example/log", self.around(incident), self.policy))

    def _push(self, act: PushBranch) -> None:
        release = self.releases[act.release]
        self.look(release)
        commit = self.reverts.get(act.sha) or next(c for _, c in self.work.values() if c.sha == act.sha)
        allowed = may_push(release, self.facts(release), self.policy, act.sha)
        if allowed and not self.protected and self.head.sha == act.expected:
            self.move(commit, "slipway[bot]")
            self.saw(release.name, "moved", act.sha)
            if not self.slow:
                self.look(release)
        else:
            self.saw(release.name, "push_refusal", PushRefusal(sha=act.sha, error="protected"))

    # --- the patrol

    def patrol_facts(self) -> PatrolFacts:
        runs = tuple(r for r in self.runs.values() if r.head_sha == self.served)
        version = Version(text=self.served, origin=Origin(sha=self.served, runs=runs), first_at=self.now)
        round_ = g.rounds((self.served,))[0].model_copy(update={"at": self.now})
        live = Live(round=round_, versions=(version,), whole_at=self.now)
        ran = tuple(Ran(run=r, login=None) for r in self.runs.values())
        lately = Lately(since=g.NOW, tip=self.head.sha, activity=tuple(reversed(self.moves)), runs=ran)
        tips = {r.id: self.seen.get((r.name, "tip"), Seen()).value for r in self.open}
        known = self.violations.values()
        return PatrolFacts(
            now=self.now,
            directory=self.directory,
            baseline=last_verified(self.baselines[-1], tuple(self.open)),
            began=g.ago(days=1),
            releases=tuple(sorted(self.releases.values(), key=lambda r: (r.closed, -r.id))),
            tips={id: tip.sha for id, tip in tips.items() if tip},
            freezes=self.freezes,
            violations=tuple(v for v in known if v.status is ViolationStatus.OPEN or (v.present and v.code in LASTING)),
            live=Seen[Any](value=live, at=self.now),
            lately=Seen[Any](value=lately, at=self.now),
        )

    def patrol(self) -> None:
        self.now += SECOND
        facts = self.patrol_facts()
        found = sightings(facts, self.policy, self.service)
        for sighting in found:
            known = self.violations.get(sighting.key)
            id = known.id if known else len(self.violations) + 1
            self.apply(violations.found(sighting, known, id, facts, self.policy))
            facts = self.patrol_facts()
        self.ever |= {s.key for s in found}
        for missed in facts.violations:
            if missed.key not in {s.key for s in found}:
                self.apply(violations.gone(missed, facts, self.policy))
        self.saw("patrol", "lately", self.head.sha)
