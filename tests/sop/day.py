"""A small world for the property test: what is so, what was seen of it, and an outbox that takes its time."""

from datetime import timedelta
from typing import Any

from bot.sop import release as releases
from bot.sop.arrival import in_flight
from bot.sop.change import ChangeFacts
from bot.sop.decision import Decision
from bot.sop.effects import PushBranch
from bot.sop.facts import Attestation, Candidate, Commit, Directory, Facts, PushRefusal, Seen, Tip
from bot.sop.policy import Policy
from bot.sop.records import Baseline, Change, ChangeStatus, Freeze, FreezeStatus, Lock, Release
from bot.sop.release import SENTENCE
from tests.sop import good as g

SECOND = timedelta(seconds=1)
NEXT_SHA, NEXT_TREE, STRANGE_SHA, STRANGE_TREE = "7" * 40, "6" * 40, "9" * 40, "8" * 40
TREES = {g.BASE: g.BASE_TREE, g.SHA: g.TREE, NEXT_SHA: NEXT_TREE, STRANGE_SHA: STRANGE_TREE}


class Day:
    """The state is what decisions say; the branch is where somebody put it, and the bot knows it from looking only."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.now = g.NOW
        self.directory = Directory(groups={"S0LEADS": (g.DAVE,)})
        self.release: Release | None = None
        self.lock: Lock | None = None
        self.baseline = Baseline(service="shop", sha=g.BASE, at=g.ago(days=1), by=g.CAROL)
        self.change: Change = g.change(approvals=(), status=ChangeStatus.OPEN)
        self.candidate: Candidate = g.candidate()
        self.head = Tip(sha=g.BASE, tree=g.BASE_TREE)
        self.attestations: tuple[Attestation, ...] = ()
        self.freezes: tuple[Freeze, ...] = ()
        self.waiting: list[PushBranch] = []
        self.sending: PushBranch | None = None
        self.moved: dict[int, str] = {}  # release -> commit to which the bot moved the branch for it
        self.forget()

    def forget(self) -> None:
        """A new release: nothing was seen for it yet."""
        self.seen: dict[str, Any] = {name: Seen() for name in ("candidate", "tip", "criticals", "runs", "fleet")}
        self.seen |= {"push_refusal": Seen(), "moved": Seen()}

    @property
    def open(self) -> Release | None:
        return self.release if self.release and not self.release.closed else None

    def facts(self) -> Facts:
        state = {"change": self.change, "lock": self.lock, "baseline": self.baseline, "freezes": self.freezes}
        given = {"attestations": self.attestations, "directory": self.directory, "pushing": self.sending is not None}
        return Facts(now=self.now, **state, **given, **self.seen)

    def change_facts(self) -> ChangeFacts:
        pushing = self.open is not None and in_flight(self.open, self.facts())
        return ChangeFacts(now=self.now, directory=self.directory, carrier=self.open, pushing=pushing)

    def look_at_git(self, *names: str) -> None:
        self.now += SECOND
        if "candidate" in names:
            self.see("candidate", self.candidate)
        if "tip" in names:
            self.see("tip", self.head)

    def see(self, name: str, value: Any) -> None:
        self.seen[name] = Seen[Any](value=value, at=self.now)

    def apply(self, decision: Decision) -> None:
        """What the store does with a decision."""
        if decision.refusal:
            assert not (decision.records or decision.freed or decision.effects)
            return
        for record in decision.records:
            match record:
                case Release():
                    self.release = record
                case Change():
                    self.change = record
                case Lock():
                    self.lock = record
                case Baseline():
                    self.baseline = record
        if decision.freed and self.lock:
            assert self.release and self.lock.release == self.release.id
            self.lock = None
        self.waiting += [e for e in decision.effects if isinstance(e, PushBranch)]

    # --- the outbox

    def begin_push(self) -> None:
        """Takes the oldest push, looks again and asks the SOP again."""
        act = self.waiting.pop(0)
        self.look_at_git("tip", "candidate")
        mine = self.release if self.release and self.release.id == act.release else None
        if mine and releases.may_push(mine, self.facts(), self.policy, act.sha):
            assert_allowed(self, act)
            self.sending = act
        elif mine:
            self.see("push_refusal", PushRefusal(sha=act.sha, error="dropped"))

    def end_push(self, protected: bool) -> None:
        act, self.sending = self.sending, None
        assert act is not None
        self.now += SECOND
        if protected or self.head.sha != act.expected:
            self.see("push_refusal", PushRefusal(sha=act.sha, error="protected branch"))
            return
        assert self.release and self.release.id == act.release and not self.release.closed
        self.move(act.sha, "slipway[bot]")
        self.see("moved", act.sha)
        self.moved[act.release] = act.sha

    def move(self, sha: str, by: str) -> None:
        ahead: tuple[Commit, ...] = () if sha == g.BASE else (g.commit(sha=sha, tree=TREES[sha]),)
        self.head = Tip(sha=sha, tree=TREES[sha], ahead=ahead, pushed_by=by, pushed_at=self.now)


def assert_allowed(day: Day, act: PushBranch) -> None:
    """The rules once more, in other words than the gates': what must be so when the branch is moved."""
    release, change, candidate = day.release, day.change, day.candidate
    assert release and release.push_asked and release.governance
    assert (act.sha, act.release) == (release.push_asked.says, release.id) and act.sha == candidate.sha
    assert release.governance.says == SENTENCE
    assert change.status in (ChangeStatus.OPEN, ChangeStatus.APPROVED)
    assert change.content.digest == release.change_digest
    week = day.now - timedelta(days=7)
    wrote = {c.author for c in candidate.commits}
    names = {g.CAROL: "carol", g.DAVE: "dave"}
    good = [a for a in change.approvals if a.by in names and a.at > week and a.digest == change.content.digest]
    assert [a for a in good if names[a.by] not in wrote and a.by not in day.directory.deactivated]
    proofs = [a for a in day.attestations if a.tree == candidate.tree and a.made_at > day.now - timedelta(days=1)]
    assert proofs and all(c.ok for c in proofs[0].checks)
    assert day.seen["criticals"].value == () and day.seen["criticals"].error is None
    frozen = [f for f in day.freezes if f.status is FreezeStatus.ACTIVE and (f.until is None or f.until > day.now)]
    assert not frozen
    assert day.lock and day.lock.release == release.id
    assert candidate.contains_tip and candidate.branch and not candidate.truncated
    for commit in candidate.commits:
        assert "CR-12" in commit.message and "skip" not in commit.message
        assert commit.author in ("alice", "bob", "carol", "dave")
    accepted = {p for a in release.accepted if a.tree == candidate.tree for p in a.paths}
    assert {p for p in candidate.paths if p != "shop/checkout.py"} <= accepted
