"""The reading of sop.yaml: every problem at once, each with its line, what was wrong and what is allowed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from bot.config.verdicts import verdict
from bot.sop.policy import Policy

TEXT = "tag:yaml.org,2002:str"
MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class PolicyProblem:
    """One thing wrong in sop.yaml. `line` counts from 1; 0: the file as a whole."""

    line: int
    where: str  # services[0].channel; empty for the whole file
    wrong: str
    allowed: str = ""

    def __str__(self) -> str:
        said = f"{self.where}: {self.wrong}" if self.where else self.wrong
        return f"{said}; {self.allowed}" if self.allowed else said


class BadPolicy(Exception):
    """sop.yaml cannot be used: file, and for each problem line, what was wrong and what is allowed."""

    def __init__(self, path: Path, problems: Iterable[PolicyProblem]) -> None:
        self.path = path
        self.problems = tuple(sorted(problems, key=lambda p: (p.line, p.where)))
        super().__init__("\n".join(f"{path}:{p.line}: {p}" if p.line else f"{path}: {p}" for p in self.problems))


def read_policy(path: Path) -> Policy:
    """The SOP in a file. Raises BadPolicy with every problem that was found."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadPolicy(path, [PolicyProblem(0, "", "there is no such file", "SOP_FILE names it")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadPolicy(path, [PolicyProblem(0, "", f"cannot be read: {error}")]) from None
    node, data = _parse(path, text)
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        raise BadPolicy(path, _policy_problems(node, error)) from None


def _parse(path: Path, text: str) -> tuple[yaml.Node, Any]:
    """The file as nodes (they know their lines) and as plain data. Raises BadPolicy."""
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise BadPolicy(path, [PolicyProblem(0, "", "is empty or no mapping", "see the example sop.yaml")])
        problems = tuple(_bad_keys(node, "", set()))
        if problems:
            raise BadPolicy(path, problems)
        return node, loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise BadPolicy(path, [PolicyProblem(mark.line + 1 if mark else 0, "", f"not YAML: {said}")]) from None
    except ValueError as error:  # a scalar that only looks like its type: the 45th of a month
        raise BadPolicy(path, [PolicyProblem(0, "", f"not YAML: {error}")]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        raise BadPolicy(path, [PolicyProblem(line, "", f"not YAML: {error.reason}")]) from None


def _bad_keys(node: yaml.Node, where: str, done: set[int]) -> Iterator[PolicyProblem]:
    """Keys that are written twice in one mapping, and keys that YAML does not read as text."""
    if id(node) in done:
        return
    done.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _bad_keys(item, f"{where}[{index}]", done)
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if key.tag not in (TEXT, MERGE):
                wrong = f"the key {written(key) or 'here'} is no text for YAML"
                yield PolicyProblem(line, where, wrong, "put it in quotes")
            elif name in lines and key.tag != MERGE:
                yield PolicyProblem(line, _inside(where, name), f"is here twice, first in line {lines[name]}")
            lines.setdefault(name, line)
            yield from _bad_keys(value, _inside(where, name), done)


def _inside(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _policy_problems(root: yaml.Node, error: ValidationError) -> Iterator[PolicyProblem]:
    """One problem a place: what pydantic says of the alternatives of one value becomes one sentence."""
    errors = error.errors()
    places: dict[tuple[int, str, str], list[str]] = {}
    for e in errors:
        if e["type"] == "too_short" and any(o["loc"][: len(e["loc"])] == e["loc"] and o is not e for o in errors):
            continue  # counted after the wrong items were left out: their own problems say it
        line, where, node = _place(root, e["loc"])
        wrong, allowed = verdict(e, written(node))
        told = places.setdefault((line, where, wrong), [])
        if allowed not in told:
            told.append(allowed)
    for (line, where, wrong), allowed_ones in places.items():
        first, *others = allowed_ones
        yield PolicyProblem(line, where, wrong, " or ".join((first, *(o.removeprefix("write ") for o in others))))


def _place(root: yaml.Node, loc: tuple[int | str, ...]) -> tuple[int, str, yaml.Node]:
    """Line, path and node of what pydantic names; parts of the name that are not in the file are passed over."""
    node, line, where = root, root.start_mark.line + 1, ""
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == part]
            if found:
                key, node = found[-1]
                line, where = key.start_mark.line + 1, _inside(where, str(part))
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line, where = node.start_mark.line + 1, f"{where}[{part}]"
    return line, where, node


def written(node: yaml.Node) -> str:
    """A scalar as it stands in the file; empty for lists and mappings."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
