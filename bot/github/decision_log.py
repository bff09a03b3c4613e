"""Writes the decision log (H5, R4): one file on a branch of its own, each entry known by its markers."""

import base64
from collections.abc import Callable
from urllib.parse import quote

from github import Github, GithubException, InputGitTreeElement, UnknownObjectException
from github.Repository import Repository

from bot.github.acts import head_of, later, refusal
from bot.github.client import words
from bot.outbox import Attempt, Done, Later, Outcome, Refused
from bot.sop.decision_entry import placed
from bot.sop.effects import WriteLog

TRIES = 5
CONFLICTS = (409, 422)  # the file or the branch is not as it was read: nothing was written


class LogWriter:
    """Performs WriteLog. An entry that stands there already is replaced where it stands; all else stays. `allowed` asks
    the SOP whether this is still what is to be written: an older note never replaces a newer one. `written_before`: a
    log that was there once is never begun anew without a word."""

    def __init__(
        self, github: Github, allowed: Callable[[WriteLog], bool], written_before: Callable[[WriteLog], bool]
    ) -> None:
        self._github = github
        self._allowed = allowed
        self._written_before = written_before

    def perform(self, effect: WriteLog, _attempt: Attempt) -> Outcome:
        """Done: {"url", "sha": a commit that has the entry, "key"} or {"dropped": why}. What GitHub refuses is parked
        for a person."""
        if not self._allowed(effect):
            return Done({"dropped": "it was written anew meanwhile, or is not wanted any more"})
        said = ""
        for _ in range(TRIES):
            try:
                return self._written(effect)
            except GithubException as e:
                said = words(e)
                if e.status not in CONFLICTS:
                    return later(e) if refusal(e) is None else Refused(said)
        return Later(None, f"{effect.path} could not be written in {TRIES} tries: {said}", unsure=False)

    def look(self, effect: WriteLog, _attempt: Attempt) -> Done | None:
        """Whether the entry stands there as it is. Raises what PyGithub raises when that cannot be known."""
        repo = self._github.get_repo(effect.repository)
        head = head_of(repo, effect.branch)
        found = _read(repo, effect.path, head) if head else None
        if head is None or found is None or placed(found[0], effect.entry, effect.markdown) != found[0]:
            return None
        return _done(repo, effect, head)

    def _written(self, effect: WriteLog) -> Done | Refused:
        repo = self._github.get_repo(effect.repository)
        head = head_of(repo, effect.branch)
        if head is None and self._written_before(effect):
            return Refused(
                f"the branch {effect.branch} is gone, and the entries that stood there with it: restore it at GitHub "
                "(from the repository's Activity, or somebody's clone), then have this tried again"
            )
        if head is None:
            return _done(repo, effect, _begin(repo, effect))
        found = _read(repo, effect.path, head)
        old, blob = found or ("", "")
        new = placed(old, effect.entry, effect.markdown)
        if new == old:
            return _done(repo, effect, head)
        # What is no UTF-8 in a file that people edit stays as it is, byte by byte.
        content, message = new.encode(errors="surrogateescape"), _message(effect)
        if found is None:
            made = repo.create_file(effect.path, message, content, branch=effect.branch)
        else:
            made = repo.update_file(effect.path, message, content, blob, branch=effect.branch)
        return _done(repo, effect, made["commit"].sha)


def _begin(repo: Repository, effect: WriteLog) -> str:
    """The branch as a root commit with that file only: it shares nothing with the designated branch."""
    text = placed("", effect.entry, effect.markdown)
    tree = repo.create_git_tree([InputGitTreeElement(effect.path, "100644", "blob", content=text)])
    commit = repo.create_git_commit(_message(effect), tree, [])
    repo.create_git_ref(f"refs/heads/{effect.branch}", commit.sha)
    return commit.sha


def _read(repo: Repository, path: str, head: str) -> tuple[str, str] | None:
    """Text and blob of the file at that commit. By its blob: of a large file the contents API gives no text."""
    try:
        found = repo.get_contents(path, ref=head)
    except UnknownObjectException:
        return None
    if isinstance(found, list):
        raise IsADirectoryError(f"{path} is a folder")
    content = base64.b64decode(repo.get_git_blob(found.sha).content)
    return content.decode(errors="surrogateescape"), found.sha


def _message(effect: WriteLog) -> str:
    return f"{effect.entry}: entry in the decision log"


def _done(repo: Repository, effect: WriteLog, sha: str) -> Done:
    url = f"{repo.html_url}/blob/{quote(effect.branch)}/{quote(effect.path)}"
    return Done({"url": url, "sha": sha, "key": effect.entry})
