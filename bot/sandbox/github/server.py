"""The sandbox GitHub as an application: REST, git over HTTP, controls, and the machinery behind it."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.sandbox.asgi import Call, Server, sync
from bot.sandbox.github import controls, pages, smart
from bot.sandbox.github.config import BOT_LOGIN, GithubConfig, Protection
from bot.sandbox.github.gate import Rule, guarded, unknown
from bot.sandbox.github.logs import side_door
from bot.sandbox.github.routes import TABLE
from bot.sandbox.github.world import World, remove_workspaces

__all__ = ["BOT_LOGIN", "Github", "GithubConfig", "Protection", "World", "build", "start"]

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class App(Starlette):
    """Starlette that keeps uvicorn's connection at hand, so that an answer can be lost."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["connection"] = getattr(getattr(send, "__self__", None), "transport", None)
        await super().__call__(scope, receive, send)


def build(config: GithubConfig) -> Starlette:
    """The application; `app.state.world` is the World behind it. It works while its lifespan lasts."""
    world = World(config)

    def bound(endpoint: Callable[[World, Call], Response]) -> Callable[[Call], Response]:
        return lambda call: endpoint(world, call)

    rest = [Route(path, sync(guarded(world, rule)), methods=[method]) for method, path, rule in TABLE]
    app = App(
        routes=[
            Route("/_control/{name}", sync(bound(controls.switch)), methods=["POST"]),
            Route("/_control/{name}", sync(bound(controls.view)), methods=["GET"]),
            *rest,
            Route("/{owner}/{repo}.git/{rest:path}", sync(bound(smart.serve)), methods=["GET", "POST"]),
            Route("/{owner}/{repo}/actions/runs/{run:int}", sync(bound(pages.run)), methods=["GET"]),
            Route("/{owner}/{repo}/actions/runs/{run:int}/{rest:path}", sync(bound(pages.run)), methods=["GET"]),
            Route("/{owner}/{repo}/compare/{span:path}", sync(bound(pages.compare)), methods=["GET"]),
            Route("/{owner}/{repo}/commit/{sha}", sync(bound(pages.commit)), methods=["GET"]),
            Route("/{owner}/{repo}/issues/{number:int}", sync(bound(pages.issue)), methods=["GET"]),
            Route("/{path:path}", sync(guarded(world, Rule(unknown))), methods=METHODS),
        ],
        lifespan=_lifespan,
    )
    app.state.world = world
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    world: World = app.state.world
    door = Server(side_door(world))
    await run_in_threadpool(_open, world, door)
    yield
    await run_in_threadpool(_close, world, door)


def _open(world: World, door: Server) -> None:
    remove_workspaces(world.config.root)
    world.listening(door.start().url)
    world.webhooks.start()
    world.scheduler.start()


def _close(world: World, door: Server) -> None:
    stops = [threading.Thread(target=stop) for stop in (world.scheduler.stop, world.webhooks.stop, door.stop)]
    for thread in stops:
        thread.start()
    for thread in stops:
        thread.join()


@dataclass
class Github:
    """A running sandbox GitHub."""

    server: Server
    world: World

    @property
    def url(self) -> str:
        return self.server.url

    def stop(self) -> None:
        self.server.stop()


def start(config: GithubConfig, port: int = 0) -> Github:
    """Builds and serves on 127.0.0.1; the world knows its address from the first moment."""
    return serve(build(config), config, port)


def serve(app: Starlette, config: GithubConfig, port: int = 0) -> Github:
    """Serves what `build` made of this config."""
    server = Server(app, port).start()
    world: World = app.state.world
    world.site.url = config.url or server.url
    return Github(server, world)
