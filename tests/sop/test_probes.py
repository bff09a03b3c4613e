"""Probe answers: normalising, shapes, differences, versions."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sop.facts import ProbeAnswer
from bot.sop.model import canonical
from bot.sop.policy import Compare, Probe, VersionSource
from bot.sop.probes import (
    ABSENT,
    MOST,
    SHOWN,
    answer,
    as_version,
    at_path,
    differences,
    is_version,
    normalise,
    parse,
    shape,
)

SHA = "4f2c9ab0000000000000000000000000000000de"
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)


def probe(compare: Compare = Compare.VALUE, *ignore: str) -> Probe:
    return Probe(name="search", path="/search", compare=compare, ignore=ignore)


def answered(body: Any, status: int = 200) -> ProbeAnswer:
    return ProbeAnswer(name="search", status=status, body=body)


def fields(local: Any, production: Any, compare: Compare = Compare.VALUE) -> list[str]:
    return [d.field for d in differences(answered(local), answered(production), probe(compare))]


@pytest.mark.parametrize(
    ("ignore", "body", "kept"),
    [
        (["at"], {"at": 1, "a": 2}, {"a": 2}),
        (["a.at"], {"a": {"at": 1, "b": 2}, "at": 3}, {"a": {"b": 2}, "at": 3}),
        (["items.*.id"], {"items": [{"id": 1, "n": "x"}, {"id": 2, "n": "y"}]}, {"items": [{"n": "x"}, {"n": "y"}]}),
        (["*.id"], {"a": {"id": 1}, "b": {"id": 2, "n": 3}}, {"a": {}, "b": {"n": 3}}),
        (["*.id"], [{"id": 1}, {"n": 2}], [{}, {"n": 2}]),
        (["items.1"], {"items": ["a", "b", "c"]}, {"items": ["a", "c"]}),
        (["items.*"], {"items": ["a", "b"]}, {"items": []}),
        (["*"], {"a": 1}, {}),
        (["no.such.path", "a.b.c", ""], {"a": {"b": 1}}, {"a": {"b": 1}}),
        (["at", "a.at", "*.b"], {"at": 0, "a": {"at": 1, "b": 2, "c": 3}}, {"a": {"c": 3}}),
        (["at"], "<p>at</p>", "<p>at</p>"),
        (["at"], None, None),
    ],
)
def test_ignored_fields_are_left_out(ignore: list[str], body: Any, kept: Any) -> None:
    assert normalise(body, tuple(ignore)) == kept


@settings(deadline=None)
@given(JSON, st.lists(st.sampled_from(["*", "a", "a.*", "*.b", "0", "*.*.c"]), max_size=3))
def test_normalising_keys_twice_changes_nothing_more(body: Any, paths: list[str]) -> None:
    named = tuple(p for p in paths if not p.split(".")[-1].isdecimal())  # a removed position gives its number away
    once = normalise(body, named)
    assert normalise(once, named) == once


@settings(deadline=None)
@given(JSON, JSON)
def test_an_ignored_field_never_differs(one: Any, other: Any) -> None:
    here, there = ({"items": [{"id": value, "n": 1}]} for value in (one, other))
    ignore = ("items.*.id",)
    assert fields(normalise(here, ignore), normalise(there, ignore)) == []


@settings(deadline=None)
@given(JSON)
def test_an_answer_is_identical_to_itself_even_after_a_trip_through_json(body: Any) -> None:
    there = ProbeAnswer.model_validate_json(answered(body).model_dump_json())
    assert differences(answered(body), there, probe()) == ()
    assert differences(answered(body), there, probe(Compare.SHAPE)) == ()


@settings(deadline=None)
@given(JSON, JSON)
def test_values_differ_exactly_when_their_json_does(one: Any, other: Any) -> None:
    assert bool(fields(one, other)) == (_as_numbers(one) != _as_numbers(other))


def _as_numbers(value: Any) -> str:
    """Canonical text in which 1 and 1.0 are the same number."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{k!r}:{_as_numbers(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_as_numbers, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return canonical(value)


@settings(deadline=None)
@given(JSON)
def test_a_shape_does_not_depend_on_numbers_and_texts(body: Any) -> None:
    assert shape(_other_values(body)) == shape(body)


def _other_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _other_values(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_other_values(v) for v in [*value, *value[:1]]]
    if isinstance(value, bool) or value is None:
        return value if value is None else not value
    return value + "!" if isinstance(value, str) else 7


@pytest.mark.parametrize(
    ("local", "production", "expected"),
    [
        ({"a": 1, "b": {"c": [1, 2]}}, {"a": 1, "b": {"c": [1, 3]}}, ["body.b.c.1"]),
        ({"a": 1}, {"b": 1}, ["body.a", "body.b"]),
        ([1, 2], [1], ["body.1"]),
        ({"n": 1}, {"n": True}, ["body.n"]),
        ({"n": 0}, {"n": False}, ["body.n"]),
        ({"n": 1}, {"n": 1.0}, []),
        ({"n": "1"}, {"n": 1}, ["body.n"]),
        ({"n": None}, {}, ["body.n"]),
        ({}, [], ["body"]),
        ("<p>old</p>", "<p>new</p>", ["body"]),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}, []),
    ],
)
def test_values_are_compared_field_by_field(local: Any, production: Any, expected: list[str]) -> None:
    assert fields(local, production) == expected


@pytest.mark.parametrize(
    ("local", "production", "expected"),
    [
        ({"total": 1, "items": [{"n": "a"}]}, {"total": 2, "items": [{"n": "b"}, {"n": "c"}]}, []),
        ({"total": 1}, {"total": "1"}, ["body.total"]),
        ({"items": [{"n": 1}]}, {"items": [{"n": 1, "m": 2}]}, ["body.items.*.m"]),
        ({"items": [{"n": 1}]}, {"items": []}, ["body.items.*"]),
        ({"items": [1, "a"]}, {"items": ["a", 1, 2]}, []),
        ("one page", "another page", []),
        ("a page", {"a": "JSON"}, ["body"]),
    ],
)
def test_shapes_compare_keys_and_types(local: Any, production: Any, expected: list[str]) -> None:
    assert fields(local, production, Compare.SHAPE) == expected


@pytest.mark.parametrize("compare", list(Compare))
def test_the_status_always_counts(compare: Compare) -> None:
    (found,) = differences(answered({"a": 1}), answered({"a": 1}, 500), probe(compare))
    assert (found.field, found.local, found.production) == ("HTTP status", "200", "500")


def test_status_only_does_not_look_at_bodies() -> None:
    assert fields({"a": 1}, {"b": [2]}, Compare.STATUS) == []


@pytest.mark.parametrize("compare", list(Compare))
def test_an_error_never_equals_anything(compare: Compare) -> None:
    failed = ProbeAnswer(name="search", error="could not connect")
    for local, production in ((failed, failed), (failed, answered(None)), (answered(None), failed)):
        (found,) = differences(local, production, probe(compare))
        assert found.field == "answer"
        assert "could not connect" in (found.local, found.production)


def test_long_values_are_cut_for_display_where_they_differ_but_compared_whole() -> None:
    page = "x" * 5000
    (found,) = differences(answered(page + "old" + page), answered(page + "new" + page), probe())
    assert "xold" in found.local and "xnew" in found.production
    assert len(found.local) <= SHOWN + 40 and len(found.production) <= SHOWN + 40
    (tail,) = differences(answered(page), answered(page + "!"), probe())
    assert tail.local != tail.production


def test_the_number_of_differences_is_bounded() -> None:
    assert len(fields(list(range(5000)), list(range(1, 5001)))) == MOST


def test_an_absent_field_says_so() -> None:
    (found,) = differences(answered({"a": 1}), answered({}), probe())
    assert (found.local, found.production) == ("1", ABSENT)


@pytest.mark.parametrize(
    "text",
    [
        "<!doctype html><p>Hello</p>",
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": -Infinity}',
        '"\\ud800"',
        "[" * 100 + "]" * 100,
        "[" * 200_000,
        "1" * 5000,
        '{"a": 1} trailing',
    ],
)
def test_what_is_no_plain_json_is_compared_as_text(text: str) -> None:
    assert parse(text) == text


@settings(deadline=None)
@given(JSON)
def test_json_bodies_are_read_as_json(value: Any) -> None:
    assert parse(json.dumps(value)) == value


def test_answers_keep_what_is_compared() -> None:
    body = '{"served_at": "now", "n": 1}'
    assert answer(probe(Compare.VALUE, "served_at"), 200, body).body == {"n": 1}
    assert answer(probe(Compare.STATUS), 200, body).body is None
    assert answer(probe(), 204, "").body is None


@pytest.mark.parametrize(
    ("path", "expected"), [("commit", "c"), ("build.sha", "s"), ("list.1", 2), ("list.2", None), ("build.no.way", None)]
)
def test_dotted_paths_lead_into_json(path: str, expected: Any) -> None:
    assert at_path({"commit": "c", "build": {"sha": "s"}, "list": [1, 2]}, path) == expected


@pytest.mark.parametrize(
    ("served", "same"),
    [
        (SHA, True),
        (SHA.upper(), True),
        (f" {SHA[:7]}\n", True),
        (SHA[:6], False),
        ("", False),
        (None, False),
        ("0" + SHA[1:], False),
        (SHA + "0", False),
        ("v1.4", True),
        ("v1.3", False),
        ("v1.5", True),
        ("main", False),
    ],
)
def test_a_version_is_the_commit_a_prefix_or_a_mapped_name(served: str | None, same: bool) -> None:
    source = VersionSource(map={"v1.4": SHA, "v1.3": "a" * 40, "v1.5": SHA[:12]})
    assert is_version(served, SHA, source) is same


def test_a_mapped_version_stays_what_it_is_when_mapped_again() -> None:
    source = VersionSource(map={"v1.4": SHA})
    assert as_version(as_version("v1.4", source), source) == SHA
