"""What records and facts refuse, whoever makes them."""

import json

import pytest
from pydantic import ValidationError

from bot.sop.facts import Facts, Seen
from bot.sop.records import Acceptance, Word
from tests.sop import emergency as e
from tests.sop import good as g

NAIVE = g.NOW.replace(tzinfo=None)


def test_a_time_without_its_zone_is_refused_by_records_and_facts() -> None:
    for make in (
        lambda: Word(by=g.ALICE, at=NAIVE, says="it"),
        lambda: Facts(now=NAIVE),
        lambda: Seen[str](value="x", at=NAIVE),
    ):
        with pytest.raises(ValidationError, match="timezone"):
            make()


def test_it_comes_back_from_json_as_it_was() -> None:
    release = g.release(strays=())
    assert type(release).model_validate_json(release.model_dump_json()) == release


def test_what_older_versions_stored_is_read() -> None:
    """Rows keep what they were written with; what was added since has its default."""
    release = g.release(size_accepted=Acceptance(by=g.CAROL, at=g.NOW, paths=("data/7",), tree=g.TREE, reason="so"))
    row = json.loads(release.model_dump_json())
    del row["irreversible_accepted"]
    assert type(release).model_validate(row) == release
    note = json.loads(e.note().model_dump_json())
    del note["revision"]
    assert e.note().model_validate(note).revision == 1
