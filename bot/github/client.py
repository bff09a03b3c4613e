"""The client, and what its exceptions mean to people."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from github import Auth, Github, GithubException
from github.GithubObject import NotSet, Opt
from github.Repository import Repository
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from requests import RequestException
from urllib3 import Retry

from bot.github.limits import Limits
from bot.sop.facts import CannotLook
from bot.sop.unreached import why

# PyGithub's own GithubRetry always repeats a 403: it sleeps a limit out, and holds its caller for as long.
READS = Retry(
    total=3,
    backoff_factor=0.2,
    allowed_methods={"GET", "HEAD"},
    status_forcelist=range(500, 600),
    respect_retry_after_header=False,
    raise_on_status=False,  # the last answer says more than that it was the last
)
Connection = HTTPRequestsConnectionClass | HTTPSRequestsConnectionClass | None
Answer = tuple[int, dict[str, Any], str]


class Asking(Requester):
    """Sends nothing while a limit stands, and hears of limits from every answer. Raises limits.Limited."""

    def __init__(self, limits: Limits, **given: Any) -> None:
        super().__init__(**given)
        self._limits = limits

    def requestJson(
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        input: Any | None = None,
        cnx: Connection = None,
        follow_302_redirect: bool = False,
    ) -> Answer:
        self._limits.ask()
        return self._heard(super().requestJson(verb, url, parameters, headers, input, cnx, follow_302_redirect))

    def requestBlob(
        self,
        verb: str,
        url: str,
        parameters: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        input: str | None = None,
        cnx: Connection = None,
    ) -> Answer:
        """PyGithub asks for the address of a log so."""
        self._limits.ask()
        return self._heard(super().requestBlob(verb, url, parameters, headers, input, cnx))

    def _heard(self, answer: Answer) -> Answer:
        status, headers, body = answer
        self._limits.heard(status, headers, _message(body) if status >= HTTPStatus.BAD_REQUEST else "")
        return answer


class Client(Github):
    """PyGithub that keeps to GitHub's limits: what is got by `get_repo` and `requester` does."""

    def __init__(self, auth: Auth.Auth, api_url: str, limits: Limits) -> None:
        """Repeats reads only: a repeated write could be done twice (law 15). The outbox paces writes itself."""
        super().__init__(
            auth=auth,
            base_url=api_url,
            timeout=10,
            per_page=100,
            retry=READS,
            seconds_between_requests=0,
            seconds_between_writes=0,
            lazy=True,
        )
        self.limits = limits
        self._asking = Asking(limits, **super().requester.kwargs)

    @property
    def requester(self) -> Requester:
        return self._asking

    def get_repo(self, full_name_or_id: int | str, lazy: Opt[bool] = NotSet) -> Repository:
        return Repository(self._asking.withLazy(lazy), url=f"/repos/{full_name_or_id}")


def connect(auth: Auth.Auth, api_url: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Client:
    """Silences PyGithub, which writes of refusals to standard error by itself: who asks tells what was answered."""
    logger = logging.getLogger("github")
    logger.handlers.clear()
    logger.setLevel(logging.WARNING)
    return Client(auth, api_url, Limits(now))


@contextmanager
def looking(what: str) -> Iterator[None]:
    """Turns every failure of a read into CannotLook with a sentence."""
    try:
        yield
    except GithubException as e:
        raise CannotLook(f"{what}: GitHub answered {e.status} {words(e)}") from e
    except RequestException as e:
        raise CannotLook(f"{what}: GitHub could not be reached: {why(e)}") from e


def words(e: GithubException) -> str:
    """GitHub's own words."""
    data = e.data if isinstance(e.data, dict) else {}
    details = [
        str(d.get("message") or d.get("code") or d) if isinstance(d, dict) else str(d) for d in data.get("errors") or []
    ]
    return "; ".join([str(data.get("message") or e.message or "no message"), *details])


def _message(body: str) -> str:
    try:
        data = json.loads(body)
    except ValueError:
        return ""
    return str(data.get("message") or "") if isinstance(data, dict) else ""
