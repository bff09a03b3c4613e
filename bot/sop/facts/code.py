"""What git, GitHub and CI say."""

from pydantic import AwareDatetime

from bot.sop.facts.seen import Seen
from bot.sop.model import Frozen
from bot.sop.records import (
    RootCause,
)


class Commit(Frozen):
    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    author: str  # GitHub login, or the e-mail address where GitHub knows no account
    committer: str
    author_name: str
    url: str
    paths: tuple[str, ...] = ()


class Candidate(Frozen):
    """The commits that a release would bring to the designated branch, as GitHub has them."""

    ref: str  # branch or commit, as asked for
    sha: str
    tree: str
    branch: str | None  # the branch of this repository whose head it is; None: the head of no branch
    tip: str  # commit of the designated branch at the same look
    contains_tip: bool
    base: str
    commits: tuple[Commit, ...]  # base (excluded) to sha, oldest first
    paths: tuple[str, ...]  # changed between base and sha
    lines: int = 0  # added and removed between base and sha
    by_commit: bool = False  # the paths of each commit were asked for too
    truncated: bool = False  # GitHub lists no more: then nothing is known of the rest
    compare_url: str


def of_base(seen: Seen[Candidate], base: str) -> Seen[Candidate]:
    """A candidate that was compared with another base counts as not looked at: it names what a release brought
    meanwhile as its own."""
    if seen.value is None or seen.value.base == base:
        return seen
    return seen.model_copy(update={"value": None, "at": None})


class Tip(Frozen):
    """The head of the designated branch."""

    sha: str
    tree: str
    ahead: tuple[Commit, ...] = ()  # commits after the base or the pushed commit, oldest first
    pushed_by: str | None = None  # GitHub login, where known
    pushed_at: AwareDatetime | None = None


class Issue(Frozen):
    number: int
    title: str
    url: str


class Job(Frozen):
    id: int
    name: str
    status: str  # queued, in_progress, completed, waiting, …
    conclusion: str | None
    url: str
    failed_step: str | None = None
    log_tail: tuple[str, ...] = ()  # the last lines of a failed job, secrets masked
    started_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None


class Run(Frozen):
    id: int
    workflow: str  # file name under .github/workflows
    name: str
    event: str
    head_sha: str
    head_branch: str
    repository: str
    attempt: int
    status: str
    conclusion: str | None
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None  # of its latest attempt
    url: str
    jobs: tuple[Job, ...] = ()


class Runs(Frozen):
    """Workflow runs of the pushed commit, and unfinished older runs of the same branch."""

    of_push: tuple[Run, ...] = ()
    older_unfinished: tuple[Run, ...] = ()
    usual_seconds: float | None = None  # median of past successful runs


class Served(Frozen):
    """What production served when nothing was expected of it: the text, and the commit GitHub knows it as."""

    text: str
    sha: str
    url: str


class JobLog(Frozen):
    """The whole log of a failed job, secrets masked: a root cause quotes it (F1)."""

    run: int
    attempt: int
    job: str
    lines: tuple[str, ...]


class Deployment(Frozen):
    sha: str
    ref: str
    environment: str
    state: str  # of its latest status
    url: str
    created_at: AwareDatetime


class Diagnosis(Frozen):
    """F2: the three questions answered. `missing`: required variables and secrets the environment lacks, by name."""

    deployment: Deployment | None
    environment: str | None
    missing: tuple[str, ...] = ()
    log: tuple[str, ...] = ()  # the last lines of the deploy


class Revert(Frozen):
    """A commit object whose tree is the target's and whose parent was the branch's head; no ref points to it."""

    sha: str
    tree: str
    parent: str
    pull: str | None = None  # `push: watch`: URL of the pull request
    target: str | None = None  # commit to return to; None: of a time when that was not kept


class Logged(Frozen):
    """An entry that stands in the decision log."""

    key: str
    url: str
    once: str | None = None  # which writing of it: an older one is not what was said last


class Stuck(Frozen):
    """An outgoing act that the release waits for, refused or given up: it is not tried again unasked."""

    kind: str  # of the effect: make_revert, write_log, rerun_run, cancel_run
    key: str
    error: str  # the other side's words


class Activity(Frozen):
    """What GitHub recorded of a branch."""

    id: int
    kind: str  # push, force_push, branch_deletion, pr_merge, …
    before: str
    after: str
    login: str | None
    at: AwareDatetime


class PastCause(Frozen):
    """A root cause that was recorded for an earlier release of the service."""

    release: str
    cause: RootCause


class Target(Frozen):
    """A commit that a rollback may return to: verified in production once, or adopted."""

    sha: str
    tree: str | None
    release: int | None
    attestation: int | None
    at: AwareDatetime
    rolled_back: bool = False  # the release that brought it was taken back, or what a rollback returned to with it


class PushRefusal(Frozen):
    """The designated branch was not moved to `sha`: GitHub refused it, or the bot made no push (`dropped`)."""

    sha: str
    error: str
    dropped: bool = False
