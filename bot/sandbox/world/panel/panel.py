"""The world panel: its sections to look at, and one way to do what they offer."""

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
    """One panel for everybody who looks."""

    def __init__(self, world: World) -> None:
        self.desk = Desk(world)
        self._sections = {
            "laptop": self.desk.section,
            "ci": Ci(world).section,
            "production": ProductionSection(world).section,
            "around": Around(world).section,
            "switches": Switches(world).section,
        }
        if world.config.bot_pid is not None:
            self._sections["bot"] = BotSection(world.config.bot_pid).section

    def shown(self) -> dict[str, Any]:
        """`{sections: […]}` as the page draws it."""
        return {"sections": [section().shown() for section in self._sections.values()]}

    def do(self, section: str, control: str, value: Any) -> str:
        """Does it and says what was done. Raises NotPossible."""
        if section == "laptop" and control != "person" and self.desk.laptop.preflighting:
            raise NotPossible("Preflight is running on this laptop; wait until it has ended")
        for one in self._section(section).controls:
            if one.id == control:
                return one.do(value)
        raise NotPossible(f"{section} has no control {control}")

    def _section(self, id_: str) -> Section:
        if id_ not in self._sections:
            raise NotPossible(f"there is no section {id_}")
        return self._sections[id_]()
