"""Everything outside of Slack and the bot, for stories, for the demo and for the panel."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.people import ALICE, BOB, PEOPLE, Person
from bot.sandbox.world import facts
from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.github import Github
from bot.sandbox.world.laptop import Laptop, Preflight
from bot.sandbox.world.production import Production


@dataclass(frozen=True)
class WorldConfig:
    """root: where the laptops are kept; remote: what they clone; the two URLs: the sandbox's GitHub and production."""

    root: Path
    remote: str
    github_url: str
    production_url: str
    repository: str = "acme/shop"
    branch: str = "main"
    developers: tuple[Person, ...] = (ALICE, BOB)
    admin_token: str = "ghp_carol"  # noqa: S105
    deploy_token: str = "deploy-secret"  # noqa: S105
    preflight: Preflight = field(default_factory=Preflight)
    bot_pid: Path | None = None  # the file that names the bot's process, where the panel may kill it


class World:
    """Laptops by login, GitHub and production. Methods raise NotPossible with a sentence for a person."""

    def __init__(self, config: WorldConfig) -> None:
        self.config = config
        self.github = Github(config.github_url, config.repository, config.branch, config.admin_token)
        self.production = Production(config.production_url)
        self.laptops = {
            person.login: Laptop(config.root / person.login, person, config.remote, config.branch, config.preflight)
            for person in config.developers
        }

    def set_up(self) -> None:
        """Clones and keys on every laptop; the keys and the way to production made known to GitHub."""
        for login, laptop in self.laptops.items():
            laptop.set_up()
            self.github.add_signing_key(login, laptop.public_key)
        self.github.set_environment(
            {"DEPLOY_URL": self.config.production_url}, {"DEPLOY_TOKEN": self.config.deploy_token}
        )
        self.github.failing_test(False)

    def laptop(self, login: str) -> Laptop:
        if login not in self.laptops:
            raise NotPossible(f"{login} has no laptop here; there are {', '.join(self.laptops)}")
        return self.laptops[login]

    def preflight_by(self, preflight: Preflight) -> None:
        """How preflight is run from now on, on every laptop."""
        for laptop in self.laptops.values():
            laptop.preflight_by = preflight

    def facts(self) -> dict[str, Any]:
        """`people`, `features`, `service` and `irreversible_paths` as sop.yaml wants them."""
        keys = {login: laptop.public_key for login, laptop in self.laptops.items()}
        return {
            "people": facts.people(PEOPLE, keys),
            "features": facts.FEATURES,
            "service": facts.service(self.config.repository, self.config.branch, self.config.production_url),
            "irreversible_paths": facts.IRREVERSIBLE_PATHS,
        }

    def heal(self) -> None:
        """Everything that GitHub and production can be made to do wrong is off, and what hands did is taken back."""
        self.github.heal()
        self.production.heal()

    # What goes around the SOP. It happens in a clone aside, so that nobody's laptop is touched.

    def aside(self, login: str) -> Laptop:
        """A person's second clone, clean and level with the designated branch."""
        person = next((one for one in PEOPLE if one.login == login), None)
        if person is None:
            raise NotPossible(f"nobody here is called {login}")
        clone = Laptop(self.config.root / "aside" / login, person, self.config.remote, self.config.branch)
        clone.set_up()
        clone.discard()
        clone.reset()
        return clone

    def push_without_release(self, login: str = "bob", change: str = "more_results", reference: str = "") -> str:
        """A commit pushed straight to the designated branch, past its protection; the commit."""
        clone = self.aside(login)
        sha = clone.commit(clone.edit(change), reference or None)
        with self.github.let_past(login):
            clone.push_main()
        return sha

    def force_push(self, login: str = "bob") -> str:
        """The last commit of the designated branch replaced by another with the same files; the new one."""
        clone = self.aside(login)
        sha = clone.reword(f"{clone.last_commit.partition(' ')[2]}, once more")
        with self.github.let_past(login):
            clone.push_main(force=True)
        return sha

    def deploy_past_ci(self, login: str = "bob", change: str = "bigger_discount") -> str:
        """A new commit, on a branch at GitHub, built and handed to production with no run of CI; the commit."""
        clone = self.aside(login)
        sha = clone.commit(clone.edit(change))
        clone.push_as(f"quick-fix-{sha[:7]}")
        return self._deploy(clone)

    def deploy_without_ci(self, login: str) -> str:
        """Builds what is checked out on a laptop and hands it to production past CI; the commit deployed."""
        return self._deploy(self.laptop(login))

    def _deploy(self, laptop: Laptop) -> str:
        env = laptop.environment({"DEPLOY_URL": self.config.production_url, "DEPLOY_TOKEN": self.config.deploy_token})
        for script in ("bin/build", "bin/deploy"):
            command = [laptop.checkout / script]
            done = subprocess.run(command, cwd=laptop.checkout, env=env, capture_output=True, text=True)
            if done.returncode:
                raise NotPossible(done.stderr.strip())
        return laptop.head
