"""import-linter's contract for rooms: who may import what, as a list of what is allowed.

A row reads `ROOM: MODULE …`. A room is a module with all that is below it; the longest room that fits a module is its
room. The standard library, the room itself and the rooms inside it are always allowed; everything else must be named.
"""

import sys
from collections.abc import Iterator
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class Rooms(Contract):
    """`rooms`: the rows. A module that imports anything must have a room."""

    rooms = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        rows = parsed(cast("list[str]", self.rooms))
        offences = [offence for module in sorted(graph.modules) for offence in offences_of(graph, rows, module)]
        missing = [f"{room} has a row but is not there" for room in rows if room not in graph.modules]
        return ContractCheck(kept=not offences and not missing, metadata={"said": [*offences, *missing]})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["said"]:
            output.print_error(line)


def parsed(lines: list[str]) -> dict[str, set[str]]:
    """Room -> what it may import."""
    rows = (line.split(":", 1) for line in lines)
    return {room.strip(): set(allowed.split()) for room, allowed in rows}


def inside(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


def room_of(module: str, rows: dict[str, set[str]]) -> str | None:
    """The longest room that fits."""
    return max((room for room in rows if inside(module, room)), key=len, default=None)


def offences_of(graph: ImportGraph, rows: dict[str, set[str]], module: str) -> Iterator[str]:
    """What a module imports against its row, a sentence each."""
    if graph.is_module_squashed(module):  # a package that is not ours
        return
    room = room_of(module, rows)
    for imported in sorted(graph.find_modules_directly_imported_by(module)):
        if imported.split(".")[0] in sys.stdlib_module_names:
            continue
        if room is None:
            yield f"{module} imports {imported} and belongs to no room"
        elif not inside(imported, room) and not any(inside(imported, allowed) for allowed in rows[room]):
            yield f"{module} imports {imported}: {room} may import {', '.join(sorted(rows[room])) or 'nothing'}"
