"""The README's state diagrams, drawn from the transition tables. `python -m tests.diagrams` puts them into it."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.sop import change, freeze, incident, stages, violation
from bot.sop.records import ChangeStatus, FreezeStatus, IncidentStatus, ViolationStatus
from bot.sop.stages import Procedure, Stage

README = Path(__file__).parent.parent / "README.md"
Table = Mapping[tuple[Any, Any], Collection[Any]]  # (state, intent) -> states, all of them StrEnums


def drawn(table: Table, starts: Mapping[StrEnum, str]) -> str:
    """A Mermaid state diagram: every transition that leads to another state, and where a thing begins and ends."""
    edges: dict[tuple[str, str], list[str]] = {}
    for (state, intent), targets in table.items():
        for target in sorted(targets):
            if target.value != state.value:
                edges.setdefault((state.value, target.value), []).append(intent.value)
    sources, targets_all = {a for a, _ in edges}, {b for _, b in edges}
    lines = ["stateDiagram-v2"]
    lines += [f"  [*] --> {state.value}: {why}" for state, why in starts.items()]
    lines += [f"  {a} --> {b}: {', '.join(intents)}" for (a, b), intents in edges.items()]
    lines += [f"  {state} --> [*]" for state in sorted(targets_all - sources)]
    return "\n".join(lines)


DIAGRAMS: dict[str, str] = {
    "A release": drawn(stages.TRANSITIONS[Procedure.STANDARD], {Stage.PRECONDITIONS: "start"}),
    "A hotfix": drawn(stages.TRANSITIONS[Procedure.HOTFIX], {Stage.INCIDENT: "start"}),
    "A rollback": drawn(stages.TRANSITIONS[Procedure.ROLLBACK], {Stage.REVERT: "start"}),
    "A change request": drawn(change.TRANSITIONS, {ChangeStatus.OPEN: "file"}),
    "A freeze": drawn(freeze.TRANSITIONS, {FreezeStatus.SCHEDULED: "schedule", FreezeStatus.ACTIVE: "start"}),
    "An incident": drawn(incident.TRANSITIONS, {IncidentStatus.OPEN: "declare"}),
    "A violation": drawn(violation.TRANSITIONS, {ViolationStatus.OPEN: "see"}),
}


def put_into(readme: str) -> str:
    """The README with its diagrams drawn anew."""
    for name, text in DIAGRAMS.items():
        head, _, rest = readme.partition(f"### {name}\n\n```mermaid\n")
        readme = f"{head}### {name}\n\n```mermaid\n{text}\n```{rest.partition('```')[2]}"
    return readme


if __name__ == "__main__":
    README.write_text(put_into(README.read_text(encoding="utf-8")), encoding="utf-8")
