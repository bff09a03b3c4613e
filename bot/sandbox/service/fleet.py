"""The instances in production: rolled out one after the other, each really restarted, remembered across restarts."""

import io
import itertools
import json
import shutil
import tarfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.sandbox.service.instance import Instance, NotStarted

NAMES = ("a", "b")


@dataclass
class Rollout:
    """One deployment as the platform reports it; `state` is rolling, done or failed."""

    id: int
    commit: str
    state: str = "rolling"
    message: str = "accepted"
    log: str = ""


@dataclass
class Switches:
    """What can be made to go wrong."""

    stall_next_deploy: bool = False  # the next deploy is reported done and changes nothing
    half_fleet: bool = False  # only the first instance is updated
    down: bool = False  # the address answers 503
    slow: float = 0.0  # seconds before every answer


@dataclass
class Fleet:
    """Two instances and what has been done to them. Changes happen one at a time, in the order they came."""

    root: Path
    switches: Switches = field(default_factory=Switches)
    environment: dict[str, str] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    rollouts: list[Rollout] = field(default_factory=list)
    _turns: "itertools.count[int]" = field(default_factory=itertools.count)
    _accepting: threading.Lock = field(default_factory=threading.Lock)
    _changes: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "fleet"))

    @property
    def newest(self) -> Path:
        """The tree handed over last, as an archive."""
        return self.root / "newest.tar.gz"

    def start(self) -> None:
        """Starts what was deployed before; one that no longer starts stays down."""
        self.root.mkdir(parents=True, exist_ok=True)
        if self._memory.exists():
            self._remember()
            self._changes.submit(self._restart, list(self.instances)).result()

    def stop(self) -> None:
        self._changes.shutdown(wait=True, cancel_futures=True)
        for instance in self.instances.values():
            instance.stop()

    def deploy(self, archive: bytes, commit: str) -> Rollout:
        """Accepts a built tree (tar.gz) and begins to roll it out; the rollout tells how that goes."""
        with self._accepting:
            rollout = Rollout(len(self.rollouts) + 1, commit)
            self.rollouts.append(rollout)
            self.newest.write_bytes(archive)
            if self.switches.stall_next_deploy:
                self.switches.stall_next_deploy = False
                rollout.state, rollout.message = "done", "rollout complete"
            else:
                self._changes.submit(self._roll, rollout, archive)
            self._save()
        return rollout

    def finish(self) -> None:
        """Brings every instance to the tree handed over last; nothing when all have it."""
        if self.rollouts:
            self.switches.half_fleet = False
            newest = self.rollouts[-1]
            self._changes.submit(self._roll, newest, self.newest.read_bytes()).result()

    def edit(self, path: str, find: str, replace: str, names: Sequence[str]) -> None:
        """Changes a deployed file by hand and restarts. Raises LookupError when there is no such file or text."""
        files = [(self.instances[name], self.instances[name].directory / path) for name in names]
        for _, file in files:
            if not file.is_file() or find not in file.read_text(encoding="utf-8"):
                raise LookupError(f"{path} holds no {find!r}")
        for instance, file in files:
            kept = instance.originals / path
            if not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, kept)
            file.write_text(file.read_text(encoding="utf-8").replace(find, replace), encoding="utf-8")
            instance.edited.append(path)
        self.restart(names)

    def restore(self) -> None:
        """Takes back what was done by hand: files as they were deployed, no settings of its own."""
        for instance in self.instances.values():
            for path in set(instance.edited):
                shutil.copyfile(instance.originals / path, instance.directory / path)
            shutil.rmtree(instance.originals, ignore_errors=True)
            instance.edited.clear()
        self.environment.clear()
        self.restart(list(self.instances))

    def configure(self, changes: dict[str, str | None]) -> None:
        """Sets environment variables of the instances (None: unsets) and restarts them."""
        for name, value in changes.items():
            self.environment.pop(name, None)
            if value is not None:
                self.environment[name] = value
        self.restart(list(self.instances))

    def restart(self, names: Sequence[str]) -> None:
        self._changes.submit(self._restart, names).result()

    def turn(self) -> Instance | None:
        """The instance that answers next, among those that are ready."""
        ready = [instance for instance in list(self.instances.values()) if instance.ready]
        return ready[next(self._turns) % len(ready)] if ready else None

    def _roll(self, rollout: Rollout, archive: bytes) -> None:
        names = NAMES[:1] if self.switches.half_fleet and self.instances else NAMES
        rollout.state = "rolling"
        try:
            for name in names:
                rollout.message = f"updating instance {name}"
                self._replace(name, rollout, archive)
            rollout.state, rollout.message = "done", "rollout complete"
        except NotStarted as error:
            rollout.state, rollout.message, rollout.log = "failed", str(error), error.log
        except (OSError, tarfile.TarError) as error:
            rollout.state, rollout.message = "failed", f"the archive cannot be used: {error}"
        self._save()

    def _replace(self, name: str, rollout: Rollout, archive: bytes) -> None:
        before = self.instances.get(name)
        directory = self.root / "instances" / name / f"{rollout.id}-{rollout.commit[:7]}"
        if before is not None and before.directory == directory:
            return
        unpack(archive, directory)
        after = Instance(name, directory, rollout.commit)
        try:
            after.start(self.environment)
        except NotStarted:
            shutil.rmtree(directory)
            raise
        self.instances[name] = after
        self._save()
        if before is not None:
            before.stop()
            shutil.rmtree(before.directory, ignore_errors=True)
            shutil.rmtree(before.originals, ignore_errors=True)
            before.log.unlink(missing_ok=True)

    def _restart(self, names: Sequence[str]) -> None:
        for name in names:
            instance = self.instances[name]
            instance.stop()
            try:
                instance.start(self.environment)
            except NotStarted as error:
                with instance.log.open("a", encoding="utf-8") as log:
                    log.write(f"{error}\n")
        self._save()

    @property
    def _memory(self) -> Path:
        return self.root / "fleet.json"

    def _save(self) -> None:
        known = {
            "switches": asdict(self.switches),
            "environment": self.environment,
            "rollouts": [asdict(rollout) for rollout in self.rollouts],
            "instances": [
                {"name": one.name, "directory": str(one.directory), "commit": one.commit, "edited": one.edited}
                for one in self.instances.values()
            ],
        }
        draft = self._memory.with_suffix(f".{threading.get_ident()}")
        draft.write_text(json.dumps(known), encoding="utf-8")
        draft.replace(self._memory)

    def _remember(self) -> None:
        known = json.loads(self._memory.read_text(encoding="utf-8"))
        self.switches = Switches(**known["switches"])
        self.environment = known["environment"]
        self.rollouts = [Rollout(**rollout) for rollout in known["rollouts"]]
        for rollout in self.rollouts:
            if rollout.state == "rolling":
                rollout.state, rollout.message = "failed", "the platform was restarted during the rollout"
        for one in known["instances"]:
            instance = Instance(one["name"], Path(one["directory"]), one["commit"], edited=one["edited"])
            self.instances[instance.name] = instance


def unpack(archive: bytes, directory: Path) -> None:
    """Writes an archive's files into a new directory. Raises tarfile.TarError, OSError."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        # Python 3.11.0 to 3.11.3 have no filters yet.
        tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
        tar.extractall(directory)  # noqa: S202 (only who has the deploy token gets here)
