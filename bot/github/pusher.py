"""Fast-forwards the designated branch (rule 3). Looks and asks the SOP again just before."""

from collections.abc import Callable

from github import Github, GithubException

from bot.github.acts import later, refusal
from bot.github.client import words
from bot.outbox import Attempt, Done, Later, Outcome
from bot.sop.effects import PushBranch
from bot.sop.facts import CannotLook


class Pusher:
    """Performs PushBranch. `allowed` looks outside again and asks the SOP whether this release may still push;
    it raises CannotLook when that look fails, and the push is put off."""

    def __init__(self, github: Github, allowed: Callable[[int, str], bool]) -> None:
        self._github = github
        self._allowed = allowed

    def perform(self, effect: PushBranch, _attempt: Attempt) -> Outcome:
        try:
            allowed = self._allowed(effect.release, effect.sha)
        except CannotLook as e:
            if e.until:
                raise
            return Later(None, f"the look just before the push failed: {e}", unsure=False)
        if not allowed:
            return Done({"dropped": "not every gate was green when Slipway looked again just before"})
        repo = self._github.get_repo(effect.repository)
        try:
            ref = repo.get_git_ref(f"heads/{effect.branch}")
            if ref.object.sha == effect.sha:
                return Done({"sha": effect.sha})
            if ref.object.sha != effect.expected:
                return Done({"dropped": f"{effect.branch} had moved to {ref.object.sha[:7]} meanwhile"})
        except GithubException as e:
            return Later(None, f"GitHub answered {e.status} {words(e)}", unsure=False)
        try:
            ref.edit(effect.sha, force=False)
        except GithubException as e:
            said = refusal(e)
            return later(e) if said is None else Done({"refused": said, "sha": effect.sha})
        return Done({"sha": effect.sha})

    def look(self, effect: PushBranch, _attempt: Attempt) -> Done | None:
        """Whether the branch contains the commit. Raises what PyGithub raises when that cannot be known."""
        repo = self._github.get_repo(effect.repository)
        tip = repo.get_git_ref(f"heads/{effect.branch}").object.sha
        if tip == effect.sha or repo.compare(effect.sha, tip).status in ("ahead", "identical"):
            return Done({"sha": effect.sha})
        return None
