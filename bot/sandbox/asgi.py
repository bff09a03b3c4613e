"""Sync endpoints on Starlette, and a server that a test or a process can start on any free port."""

import socket
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Call:
    """A request with its body already read, for endpoints that are plain functions."""

    request: Request
    body: bytes


def sync(endpoint: Callable[[Call], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Runs a plain function in the thread pool, so that one slow answer never delays another."""

    async def run(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(endpoint, Call(request, body))

    return run


class CannotListen(Exception):
    """A port cannot be had; the message says why and what to do."""


@dataclass
class Server:
    """A uvicorn server in a thread; `url` is valid once `start` has returned, which may raise CannotListen."""

    app: ASGIApp
    port: int = 0
    host: str = "127.0.0.1"
    _server: uvicorn.Server | None = field(default=None, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> "Server":
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
        except OSError as error:
            listener.close()
            mend = "give another --port, or none for any that is free"
            raise CannotListen(f"port {self.port} cannot be used ({error.strerror}): {mend}") from error
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(self.app, log_level="warning", lifespan="on", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError(f"the server on port {self.port} did not start")
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout=5)
