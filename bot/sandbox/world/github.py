"""The sandbox's GitHub as the world's people handle it: its REST API as a maintainer, and its controls."""

import re
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.sandbox.world.changes import NotPossible

CRITICAL = "critical"


@dataclass
class Github:
    """One repository at `url`. Raises NotPossible with GitHub's words."""

    url: str
    repository: str
    branch: str
    token: str
    supplier_offline: bool = False
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

    def rerun(self, run: int) -> None:
        self._send("POST", f"actions/runs/{run}/rerun")

    def cancel(self, run: int) -> None:
        self._send("POST", f"actions/runs/{run}/cancel")

    def open_critical(self, title: str) -> int:
        """Opens an issue with the label of CRITICAL; its number."""
        made = self._send("POST", "issues", {"title": title, "labels": [CRITICAL]}).json()
        return int(made["number"])

    def open_criticals(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("issues", state="open", labels=CRITICAL)
        return found

    def close_criticals(self) -> int:
        """Closes every open CRITICAL issue; how many."""
        issues = self.open_criticals()
        for issue in issues:
            self._send("PATCH", f"issues/{issue['number']}", {"state": "closed"})
        return len(issues)

    # What a maintainer sets up.

    def add_signing_key(self, login: str, key: str) -> None:
        self._control("signing_keys", login=login, keys=[key])

    def set_environment(self, variables: dict[str, str], secrets: dict[str, str]) -> None:
        """Replaces the variables and secrets of the environment `production`."""
        self._control("environment", variables=variables, secrets=secrets)

    def protect(self, **rule: Any) -> None:
        """Protects the designated branch (`pushers`, `required_checks`, …); `off=True` lifts it."""
        self._control("protect", branch=self.branch, **rule)

    # What can be made to go wrong.

    def switches(self) -> dict[str, bool]:
        """Which of the following are on."""
        state = self._answer(self.client.get(f"{self.url}/_control/state")).json()
        faults = state["faults"]
        return {
            "never_starts": faults["never_starts"],
            "slow_ci": faults["step_delay"] > 0,
            "hold_deploy": "deploy" in faults["held_jobs"],
            "down": faults["api_down"],
            "webhooks_off": state["webhooks_off"],
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

    def webhooks_off(self, on: bool = True) -> None:
        self._control("webhooks", off=on)

    def _control(self, name: str, **given: Any) -> Any:
        return self._answer(self.client.post(f"{self.url}/_control/{name}", json=given)).json()

    def _get(self, path: str, **query: Any) -> Any:
        # What has not changed costs nothing of the rate limit: the panel asks every two seconds.
        url = str(httpx.URL(f"{self.url}/repos/{self.repository}/{path}", params=query))
        etag, held = self.seen.get(url, ("", None))
        answer = self.client.get(url, headers={"Authorization": f"Bearer {self.token}", "If-None-Match": etag})
        if answer.status_code == 304:
            return held
        found = self._answer(answer).json()
        self.seen[url] = (answer.headers.get("ETag", ""), found)
        return found

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        url = f"{self.url}/repos/{self.repository}/{path}"
        return self._answer(
            self.client.request(method, url, json=body, headers={"Authorization": f"Bearer {self.token}"})
        )

    @staticmethod
    def _answer(answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            raise NotPossible(f"GitHub answered {answer.status_code}: {answer.json().get('message', '')}")
        return answer
