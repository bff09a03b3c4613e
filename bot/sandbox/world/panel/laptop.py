"""The panel's laptop section: one developer's machine at a time."""

import re
import threading
from dataclasses import dataclass
from typing import Any

from bot.sandbox.world.changes import CHANGES, NotPossible
from bot.sandbox.world.laptop import Laptop
from bot.sandbox.world.panel.controls import Control, Line, Section, Tone, button
from bot.sandbox.world.world import World


@dataclass
class Desk:
    """What the panel remembers between two looks: whose laptop, which change request, which commit message."""

    world: World
    login: str = "alice"
    reference: str = ""
    title: str = "Work"
    preflight: str = "not run yet"
    preflight_tone: Tone = "plain"

    @property
    def laptop(self) -> Laptop:
        return self.world.laptop(self.login)

    def section(self) -> Section:
        return Section("laptop", f"Laptop of {self.laptop.person.name}", self._lines(), self._controls(), self._log())

    def _log(self) -> list[str]:
        return self.laptop.recent()

    def _lines(self) -> tuple[Line, ...]:
        laptop = self.laptop
        ahead, behind = laptop.position
        dirty = laptop.dirty
        apart = [f"{count} {way}" for count, way in ((ahead, "ahead of"), (behind, "behind")) if count]
        where = f"{laptop.on} · {' and '.join(apart) or 'level with'} {laptop.branch} at GitHub"
        tree = "clean" if not dirty else f"{len(dirty)} uncommitted: {', '.join(line[3:] for line in dirty[:3])}"
        return (
            Line("Branch", where, "bad" if behind else "plain"),
            Line("Tree", tree, "bad" if dirty else "good"),
            Line("Last commit", laptop.last_commit),
            Line("Preflight", self.preflight, self.preflight_tone),
        )

    def _controls(self) -> tuple[Control, ...]:
        laptop = self.laptop
        people = tuple((login, one.person.name) for login, one in self.world.laptops.items())
        branches = (("", f"on {laptop.on}"), *((name, name) for name in laptop.branches if name != laptop.on))
        edits = (("", "Choose a change …"), *((change.id, change.label) for change in CHANGES))
        for_it = f" for {self.reference}" if self.reference else ""
        return (
            Control("person", "Whose laptop", self._take, "select", self.login, people),
            Control("reference", "Work for it", self._refer, "text", self.reference, hint="Change request, e.g. CR-1"),
            button(
                "good_change",
                f"Prepare a sound change{for_it}",
                self._good_change,
                hint="New branch, faster checkout, commit, push: what a release can start from",
            ),
            Control("new_branch", "New branch", self._new_branch, "text", "", hint="Name of a new branch"),
            Control("switch", "Branch", self._switch, "select", "", branches),
            Control("edit", "Edit", self._edit, "select", "", edits),
            button("mend", "Mend", self._mend),
            button("commit", f"Commit{for_it}", self._commit),
            button("commit_bare", "Commit, no reference", self._commit_bare),
            button("reword", f"Reword last commit{for_it}", self._reword),
            button("dirty", "Leave a file dirty", lambda: f"{laptop.leave_dirty()} is left uncommitted"),
            button("discard", "Discard edits", self._discard),
            button("rebase", f"Rebase on {laptop.branch}", self._rebase),
            button("preflight", f"Run preflight{for_it}", self._start_preflight),
            button("push", "Push the branch", self._push),
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

    def _take(self, login: Any) -> str:
        laptop = self.world.laptop(str(login))
        self.login, self.preflight, self.preflight_tone = str(login), "not run yet", "plain"
        return f"This is {laptop.person.name}'s laptop"

    def _refer(self, value: Any) -> str:
        self.reference = str(value or "").strip().upper()
        return f"Commits name {self.reference} from now on" if self.reference else "Commits name no change request"

    def _wanted(self) -> str:
        if not self.reference:
            raise NotPossible("First say which change request this is for, for example CR-1")
        return self.reference

    def _good_change(self) -> str:
        stem = f"{self._wanted().lower()}-faster-checkout"
        same = [name for name in self.laptop.branches if name.startswith(stem)]
        name = f"{stem}-{len(same) + 1}" if same else stem
        self.laptop.new_branch(name)
        sha = self.laptop.commit(self.laptop.edit("faster_checkout"), self.reference)
        self.laptop.push()
        return f"{sha[:7]} stands on {name} at GitHub"

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
        self.laptop.push(force=True)
        return f"{self.laptop.on} is at GitHub"

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
        self.preflight, self.preflight_tone = "running", "busy"
        threading.Thread(target=self._run_preflight, args=[laptop, arguments], daemon=True).start()
        return "Preflight is running; the log below shows it"

    def _run_preflight(self, laptop: Laptop, arguments: tuple[str, ...]) -> None:
        try:
            code = laptop.preflight(*arguments).code
            self.preflight = "passed" if code == 0 else f"failed with exit code {code}"
            self.preflight_tone = "good" if code == 0 else "bad"
        except NotPossible as refusal:
            self.preflight, self.preflight_tone = str(refusal), "bad"
