"""Production as the world's people handle it: through its address and its controls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.sandbox.world.changes import NotPossible


@dataclass(frozen=True)
class Production:
    """The service at `url`; every method is one request. Raises NotPossible with the answer's words."""

    url: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, trust_env=False))

    def versions(self, reads: int = 2) -> list[str]:
        """The commits that `reads` requests in a row were served by; `unreachable` where there was no answer."""
        return [self._version() for _ in range(reads)]

    def status(self) -> dict[str, Any]:
        """Instances, switches, environment and deploys."""
        found: dict[str, Any] = self._answer(self.client.get(f"{self.url}/_control/status"))
        return found

    def stall_next_deploy(self, on: bool = True) -> None:
        self._switch("stall_next_deploy", on)

    def half_fleet(self, on: bool = True) -> None:
        """Deploys reach only one instance; off: the other one catches up."""
        if on:
            self._switch("half_fleet", on)
        else:
            self.finish()

    def down(self, on: bool = True) -> None:
        self._switch("down", on)

    def slow(self, seconds: float) -> None:
        self._switch("slow", seconds)

    def finish(self) -> None:
        """Lets what was handed over last reach every instance."""
        self._post("finish", {})

    def restart(self) -> None:
        self._post("restart", {})

    def change_behaviour(self, on: bool = True) -> None:
        """A setting changed by hand: the bulk discount is another, the version the same."""
        self.configure({"SHOP_DISCOUNT_PERCENT": "25" if on else None})

    def configure(self, settings: dict[str, str | None]) -> None:
        """Environment variables of the running instances set (None: unset) by hand."""
        self._post("environment", settings)

    def edit(self, path: str, find: str, replace: str, instances: Sequence[str] = ("a", "b")) -> None:
        """A deployed file edited by hand."""
        self._post("edit", {"path": path, "find": find, "replace": replace, "instances": list(instances)})

    def _version(self) -> str:
        try:
            answer = self.client.get(f"{self.url}/version", timeout=5)
            return str(answer.json()["commit"]) if answer.status_code == 200 else "unreachable"
        except httpx.HTTPError:
            return "unreachable"

    def _switch(self, name: str, value: object) -> None:
        self._post("switch", {name: value})

    def _post(self, control: str, body: dict[str, Any]) -> None:
        self._answer(self.client.post(f"{self.url}/_control/{control}", json=body))

    @staticmethod
    def _answer(answer: httpx.Response) -> Any:
        if answer.is_error:
            raise NotPossible(f"production answered {answer.status_code}: {answer.json().get('detail', '')}")
        return answer.json()
