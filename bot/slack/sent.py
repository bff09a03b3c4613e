"""A form as it came back, as its handler gets it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.desk import Outcome
from bot.slack.answer import Place
from bot.slack.cards.forms import View
from bot.sop.codes import Code
from bot.sop.decision import Refusal


@dataclass(frozen=True)
class Sent:
    """A form as it came back: who, what was kept in it, and the inputs by name (None where nothing was chosen)."""

    user: str
    kept: dict[str, Any]
    inputs: dict[str, Any]

    def text(self, name: str) -> str:
        found = self.inputs.get(name)
        return found if isinstance(found, str) else ""

    def many(self, name: str) -> tuple[str, ...]:
        found = self.inputs.get(name)
        return tuple(found) if isinstance(found, list) else ()

    def time(self, name: str) -> datetime | None:
        found = self.inputs.get(name)
        return datetime.fromtimestamp(found, UTC) if isinstance(found, int) else None

    @property
    def id(self) -> int:
        found = self.kept.get("id")
        return found if isinstance(found, int) else 0

    @property
    def place(self) -> Place | None:
        """Where the form was opened; None: on the Home tab."""
        found = self.kept.get("place")
        return Place(self.user, found["channel"], found.get("url")) if isinstance(found, dict) else None


def read(user: str, view: View) -> Sent:
    """Every input by its block's name, whatever its kind; unset ones arrive as null."""
    inputs: dict[str, Any] = {}
    for block, elements in view.get("state", {}).get("values", {}).items():
        for element in elements.values():
            inputs[block] = _value(element)
    try:
        kept = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        kept = {}
    return Sent(user=user, kept=kept if isinstance(kept, dict) else {}, inputs=inputs)


def _value(element: dict[str, Any]) -> Any:
    if "selected_options" in element:
        return [o["value"] for o in element["selected_options"] or []]
    if "selected_option" in element:
        return (element["selected_option"] or {}).get("value")
    if "selected_date_time" in element:
        return element["selected_date_time"]
    return element.get("value")


def missing(name: str) -> Outcome:
    """Nothing was chosen where something must be."""
    return Outcome(refusal=Refusal(code=Code.EMPTY, values={"field": name}, field=name))
