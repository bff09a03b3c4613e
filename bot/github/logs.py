"""The last lines of a job's log. GitHub redirects to a storage host, which must not get the token."""

import re

import httpx
from github import GithubException
from github.WorkflowJob import WorkflowJob

from bot.sop.unreached import why

GONE = (404, 410)  # of a job that never began, or whose log is kept no more
LINES = 15
LARGEST = 5 * 1024 * 1024
BOM = "\ufeff"  # GitHub begins a log with it, an empty one too
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z ")
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
TOKEN = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{8,}|github_pat_\w{8,}|x(?:ox[a-z]|app)-[\w-]{8,}|glpat-[\w-]{8,}|npm_[A-Za-z0-9]{8,}"
    r"|sk_(?:live|test)_\w{8,}|A[KS]IA[0-9A-Z]{12,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*|^[A-Za-z0-9+/]{64}$|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"
)
# What follows a name that says that it is secret: `DB_PASSWORD=…`, `token: …`, `Authorization: Bearer …`
NAMED = re.compile(
    r"(?i)((?:[\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)[\w-]*"
    r"|authorization)[\"']?\s*[=:]\s*[\"']?(?:(?:bearer|basic|token)\s+)?)[^\s\"',;]{4,}"
)
COMMAND = re.compile(r"^##\[(?:group|endgroup|section)\].*$|^(?:shell|env):.*$")


def end_of(job: WorkflowJob) -> tuple[str, ...]:
    """`tail` of a job that is over; nothing where GitHub has no log of it. Raises GithubException."""
    url = log_url(job)
    return tail(url) if url else ()


def log_url(job: WorkflowJob) -> str | None:
    """None where GitHub has no log of it. Raises GithubException."""
    try:
        return job.logs_url()
    except GithubException as e:
        if e.status not in GONE:
            raise
        return None


def unlogged(workflow: str, job: str, conclusion: str | None) -> str:
    """What stands for the log of a job that has none: cancelled before it began, or kept no more."""
    return f"{workflow} / {job}: {conclusion}"


def tail(url: str) -> tuple[str, ...]:
    """The lines before the first error and the error itself; a log that cannot be read says so in one line."""
    try:
        answer = httpx.get(url, timeout=10, follow_redirects=True, headers={"Range": f"bytes=-{LARGEST}"})
        answer.raise_for_status()
    except httpx.HTTPStatusError as e:
        status = e.response.status_code
        return () if status in GONE else (f"(the log could not be read: GitHub answered {status})",)
    except httpx.HTTPError as e:
        return (f"(the log could not be read: {why(e)})",)
    return last_lines(answer.text[-LARGEST:])


def last_lines(text: str) -> tuple[str, ...]:
    lines = [masked(COLOUR.sub("", STAMP.sub("", line))).rstrip() for line in text.removeprefix(BOM).splitlines()]
    wanted = [line for line in lines if line and not COMMAND.match(line)]
    errors = [i for i, line in enumerate(wanted) if line.startswith("##[error]")]
    end = errors[0] + 1 if errors else len(wanted)
    return tuple(line.removeprefix("##[error]") for line in wanted[max(0, end - LINES) : end])


def masked(line: str) -> str:
    """GitHub masks the secrets that it knows; what looks like one all the same is masked here."""
    return NAMED.sub(r"\1***", TOKEN.sub("***", line))
