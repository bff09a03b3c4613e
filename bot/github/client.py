"""The client, and what its exceptions mean to people."""

from collections.abc import Iterator
from contextlib import contextmanager

from github import Auth, Github, GithubException, GithubRetry
from requests import RequestException

from bot.sop.facts import CannotLook

READS = GithubRetry(total=3, backoff_factor=0.2, allowed_methods={"GET", "HEAD"}, max_rate_limit_wait=5)


def connect(auth: Auth.Auth, api_url: str) -> Github:
    """Repeats reads only: a repeated write could be done twice (law 15). The outbox paces writes itself."""
    return Github(
        auth=auth,
        base_url=api_url,
        timeout=10,
        per_page=100,
        retry=READS,
        seconds_between_requests=0,
        seconds_between_writes=0,
        lazy=True,
    )


@contextmanager
def looking(what: str) -> Iterator[None]:
    """Turns every failure of a read into CannotLook with a sentence."""
    try:
        yield
    except GithubException as e:
        raise CannotLook(f"{what}: GitHub answered {e.status} {words(e)}") from e
    except RequestException as e:
        raise CannotLook(f"{what}: GitHub could not be reached ({type(e).__name__})") from e


def words(e: GithubException) -> str:
    """GitHub's own words."""
    data = e.data if isinstance(e.data, dict) else {}
    details = [
        str(d.get("message") or d.get("code") or d) if isinstance(d, dict) else str(d) for d in data.get("errors") or []
    ]
    return "; ".join([str(data.get("message") or e.message or "no message"), *details])
