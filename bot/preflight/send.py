"""Sending a signed statement to the bot, once."""

from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.preflight.checkout import Trouble
from bot.production import LOOPBACK
from bot.sop.model import Frozen

WAIT = 20.0  # seconds


class Reply(Frozen):
    """What the bot answered. `title` and `detail` are those of its problem document when it refused."""

    status: int
    taken: bool
    title: str
    detail: str = ""


def send(body: bytes, bot_url: str) -> Reply:
    """Posts a wrapped statement. Raises Trouble when the bot gives no answer; nothing is kept here for later."""
    url = f"{bot_url.rstrip('/')}/api/attestations"
    again = "Nothing is kept here: run the same command again once it answers."
    try:
        proxies = urlsplit(url).hostname not in LOOPBACK
        headers = {"Content-Type": "application/json"}
        answer = httpx.post(url, content=body, headers=headers, timeout=WAIT, trust_env=proxies)
    except httpx.TimeoutException as e:
        raise Trouble(f"the bot at {bot_url} did not answer within {WAIT:g} s. {again}") from e
    except (httpx.HTTPError, httpx.InvalidURL) as e:
        raise Trouble(f"the bot at {bot_url} could not be reached: {e}. {again}") from e
    said = _object(answer)
    taken = answer.status_code in (200, 201, 202)
    title = str(said.get("title") or ("taken" if taken else f"the bot answered {answer.status_code}"))
    return Reply(status=answer.status_code, taken=taken, title=title, detail=_detail(said))


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _detail(said: dict[str, Any]) -> str:
    errors = [f"{e.get('pointer')}: {e.get('detail')}" for e in said.get("errors") or () if isinstance(e, dict)]
    return "; ".join(part for part in (str(said.get("detail") or ""), *errors) if part)[:2000]
