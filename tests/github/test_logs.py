"""What of a log is shown."""

import pytest

from bot.github.logs import last_lines, masked

LOG = """2026-11-23T14:00:00.0000000Z ##[group]Run bin/test
2026-11-23T14:00:00.1000000Z shell: /usr/bin/bash -e {0}
2026-11-23T14:00:00.1000000Z ##[endgroup]
2026-11-23T14:00:01.0000000Z \x1b[31mFAIL: test_total\x1b[0m
2026-11-23T14:00:01.1000000Z password=hunter22 xoxb-12345678-abcdefgh
2026-11-23T14:00:02.0000000Z ##[error]Process completed with exit code 1.
2026-11-23T14:00:03.0000000Z Post job cleanup.
"""


def test_the_lines_up_to_the_error_without_stamps_colours_and_secrets() -> None:
    assert last_lines(LOG) == ("FAIL: test_total", "password=*** ***", "Process completed with exit code 1.")


def test_a_long_log_is_cut_to_its_end() -> None:
    text = "\n".join(f"line {n}" for n in range(100))
    assert last_lines(text) == tuple(f"line {n}" for n in range(85, 100))


def test_an_empty_log_has_no_line() -> None:
    assert last_lines("\ufeff") == last_lines("\ufeff\n") == ()
    assert last_lines(f"\ufeff{LOG}") == last_lines(LOG)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer ***"),
        ("authorization: abcdef123456", "authorization: ***"),
        ("password: hunter22", "password: ***"),
        ('{"token": "abcdef123456", "id": 7}', '{"token": "***", "id": 7}'),
        ("export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "export AWS_SECRET_ACCESS_KEY=***"),
        ("ASIAIOSFODNN7EXAMPLE", "***"),
        ("pushed with glpat-abcdefgh12345678", "pushed with ***"),
        ("npm_abcdefgh12345678", "***"),
        ("xapp-1-A012-345-abcdef", "***"),
        ("psql postgres://shop:s3cret@db.example/shop", "psql postgres://***@db.example/shop"),
        ("-----BEGIN RSA PRIVATE KEY-----MIIEow", "***"),
        ("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz", "***"),
        ("FAIL: the token is missing", "FAIL: the token is missing"),
        ("tokens: 12", "tokens: 12"),
        ("see https://shop.example.com:8080/a@b", "see https://shop.example.com:8080/a@b"),
    ],
)
def test_what_looks_like_a_secret_is_masked(line: str, shown: str) -> None:
    assert masked(line) == shown
