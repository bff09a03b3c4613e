"""A developer's laptop: a home folder, an SSH key, a real clone, and what the developer does with them."""

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.people import Person
from bot.sandbox.service.process import Kept
from bot.sandbox.world import changes
from bot.sandbox.world.changes import NotPossible

SCRAP = "notes-to-self.txt"


@dataclass(frozen=True)
class Preflight:
    """How `slipway preflight` is run: its command line and what it finds in the environment."""

    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finished:
    """A command that has ended: exit code and everything it wrote."""

    code: int
    output: str


@dataclass
class Laptop:
    """One developer's machine. Every method that acts writes to `log` what was done and what git said.

    home: the home folder; remote: what is cloned; branch: the designated branch.
    Methods raise NotPossible with git's words when git refuses.
    """

    home: Path
    person: Person
    remote: str
    branch: str = "main"
    preflight_by: Preflight = field(default_factory=Preflight)
    log: deque[str] = field(default_factory=lambda: deque(maxlen=400))
    _busy: threading.RLock = field(default_factory=threading.RLock)
    _running: Kept | None = None

    @property
    def checkout(self) -> Path:
        return self.home / "shop"

    @property
    def key(self) -> Path:
        return self.home / ".ssh" / "id_ed25519"

    @property
    def public_key(self) -> str:
        """`ssh-ed25519 AAAA…`, without the comment."""
        return " ".join(self.key.with_suffix(".pub").read_text(encoding="utf-8").split()[:2])

    def make_key(self) -> None:
        """An SSH key, unless there is one."""
        if not self.key.exists():
            self.key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", self.person.email, "-f", str(self.key)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)

    def set_up(self) -> None:
        """Key, git configuration and clone, unless they are there. Raises NotPossible when the clone fails."""
        self.make_key()
        if self.checkout.exists():
            return
        settings = {
            "user.name": self.person.name,
            "user.email": self.person.email,
            "user.signingkey": str(self.key),
            "commit.gpgsign": "false",
            "gpg.format": "ssh",
            "advice.detachedHead": "false",
            "init.defaultBranch": "main",
        }
        for name, value in settings.items():
            self._git("config", "--global", name, value, cwd=self.home)
        self._git("clone", "--quiet", "--branch", self.branch, self.remote, str(self.checkout), cwd=self.home)

    # What there is.

    @property
    def on(self) -> str:
        """The branch checked out, or `HEAD` when detached."""
        return self._git("rev-parse", "--abbrev-ref", "HEAD")

    @property
    def head(self) -> str:
        return self._git("rev-parse", "HEAD")

    @property
    def dirty(self) -> list[str]:
        """`git status --porcelain`, a line each."""
        return self._git("status", "--porcelain").splitlines()

    @property
    def branches(self) -> list[str]:
        return self._git("for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()

    @property
    def position(self) -> tuple[int, int]:
        """Commits ahead of and behind the designated branch as last fetched."""
        behind, ahead = self._git("rev-list", "--left-right", "--count", f"origin/{self.branch}...HEAD").split()
        return int(ahead), int(behind)

    @property
    def last_commit(self) -> str:
        """Short SHA and subject of HEAD."""
        return self._git("log", "-1", "--format=%h %s")

    @property
    def preflighting(self) -> bool:
        return self._running is not None

    def read(self, branch: str, path: str) -> str:
        """A file as it stands on a branch at the remote."""
        self.fetch()
        return self._git("show", f"origin/{branch}:{path}")

    def tree(self, revision: str) -> str:
        """The tree of a commit that is at the remote."""
        self.fetch()
        return self._git("rev-parse", f"{revision}^{{tree}}")

    # What the developer does.

    def edit(self, change: str) -> str:
        """Makes a prepared change (changes.CHANGES); the title it suggests for the commit."""
        wanted = changes.change(change)
        with self._busy:
            wanted.apply(self.checkout)
            self._say(f"edited: {wanted.label} ({', '.join(line[3:] for line in self.dirty)})")
        return wanted.title

    def mend(self) -> list[str]:
        """Takes every prepared breakage out again; the paths mended."""
        with self._busy:
            mended = changes.mend(self.checkout)
            if not mended:
                raise NotPossible("nothing here is broken")
            self._say(f"mended: {', '.join(mended)}")
        return mended

    def write(self, path: str, text: str) -> None:
        """Writes a file of the checkout."""
        file = self.checkout / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        self._say(f"wrote {path}")

    def leave_dirty(self, tracked: bool = False) -> str:
        """Leaves an uncommitted file behind: a new one, or a change to README.md; its path."""
        path = "README.md" if tracked else SCRAP
        file = self.checkout / path
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        self.write(path, f"{before}Remember to ask about this.\n")
        return path

    def discard(self) -> None:
        """Throws away everything uncommitted."""
        self._act("reset", "--quiet", "--hard")
        self._act("clean", "--quiet", "-fd")

    def commit(self, message: str, reference: str | None = None) -> str:
        """Commits everything, with the change request's id in front of the message when given; the commit's SHA."""
        with self._busy:
            if not self.dirty:
                raise NotPossible("there is nothing to commit")
            self._act("add", "--all")
            self._act("commit", "--quiet", "--message", f"{reference} {message}" if reference else message)
            self._say(self._git("show", "--stat", "--oneline", "--no-color", "HEAD"))
            return self.head

    def reword(self, message: str, reference: str | None = None) -> str:
        """Gives the last commit another message; its new SHA."""
        self._act("commit", "--quiet", "--amend", "--message", f"{reference} {message}" if reference else message)
        return self.head

    def new_branch(self, name: str) -> None:
        """A new branch from the designated branch as it is at the remote; uncommitted work comes along."""
        self.fetch()
        self._act("switch", "--quiet", "--no-track", "--create", name, f"origin/{self.branch}")

    def switch(self, name: str) -> None:
        self._act("switch", "--quiet", name)

    def detach(self) -> None:
        self._act("switch", "--quiet", "--detach")

    def fetch(self) -> None:
        self._act("fetch", "--quiet", "--prune", "origin")

    def sees(self, tip: str) -> None:
        """Fetches, without a word, when the designated branch is elsewhere at the remote than this laptop knows."""
        if self._git("rev-parse", f"origin/{self.branch}") != tip:
            self._git("fetch", "--quiet", "--prune", "origin")

    def rebase(self) -> None:
        """Rebases onto the designated branch as it is at the remote; undone when it conflicts."""
        self.fetch()
        try:
            self._act("rebase", "--quiet", f"origin/{self.branch}")
        except NotPossible:
            self._act("rebase", "--abort")
            raise

    def reset(self) -> None:
        """Puts the current branch where the designated branch is at the remote; loses local work."""
        self.fetch()
        self._act("reset", "--quiet", "--hard", f"origin/{self.branch}")
        self._act("clean", "--quiet", "-fd")

    def push(self, force: bool = False) -> None:
        """Pushes the current branch under its own name."""
        options = ["--force"] if force else []
        self._act("push", "--porcelain", *options, "origin", f"HEAD:refs/heads/{self.on}")

    def push_as(self, branch: str) -> None:
        """Pushes what is checked out under another name."""
        self._act("push", "--porcelain", "origin", f"HEAD:refs/heads/{branch}")

    def push_main(self, force: bool = False) -> None:
        """Pushes what is checked out straight to the designated branch."""
        options = ["--force"] if force else []
        self._act("push", "--porcelain", *options, "origin", f"HEAD:refs/heads/{self.branch}")

    def preflight(self, *arguments: str, timeout: float = 180) -> Finished:
        """Runs preflight to its end. Raises NotPossible when no command is configured or it does not end in time."""
        if not self.preflight_by.command:
            raise NotPossible("this world was started without a preflight command")
        with self._busy:
            written = self.home / "preflight.log"
            written.unlink(missing_ok=True)
            self._say(f"$ slipway preflight {' '.join(arguments)}".rstrip())
            command = [*self.preflight_by.command, *arguments]
            self._running = Kept(command, self.checkout, self.environment(self.preflight_by.environment), written)
            try:
                code = self._running.wait(timeout)
            except subprocess.TimeoutExpired as late:
                raise NotPossible(f"preflight has not ended after {timeout:.0f} s") from late
            finally:
                self._running.stop()
                self._running = None
            output = written.read_text(encoding="utf-8", errors="replace")
            self._say(f"{output.rstrip()}\n(exit code {code})")
            return Finished(code, output)

    def recent(self, lines: int = 60) -> list[str]:
        """The last lines of the log, and what a running preflight has written so far."""
        said = list(self.log)
        written = self.home / "preflight.log"
        if self._running is not None and written.exists():
            said += written.read_text(encoding="utf-8", errors="replace").splitlines()
        return said[-lines:]

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """What a command finds on this laptop: its own home, nothing of this process's git."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "SSH_", "GITHUB_"))}
        return {
            **kept,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_EDITOR": "true",
            "SANDBOX_LOGIN": self.person.login,  # the sandbox's GitHub takes a push over a file path for this person's
            **more,
        }

    def _act(self, *arguments: str) -> None:
        """A git command that changes something: logged with what git said."""
        with self._busy:
            self._say(f"$ git {' '.join(arguments)}")
            try:
                said = self._git(*arguments)
            except NotPossible as refusal:
                self._say(str(refusal))
                raise
            if said:
                self._say(said)

    def _git(self, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.checkout,
            env=self.environment({"LC_ALL": "C.UTF-8"}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise NotPossible(said or f"git {arguments[0]} ended with {done.returncode}")
        return done.stdout.rstrip()

    def _say(self, text: str) -> None:
        self.log.extend(text.splitlines())
