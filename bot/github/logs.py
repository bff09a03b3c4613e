"""The last lines of a job's log. GitHub redirects to a storage host, which must not get the token."""

import re

import httpx

LINES = 15
LARGEST = 5 * 1024 * 1024
STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT[\d:.]+Z ")
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
SECRET = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{8,}|github_pat_\w{8,}|xox[a-z]-[\w-]{8,}|AKIA[0-9A-Z]{12,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+"
    r"|(?i:(?<=password=)|(?<=token=)|(?<=secret=)|(?<=authorization: ))[^\s\"']{4,}"
)
COMMAND = re.compile(r"^##\[(?:group|endgroup|section)\].*$|^(?:shell|env):.*$")


def tail(url: str) -> tuple[str, ...]:
    """The lines before the first error and the error itself; a log that cannot be read says so in one line."""
    try:
        answer = httpx.get(url, timeout=10, follow_redirects=True, headers={"Range": f"bytes=-{LARGEST}"})
        answer.raise_for_status()
    except httpx.HTTPError as e:
        return (f"(the log could not be read: {type(e).__name__})",)
    return last_lines(answer.text[-LARGEST:])


def last_lines(text: str) -> tuple[str, ...]:
    lines = [masked(COLOUR.sub("", STAMP.sub("", line))).rstrip() for line in text.splitlines()]
    wanted = [line for line in lines if line and not COMMAND.match(line)]
    errors = [i for i, line in enumerate(wanted) if line.startswith("##[error]")]
    end = errors[0] + 1 if errors else len(wanted)
    return tuple(line.removeprefix("##[error]") for line in wanted[max(0, end - LINES) : end])


def masked(line: str) -> str:
    """GitHub masks the secrets that it knows; what looks like one all the same is masked here."""
    return SECRET.sub("***", line)
