"""Production as the world's people handle it: through its address and its controls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.sandbox.world.changes import ROOM, NotPossible

# probe -> file, and the line after which it fails; prices are in quotes too
BROKEN = {
    "cart": ("shop/checkout.py", "    subtotal = 0\n"),
    "search": ("shop/search.py", "    words = query.lower().split()\n"),
    "products": ("shop/app.py", "        products = [asdict(product) for product in self.products.values()]\n"),
}


@dataclass(frozen=True)
class Production:
    """The service at `url`; every method is one request. Raises NotPossible with the answer's words."""

    url: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, trust_env=False))

    def versions(self, reads: int = 2) -> list[str]:
        """The commits that `reads` requests in a row were served by; `unreachable` where there was no answer."""
        return [self._version() for _ in range(reads)]

    def ask(self, path: str) -> tuple[int, Any]:
        """What a customer gets: HTTP status, and the JSON of the answer."""
        answer = self.client.get(f"{self.url}{path}")
        return answer.status_code, answer.json()

    def status(self) -> dict[str, Any]:
        """Instances, switches, environment and deploys."""
        found: dict[str, Any] = self._asked("GET", "status")
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

    # What a hand can do to it.

    def change_behaviour(self, on: bool = True) -> None:
        """A setting changed by hand: the bulk discount is another, the version the same."""
        self.configure({"SHOP_DISCOUNT_PERCENT": "25" if on else None})

    def configure(self, settings: dict[str, str | None]) -> None:
        """Environment variables of the running instances set (None: unset) by hand."""
        self._post("environment", settings)

    def edit(self, path: str, find: str, replace: str, instances: Sequence[str] = ("a", "b")) -> None:
        """A deployed file edited by hand."""
        self._post("edit", {"path": path, "find": find, "replace": replace, "instances": list(instances)})

    def edit_file(self) -> None:
        """The prepared edit by hand: shipping is free from 5 euro; the version stays."""
        self.edit("shop/checkout.py", "FREE_SHIPPING_FROM = 5000", "FREE_SHIPPING_FROM = 500")

    def strange_version(self, text: str = "emergency-patch") -> None:
        """The version that production names is no commit that anybody knows."""
        self.edit("build/build.json", f'"commit": "{self._version()}"', f'"commit": "{text}"')

    def break_probe(self, name: str = "cart") -> None:
        """A deployed file edited by hand so that this probe (a name in BROKEN) is answered 500; `restore` mends it."""
        if name not in BROKEN:
            raise NotPossible(f"there is nothing prepared to break {name}; there is for {', '.join(BROKEN)}")
        path, sound = BROKEN[name]
        indented = sound[: len(sound) - len(sound.lstrip())]
        self.edit(path, sound, f'{sound}{indented}raise RuntimeError("{name} is out of order")\n')

    def restore(self) -> None:
        """Takes back everything done by hand: files are as they were deployed, settings are gone."""
        self._post("restore", {})

    def under_load(self, most: int = 2 * (ROOM + 2)) -> int:
        """Asks for prices until one is not answered 200, at most so often; how often it was asked."""
        try:
            for count in range(1, most + 1):
                if self.client.get(f"{self.url}/cart/total?items=1,2").status_code != 200:
                    return count
        except httpx.HTTPError as error:
            raise NotPossible(f"production cannot be reached: {error}") from error
        return most

    def heal(self) -> None:
        """Nothing that this class can break stays broken; a half-updated fleet catches up."""
        for name, value in {"down": False, "stall_next_deploy": False, "slow": 0}.items():
            self._switch(name, value)
        self.half_fleet(False)
        self.restore()

    def _version(self) -> str:
        try:
            answer = self.client.get(f"{self.url}/version", timeout=5)
            return str(answer.json()["commit"]) if answer.status_code == 200 else "unreachable"
        except httpx.HTTPError:
            return "unreachable"

    def _switch(self, name: str, value: object) -> None:
        self._post("switch", {name: value})

    def _post(self, control: str, body: dict[str, Any]) -> None:
        self._asked("POST", control, body)

    def _asked(self, method: str, control: str, body: dict[str, Any] | None = None) -> Any:
        try:
            answer = self.client.request(method, f"{self.url}/_control/{control}", json=body)
        except httpx.HTTPError as error:
            raise NotPossible(f"production cannot be reached: {error}") from error
        if answer.is_error:
            raise NotPossible(f"production answered {answer.status_code}: {answer.json().get('detail', '')}")
        return answer.json()
