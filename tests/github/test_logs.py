"""What of a log is shown."""

from bot.github.logs import last_lines

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
