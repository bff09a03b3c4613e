"""How an endpoint is asked and how it answers, in GitHub's manner."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import Headers, QueryParams

from bot.sandbox.github.state import Repository
from bot.sandbox.github.tokens import Identity
from bot.sandbox.github.world import World

DOCS = "https://docs.github.com/rest"


class Refusal(Exception):
    """An answer other than success. errors: GitHub's list of what is invalid."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: list[Any] | None = None,
        headers: dict[str, str] | None = None,
        docs: str = DOCS,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors, self.headers, self.docs = status, message, errors, headers or {}, docs

    def body(self) -> dict[str, Any]:
        said: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            said["errors"] = self.errors
        return said | {"documentation_url": self.docs, "status": str(self.status)}


def missing() -> Refusal:
    return Refusal(404, "Not Found")


def invalid(resource: str, field_name: str, code: str = "invalid") -> Refusal:
    return Refusal(422, "Validation Failed", [{"resource": resource, "code": code, "field": field_name}])


@dataclass(frozen=True)
class Answer:
    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """A request with its sender known. `path` without query, `params` from the route, `raw` the body as sent."""

    world: World
    who: Identity
    path: str
    params: dict[str, str]
    query: QueryParams
    headers: Headers
    raw: bytes

    @property
    def repo(self) -> Repository:
        repo = self.world.repositories.get(f"{self.params['owner']}/{self.params['repo']}")
        if repo is None:
            raise missing()
        return repo

    @property
    def site(self) -> str:
        return self.world.site.url

    @property
    def body(self) -> dict[str, Any]:
        if not self.raw:
            return {}
        try:
            said = json.loads(self.raw)
        except ValueError:
            raise Refusal(400, "Problems parsing JSON") from None
        if not isinstance(said, dict):
            raise Refusal(400, "Body should be a JSON object")
        return said

    def text(self, name: str) -> str:
        """A member of the body that has to be a string."""
        value = self.body.get(name)
        if value is None:
            raise Refusal(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        if not isinstance(value, str):
            raise Refusal(422, f"Invalid request.\n\nFor 'properties/{name}', {json.dumps(value)} is not a string.")
        return value

    def number(self, name: str) -> int:
        try:
            return int(self.params[name])
        except ValueError:
            raise missing() from None


T = TypeVar("T")
Endpoint = Callable[[Ask], Answer]


def _whole(query: QueryParams, name: str, default: int, most: int) -> int:
    try:
        value = int(query.get(name, default))
    except ValueError:
        return default
    return min(value, most) if value > 0 else default


def paging(ask: Ask, default: int = 30) -> tuple[int, int]:
    """(page, per_page): pages count from 1, at most 100 a page."""
    return _whole(ask.query, "page", 1, 10**6), _whole(ask.query, "per_page", default, 100)


def links(ask: Ask, page: int, per_page: int, total: int) -> dict[str, str]:
    last = max(1, -(-total // per_page))
    pages = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    if page <= 1:
        del pages["prev"], pages["first"]
    if page >= last:
        del pages["next"], pages["last"]
    kept = [(key, value) for key, value in ask.query.multi_items() if key != "page"]
    listed = [f'<{ask.site}{ask.path}?{urlencode([*kept, ("page", at)])}>; rel="{rel}"' for rel, at in pages.items()]
    return {"Link": ", ".join(listed)} if listed else {}


def paged(
    ask: Ask, items: Sequence[T], shape: Callable[[T], Any], envelope: str | None = None, default: int = 30
) -> Answer:
    """One page of `items`, shaped, with Link headers; inside `{total_count, envelope: […]}` when named."""
    page, per_page = paging(ask, default)
    shown = [shape(item) for item in items[(page - 1) * per_page : page * per_page]]
    body: Any = {"total_count": len(items), envelope: shown} if envelope else shown
    return Answer(body, headers=links(ask, page, per_page, len(items)))
