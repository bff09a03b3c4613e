"""The panel's laptop section: one developer's machine at a time."""

import re
import threading
from dataclasses import dataclass
from typing import Any

from bot.sandbox.world.changes import CHANGES, NotPossible
from bot.sandbox.world.laptop import Laptop
from bot.sandbox.world.panel.controls import Control, Line, Section, Tone, button
from bot.sandbox.world.world import World

DIVERGED = "Updates were rejected"  # git's words for a branch that cannot be pushed without force


@dataclass(frozen=True)
class Ran:
    """A preflight of one laptop. state: how it ended, `running`, or "" for none yet; head: of what."""

    state: str = ""
    tone: Tone = "plain"
    head: str = ""

    def line(self, head: str, dirty: bool) -> Line:
        """What it is worth now."""
        if not self.state:
            return Line("Preflight", "not run yet")
        moved = (
            "of an older commit" if self.head != head else "before these edits" if dirty and self.tone == "good" else ""
        )
        if not moved or self.tone == "busy":
            return Line("Preflight", self.state, self.tone)
        return Line("Preflight", f"{self.state} for {self.head[:7]}, {moved}: run it again", "plain")


@dataclass
class Desk:
    """What the panel remembers of one laptop between two looks: which change request, which commit message."""

    world: World
    login: str
    reference: str = ""
    title: str = "Work"
    ran: Ran = Ran()

    @property
    def laptop(self) -> Laptop:
        return self.world.laptop(self.login)

    def section(self) -> Section:
        return Section("laptop", f"Laptop of {self.laptop.person.name}", self._lines(), self._controls(), self._log())

    def _log(self) -> list[str]:
        return self.laptop.recent()

    def _lines(self) -> tuple[Line, ...]:
        laptop = self.laptop
        at = self._known_at_github()
        ahead, behind = laptop.position
        dirty = laptop.dirty
        apart = [f"{count} {way}" for count, way in ((ahead, "ahead of"), (behind, "behind")) if count]
        where = f"{laptop.on} · {' and '.join(apart) or 'level with'} {laptop.branch} {at}"
        tree = "clean" if not dirty else f"{len(dirty)} uncommitted: {', '.join(line[3:] for line in dirty[:3])}"
        return (
            Line("Branch", where, "bad" if behind else "plain"),
            Line("Tree", tree, "bad" if dirty else "good"),
            Line("Last commit", laptop.last_commit),
            self.ran.line(laptop.head, bool(dirty)),
        )

    def _known_at_github(self) -> str:
        laptop = self.laptop
        try:
            laptop.sees(self.world.github.head_of(laptop.branch))
        except NotPossible:
            return "as last seen at GitHub"
        return "at GitHub"

    def _controls(self) -> tuple[Control, ...]:
        people = tuple((login, one.person.name) for login, one in self.world.laptops.items())
        return (
            Control("person", "Whose laptop", lambda _: "", "select", self.login, people, kept="laptop"),
            Control("reference", "Work for it", self._refer, "text", self.reference, hint="Change request, e.g. CR-1"),
            *self._prepared(),
            *self._by_hand(),
            *self._outward(),
        )

    def _prepared(self) -> tuple[Control, ...]:
        return (
            button(
                "good_change",
                "Prepare a sound change",
                self._good_change,
                hint="New branch, faster checkout, commit, push: what a release can start from",
            ),
            button(
                "bad_change",
                "Prepare a failing test",
                lambda: self._prepare("break_test", "totals"),
                hint="The same, with a test that only CI runs: rule 4, F1",
            ),
            button(
                "leak",
                "Prepare a hidden bug",
                lambda: self._prepare("leak", "remember-prices"),
                hint="The same, with a bug that shows under load only: an incident, T2",
            ),
            button(
                "mend_change",
                "Mend it",
                self._mend_change,
                hint="The bug is taken out, committed and pushed: on this branch, or on a new one once it is released",
            ),
        )

    def _by_hand(self) -> tuple[Control, ...]:
        laptop = self.laptop
        branches = (("", f"on {laptop.on}"), *((name, name) for name in laptop.branches if name != laptop.on))
        edits = (("", "Choose a change …"), *((change.id, change.label) for change in CHANGES))
        return (
            Control("new_branch", "New branch", self._new_branch, "text", "", hint="Name of a new branch"),
            Control("switch", "Branch", self._switch, "select", "", branches),
            Control("edit", "Edit", self._edit, "select", "", edits),
            button("mend", "Mend", self._mend),
            button("commit", f"Commit{self._for_it}", self._commit),
            button("commit_bare", "Commit, no reference", self._commit_bare),
            button("reword", f"Reword last commit{self._for_it}", self._reword),
            button("dirty", "Leave a file dirty", lambda: f"{laptop.leave_dirty()} is left uncommitted"),
            button("discard", "Discard edits", self._discard),
            button("rebase", f"Rebase on {laptop.branch}", self._rebase),
        )

    def _outward(self) -> tuple[Control, ...]:
        laptop = self.laptop
        return (
            button("preflight", f"Run preflight{self._for_it}", self._start_preflight),
            button("push", "Push the branch", self._push),
            button(
                "force_push",
                "Force-push the branch",
                self._force_push,
                hint="After a commit was reworded or the branch rebased",
                confirm=f"What stands on {laptop.on} at GitHub is replaced by what is here. Do it?",
            ),
            button(
                "push_main",
                f"Push straight to {laptop.branch}",
                self._push_main,
                confirm=f"This pushes {laptop.on} to {laptop.branch}, past the bot. Do it?",
            ),
            button(
                "reset",
                f"Reset to {laptop.branch}",
                self._reset,
                confirm="Local commits of this branch and uncommitted work are lost. Do it?",
            ),
        )

    @property
    def _for_it(self) -> str:
        return f" for {self.reference}" if self.reference else ""

    def _refer(self, value: Any) -> str:
        self.reference = str(value or "").strip().upper()
        return f"Commits name {self.reference} from now on" if self.reference else "Commits name no change request"

    def _wanted(self) -> str:
        if not self.reference:
            raise NotPossible("First say which change request this is for, for example CR-1")
        return self.reference

    def _good_change(self) -> str:
        return self._prepare("faster_checkout", "faster-checkout")

    def _prepare(self, change: str, what: str) -> str:
        name = self._free(f"{self._wanted().lower()}-{what}")
        self.laptop.new_branch(name)
        sha = self.laptop.commit(self.laptop.edit(change), self.reference)
        self.laptop.push()
        return f"{sha[:7]} stands on {name} at GitHub"

    def _free(self, stem: str) -> str:
        same = [name for name in self.laptop.branches if name.startswith(stem)]
        return f"{stem}-{len(same) + 1}" if same else stem

    def _mend_change(self) -> str:
        reference, laptop = self._wanted(), self.laptop
        if not laptop.position[0]:  # what is on this branch is on the designated branch too
            laptop.new_branch(self._free(f"{reference.lower()}-mend"))
        laptop.mend()
        sha = laptop.commit("Mend it", reference)
        laptop.push(force=True)
        return f"{sha[:7]} stands on {laptop.on} at GitHub"

    def _new_branch(self, value: Any) -> str:
        name = re.sub(r"[^\w./-]+", "-", str(value or "").strip()).strip("-./")
        if not name:
            raise NotPossible("A branch needs a name")
        self.laptop.new_branch(name)
        return f"On the new branch {name}"

    def _switch(self, value: Any) -> str:
        if value:
            self.laptop.switch(str(value))
        return f"On {self.laptop.on}"

    def _edit(self, value: Any) -> str:
        if not value:
            return "Nothing changed"
        self.title = self.laptop.edit(str(value))
        return "Edited, not committed"

    def _mend(self) -> str:
        self.title = "Mend it"
        return f"Mended {', '.join(self.laptop.mend())}, not committed"

    def _commit(self) -> str:
        return f"Committed {self.laptop.commit(self.title, self._wanted())[:7]}"

    def _commit_bare(self) -> str:
        return f"Committed {self.laptop.commit(self.title)[:7]} without a change request"

    def _reword(self) -> str:
        return f"The last commit is {self.laptop.reword(self.title, self._wanted())[:7]} now"

    def _discard(self) -> str:
        self.laptop.discard()
        return "The tree is clean"

    def _rebase(self) -> str:
        self.laptop.rebase()
        return f"Rebased on {self.laptop.branch}"

    def _push(self) -> str:
        on = self.laptop.on
        try:
            self.laptop.push()
        except NotPossible as refusal:
            if DIVERGED not in str(refusal):
                raise
            raise NotPossible(
                f"Git refuses: {on} at GitHub has commits that are not here, as after a reworded commit or a rebase. "
                "Force-push the branch replaces them"
            ) from refusal
        return f"{on} is at GitHub"

    def _force_push(self) -> str:
        self.laptop.push(force=True)
        return f"{self.laptop.on} at GitHub is as it is here"

    def _push_main(self) -> str:
        self.laptop.push_main()
        return f"Pushed to {self.laptop.branch}"

    def _reset(self) -> str:
        self.laptop.reset()
        return f"As {self.laptop.branch} is at GitHub"

    def _start_preflight(self) -> str:
        arguments = ("--change", self.reference) if self.reference else ()
        laptop = self.laptop
        if laptop.preflighting:
            raise NotPossible("Preflight is running already")
        self.ran = Ran("running", "busy", laptop.head)
        threading.Thread(target=self._run_preflight, args=[laptop, arguments], daemon=True).start()
        return "Preflight is running; the log below shows it"

    def _run_preflight(self, laptop: Laptop, arguments: tuple[str, ...]) -> None:
        head = laptop.head
        try:
            code = laptop.preflight(*arguments).code
            said = "passed" if code == 0 else f"failed with exit code {code}"
            self.ran = Ran(said, "good" if code == 0 else "bad", head)
        except NotPossible as refusal:
            self.ran = Ran(str(refusal), "bad", head)
