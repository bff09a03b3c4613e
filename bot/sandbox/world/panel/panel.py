"""The world panel: its sections to look at, and one way to do what they offer."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.panel.around import Around
from bot.sandbox.world.panel.bot import BotSection
from bot.sandbox.world.panel.ci import Ci
from bot.sandbox.world.panel.controls import Section
from bot.sandbox.world.panel.laptop import Desk
from bot.sandbox.world.panel.production import ProductionSection
from bot.sandbox.world.panel.switches import Switches
from bot.sandbox.world.world import World


class Panel:
    """One panel for everybody who looks; only whose laptop they look at each window chooses for itself."""

    def __init__(self, world: World) -> None:
        self._desks = {login: Desk(world, login) for login in world.laptops}
        self._sections: dict[str, Callable[[], Section]] = {
            "ci": Ci(world).section,
            "production": ProductionSection(world).section,
            "around": Around(world).section,
            "switches": Switches(world).section,
        }
        if world.config.bot_pid is not None:
            self._sections["bot"] = BotSection(world.config.bot_pid).section

    def shown(self, laptop: str | None = None) -> dict[str, Any]:
        """`{sections: […]}` as the page draws it. `laptop`: its owner's login, the first one's when none is given."""
        sections = self._of(laptop)
        return {"sections": [section().shown() for section in sections.values()]}

    def do(self, section: str, control: str, value: Any, laptop: str | None = None) -> str:
        """Does it and says what was done. Raises NotPossible."""
        sections = self._of(laptop)
        if section not in sections:
            raise NotPossible(f"there is no section {section}")
        if section == "laptop" and self._desk(laptop).laptop.preflighting:
            raise NotPossible("Preflight is running on this laptop; wait until it has ended")
        for one in sections[section]().controls:
            if one.id == control:
                return one.do(value)
        raise NotPossible(f"{section} has no control {control}")

    def _desk(self, laptop: str | None) -> Desk:
        return self._desks.get(laptop or "") or next(iter(self._desks.values()))

    def _of(self, laptop: str | None) -> dict[str, Callable[[], Section]]:
        return {"laptop": self._desk(laptop).section, **self._sections}
