"""What records and facts refuse, whoever makes them."""

import pytest
from pydantic import ValidationError

from bot.sop.facts import Facts, Seen
from bot.sop.records import Word
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
