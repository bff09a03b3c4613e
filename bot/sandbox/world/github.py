"""The sandbox's GitHub as the world's people handle it: its REST API as a maintainer, and its controls."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.sandbox.world.changes import NotPossible

CRITICAL = "critical"


@dataclass
class Github:
    """One repository at `url`. Raises NotPossible with GitHub's words.

    Where a `login` may be named the act is that person's, otherwise the maintainer's, whose `token` is given.
    """

    url: str
    repository: str
    branch: str
    token: str
    supplier_offline: bool = False
    places: tuple[dict[str, str], dict[str, str]] = field(default_factory=lambda: ({}, {}))  # as they should be
    seen: dict[str, tuple[str, Any]] = field(default_factory=dict)  # URL -> ETag, answer
    client: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=30, trust_env=False, follow_redirects=True)
    )

    def runs(self, most: int = 10) -> list[dict[str, Any]]:
        """The latest workflow runs as GitHub describes them, newest first."""
        found: list[dict[str, Any]] = self._get("actions/runs", per_page=most)["workflow_runs"]
        return found

    def run_of(self, sha: str, within: float = 30) -> dict[str, Any]:
        """The completed run of a push of `sha` to the designated branch. Raises NotPossible when it takes longer."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            asked = self._get("actions/runs", head_sha=sha, branch=self.branch, event="push")
            done: list[dict[str, Any]] = [run for run in asked["workflow_runs"] if run["status"] == "completed"]
            if done:
                return done[0]
            time.sleep(0.1)
        raise NotPossible(f"no run of {sha[:7]} on {self.branch} has completed within {within:.0f} s")

    def head_of(self, branch: str) -> str:
        """The commit a branch stands at."""
        return str(self._get(f"git/ref/heads/{branch}")["object"]["sha"])

    def log_lines(self, run: int, most: int = 40) -> list[str]:
        """The end of the log of a run's first failed job, or of its last one; without time stamps and colours."""
        jobs = self._get(f"actions/runs/{run}/jobs")["jobs"]
        told = [job for job in jobs if job["conclusion"] not in (None, "success", "skipped")] or jobs[-1:]
        if not told:
            return []
        text = self._send("GET", f"actions/jobs/{told[0]['id']}/logs").text
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text.lstrip("\ufeff"))
        lines = [line.partition(" ")[2] for line in plain.splitlines()]
        return [f"── {told[0]['name']}", *lines[-most:]]

    def last_run(self, event: str = "push") -> dict[str, Any]:
        """The newest run of the designated branch. Raises NotPossible when there is none."""
        found: list[dict[str, Any]] = self._get("actions/runs", branch=self.branch, event=event)["workflow_runs"]
        if not found:
            raise NotPossible(f"no {event} on {self.branch} has started a run yet")
        return found[0]

    def rerun(self, run: int, login: str = "") -> None:
        """Every job again, with no cause recorded anywhere."""
        self._send("POST", f"actions/runs/{run}/rerun", login=login)

    def rerun_failed(self, run: int, login: str = "") -> None:
        """The jobs that failed, and those that need them, again."""
        self._send("POST", f"actions/runs/{run}/rerun-failed-jobs", login=login)

    def cancel(self, run: int, login: str = "") -> None:
        self._send("POST", f"actions/runs/{run}/cancel", login=login)

    def dispatch(self, login: str = "", ref: str = "", workflow: str = "deploy.yml") -> int:
        """Starts a workflow by hand, on the designated branch unless `ref` names another; the run's id."""
        body = {"ref": ref or self.branch, "return_run_details": True}
        started = self._send("POST", f"actions/workflows/{workflow}/dispatches", body, login=login).json()
        return int(started["workflow_run_id"])

    def pulls(self) -> list[dict[str, Any]]:
        """Open pull requests, newest first."""
        found: list[dict[str, Any]] = self._get("pulls", state="open")
        return found

    def merge(self, number: int, login: str = "", method: str = "merge") -> str:
        """Merges a pull request (`merge`, `squash` or `rebase`); the new head of its base."""
        answer = self._send("PUT", f"pulls/{number}/merge", {"merge_method": method}, login=login)
        return str(answer.json()["sha"])

    def open_issue(self, title: str, body: str = "", labels: Sequence[str] = (), login: str = "") -> int:
        """Opens an issue; its number."""
        wanted = {"title": title, "body": body, "labels": list(labels)}
        return int(self._send("POST", "issues", wanted, login=login).json()["number"])

    def close_issue(self, number: int, login: str = "") -> None:
        self._send("PATCH", f"issues/{number}", {"state": "closed"}, login=login)

    def open_critical(self, title: str) -> int:
        """Opens an issue with the label of CRITICAL; its number."""
        return self.open_issue(title, labels=[CRITICAL])

    def open_criticals(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("issues", state="open", labels=CRITICAL)
        return found

    def close_criticals(self) -> int:
        """Closes every open CRITICAL issue; how many."""
        issues = self.open_criticals()
        for issue in issues:
            self.close_issue(issue["number"])
        return len(issues)

    # What a maintainer sets up.

    def add_signing_key(self, login: str, key: str) -> None:
        self._control("signing_keys", login=login, keys=[key])

    def set_environment(self, variables: dict[str, str], secrets: dict[str, str]) -> None:
        """Replaces the variables and secrets of the environment `production`; what it should have from now on."""
        self.places = (dict(variables), dict(secrets))
        self.restore_environment()

    def remove_variable(self, name: str = "DEPLOY_URL") -> None:
        """A variable of `production` is gone; `restore_environment` brings it back."""
        variables = {one["name"]: one["value"] for one in self._environment("variables")["variables"]}
        if variables.pop(name, None) is None:
            raise NotPossible(f"the environment production has no variable {name}")
        self._control("environment", variables=variables)

    def remove_secret(self, name: str = "DEPLOY_TOKEN") -> None:
        """A secret of `production` is gone; `restore_environment` brings it back."""
        names = [one["name"] for one in self._environment("secrets")["secrets"]]
        if name not in names:
            raise NotPossible(f"the environment production has no secret {name}")
        self._control("environment", secrets={one: self.places[1].get(one, "") for one in names if one != name})

    def restore_environment(self) -> None:
        """The variables and secrets of `production` as they were set up."""
        variables, secrets = self.places
        self._control("environment", variables=variables, secrets=secrets)

    def missing(self) -> list[str]:
        """Names of variables and secrets that `production` should have and has not."""
        variables = {one["name"] for one in self._environment("variables")["variables"]}
        secrets = {one["name"] for one in self._environment("secrets")["secrets"]}
        return sorted({*self.places[0]} - variables | {*self.places[1]} - secrets)

    def protect(self, **rule: Any) -> None:
        """Protects the designated branch (`pushers`, `required_checks`, …); `off=True` lifts it."""
        self._control("protect", branch=self.branch, **rule)

    @contextmanager
    def let_past(self, login: str) -> Iterator[None]:
        """For a moment a person may push past the branch's protection, forced too; GitHub remembers what they push."""
        rule = self._state()["protections"][self.repository].get(self.branch)
        if rule is not None:
            self.protect(**rule | {"bypassers": [*rule["bypassers"], login]})
        try:
            yield
        finally:
            if rule is not None:
                self.protect(**rule)

    # What can be made to go wrong.

    def switches(self) -> dict[str, bool]:
        """Which of the following are on."""
        state = self._state()
        faults = state["faults"]
        return {
            "never_starts": faults["never_starts"],
            "slow_ci": faults["step_delay"] > 0,
            "hold_deploy": "deploy" in faults["held_jobs"],
            "down": faults["api_down"],
            "webhooks_off": state["webhooks_off"],
            "rate_limit": bool(state["limited"]),
            "failing_test": self.supplier_offline,
        }

    def failing_test(self, on: bool = True) -> None:
        """A test fails in CI, and only there: the supplier it asks is offline."""
        self.supplier_offline = on
        self._control("variables", variables={"SUPPLIER": "offline" if on else "warehouse"})

    def never_starts(self, on: bool = True) -> None:
        self._control("ci_never_starts", on=on)

    def slow_ci(self, on: bool = True, seconds: float = 2) -> None:
        """Every step takes `seconds` longer."""
        self._control("ci_slow", step=seconds if on else 0)

    def hold_deploy(self, on: bool = True) -> None:
        """The deploy job stays queued."""
        self._control("hold_jobs" if on else "release_jobs", jobs=["deploy"])

    def down(self, on: bool = True) -> None:
        self._control("api_down", on=on)

    def rate_limited(self, on: bool = True, seconds: int = 120) -> None:
        """The bot's budget is used up, and is filled anew after so many seconds. Who was told waits even when it is
        switched off before."""
        self._control("rate_limit", **({"kind": "primary", "reset_in": seconds} if on else {"kind": "off"}))

    def webhooks_off(self, on: bool = True) -> None:
        self._control("webhooks", off=on)

    def heal(self) -> None:
        """Nothing that this class can break stays broken."""
        self._control("heal")
        self.webhooks_off(False)
        self.failing_test(False)
        self.restore_environment()

    def _state(self) -> dict[str, Any]:
        found: dict[str, Any] = self._asked("GET", f"{self.url}/_control/state").json()
        return found

    def _environment(self, what: str) -> dict[str, Any]:
        found: dict[str, Any] = self._get(f"environments/production/{what}")
        return found

    def _control(self, name: str, **given: Any) -> Any:
        return self._asked("POST", f"{self.url}/_control/{name}", json=given).json()

    def _get(self, path: str, **query: Any) -> Any:
        # What has not changed costs nothing of the rate limit: the panel asks every two seconds.
        url = str(httpx.URL(f"{self.url}/repos/{self.repository}/{path}", params=query))
        etag, held = self.seen.get(url, ("", None))
        answer = self._asked("GET", url, headers={"Authorization": f"Bearer {self.token}", "If-None-Match": etag})
        if answer.status_code == 304:
            return held
        found = answer.json()
        self.seen[url] = (answer.headers.get("ETag", ""), found)
        return found

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None, login: str = "") -> httpx.Response:
        url = f"{self.url}/repos/{self.repository}/{path}"
        token = f"ghp_{login}" if login else self.token
        return self._asked(method, url, json=body, headers={"Authorization": f"Bearer {token}"})

    def _asked(self, method: str, url: str, **more: Any) -> httpx.Response:
        try:
            answer = self.client.request(method, url, **more)
        except httpx.HTTPError as error:
            raise NotPossible(f"GitHub cannot be reached: {error}") from error
        if answer.is_error:
            raise NotPossible(f"GitHub answered {answer.status_code}: {answer.json().get('message', '')}")
        return answer
