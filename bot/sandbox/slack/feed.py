"""What open pages are told, as it happens: one queue for each page, filled from any thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from bot.sandbox.slack.errors import Json


@dataclass(eq=False)
class _Page:
    user: str
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[Json | None]  # None ends it


class Feed:
    """Delivers events to the pages of the people they are for; a page that is gone is forgotten.

    told: how many events there have been; while it stands, every page shows what it showed.
    """

    def __init__(self) -> None:
        self.told = 0
        self._pages: list[_Page] = []
        self._lock = threading.Lock()

    def tell(self, users: Iterable[str], event: Json) -> None:
        wanted = set(users)
        with self._lock:
            self.told += 1
            pages = [page for page in self._pages if page.user in wanted]
        for page in pages:
            if not page.loop.is_closed():
                page.loop.call_soon_threadsafe(page.queue.put_nowait, event)

    def close(self) -> None:
        """Ends what open pages listen to."""
        with self._lock:
            pages = list(self._pages)
        for page in pages:
            page.loop.call_soon_threadsafe(page.queue.put_nowait, None)

    def tell_all(self, event: Json) -> None:
        with self._lock:
            users = {page.user for page in self._pages}
        self.tell(users, event)

    async def listen(self, user: str, keepalive: float = 10.0) -> AsyncIterator[Json | None]:
        """Yields events for this person, and None whenever nothing came for `keepalive` seconds."""
        page = _Page(user, asyncio.get_running_loop(), asyncio.Queue())
        with self._lock:
            self._pages.append(page)
        try:
            yield None
            while True:
                try:
                    event = await asyncio.wait_for(page.queue.get(), keepalive)
                except TimeoutError:
                    yield None
                    continue
                if event is None:
                    return
                yield event
        finally:
            with self._lock:
                self._pages.remove(page)
