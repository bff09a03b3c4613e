"""What a panel is made of. A section is built anew each time it is looked at; its controls know what they do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Tone = Literal["good", "bad", "busy", "plain"]


@dataclass(frozen=True)
class Line:
    """One thing as it is now."""

    label: str
    value: str
    tone: Tone = "plain"
    href: str | None = None

    def shown(self) -> dict[str, Any]:
        return without_none(label=self.label, value=self.value, tone=self.tone, href=self.href)


@dataclass(frozen=True)
class Control:
    """Something to press, flip, choose or type; `do` takes the value and answers with a sentence for the person.

    `kept`: only the window in which it was chosen keeps the value, under this name, and sends it along from then on."""

    id: str
    label: str
    do: Callable[[Any], str]
    kind: Literal["button", "switch", "select", "text"] = "button"
    value: str | bool | None = None
    options: tuple[tuple[str, str], ...] = ()  # (value, label)
    hint: str | None = None
    confirm: str | None = None
    kept: str | None = None

    def shown(self) -> dict[str, Any]:
        options = [{"value": value, "label": label} for value, label in self.options] or None
        return without_none(
            id=self.id,
            label=self.label,
            kind=self.kind,
            value=self.value,
            options=options,
            hint=self.hint,
            confirm=self.confirm,
            kept=self.kept,
        )


@dataclass(frozen=True)
class Section:
    id: str
    title: str
    lines: tuple[Line, ...]
    controls: tuple[Control, ...]
    log: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "status_lines": [line.shown() for line in self.lines],
            "controls": [control.shown() for control in self.controls],
            "log": self.log,
        }


def without_none(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def button(id_: str, label: str, do: Callable[[], str], hint: str | None = None, confirm: str | None = None) -> Control:
    return Control(id_, label, lambda _value: do(), hint=hint, confirm=confirm)


def told(said: str, act: Callable[[], object]) -> Callable[[], str]:
    """Does it and says this."""

    def do() -> str:
        act()
        return said

    return do


def switch(id_: str, label: str, on: bool, flip: Callable[[bool], None], hint: str | None = None) -> Control:
    def do(value: Any) -> str:
        wanted = value in (True, "true", "on")
        flip(wanted)
        return f"{label}: {'on' if wanted else 'off'}"

    return Control(id_, label, do, "switch", on, hint=hint)
