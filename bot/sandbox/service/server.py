"""Production: the deployed service behind one address, and `/_control/` to deploy it and to break it."""

import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.asgi import Call, sync
from bot.sandbox.service import first, proxy
from bot.sandbox.service.fleet import NAMES, Fleet

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass(frozen=True)
class ServiceConfig:
    """Where production lives. `repository` is a git repository whose `branch` is deployed when nothing is yet."""

    root: Path
    deploy_token: str = "deploy-secret"  # noqa: S105
    repository: Path | None = None
    branch: str = "main"
    deploy_at_start: bool = True


def build(config: ServiceConfig) -> Starlette:
    """Production as an application; its instances run from startup to shutdown."""
    production = Production(config, Fleet(config.root))

    @contextlib.asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(production.start)
        yield
        await run_in_threadpool(production.fleet.stop)

    return Starlette(routes=production.routes(), lifespan=running, exception_handlers={Refused: refusal})


class Refused(Exception):
    """A control request that cannot be done: HTTP status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def refusal(_request: Request, error: Exception) -> Response:
    """A Refused as a problem document."""
    return proxy.problem(error.status if isinstance(error, Refused) else 500, str(error))


@dataclass(frozen=True)
class Production:
    """The address and its controls over one fleet."""

    config: ServiceConfig
    fleet: Fleet

    def start(self) -> None:
        self.fleet.start()
        if not self.fleet.instances and self.config.deploy_at_start:
            archive, commit = first.built(self.config.repository, self.config.branch)
            self.fleet.deploy(archive, commit)
            self.fleet.finish()

    def routes(self) -> list[Route]:
        controls = {
            "deploy": self.deploy,
            "finish": self.finish,
            "switch": self.switch,
            "edit": self.edit,
            "environment": self.environment,
            "restart": self.restart,
            "restore": self.restore,
        }
        return [
            Route("/_control/status", sync(self.status), methods=["GET"]),
            Route("/_control/deploys/{id:int}", sync(self.rollout), methods=["GET"]),
            *(Route(f"/_control/{name}", sync(do), methods=["POST"]) for name, do in controls.items()),
            Route("/{path:path}", sync(self.forward), methods=METHODS),
        ]

    def forward(self, call: Call) -> Response:
        """Any other request: one instance's answer."""
        time.sleep(self.fleet.switches.slow)
        instance = self.fleet.turn()
        if self.fleet.switches.down or instance is None:
            return proxy.problem(503, "no instance is ready")
        return proxy.forward(call, instance)

    def status(self, _call: Call) -> Response:
        """Instances, switches, environment and rollouts as they are."""
        instances = [
            {
                "name": one.name,
                "commit": one.commit,
                "ready": one.ready,
                "pid": one.process.pid if one.process else None,
                "port": one.port,
                "directory": str(one.directory),
                "edited": one.edited,
                "log": one.tail(),
            }
            for one in list(self.fleet.instances.values())
        ]
        return JSONResponse(
            {
                "instances": instances,
                "switches": asdict(self.fleet.switches),
                "environment": self.fleet.environment,
                "deploys": [asdict(rollout) for rollout in self.fleet.rollouts],
            }
        )

    def rollout(self, call: Call) -> Response:
        number = call.request.path_params["id"]
        if not 0 < number <= len(self.fleet.rollouts):
            return proxy.problem(404, f"there is no deploy {number}")
        return JSONResponse(asdict(self.fleet.rollouts[number - 1]))

    def deploy(self, call: Call) -> Response:
        """A built tree as tar.gz with its commit in `X-Commit`; 202 and the rollout, which goes on by itself."""
        given = call.request.headers.get("authorization", "")
        if not secrets.compare_digest(given, f"Bearer {self.config.deploy_token}"):
            raise Refused(401, "the deploy token is missing or wrong")
        commit = call.request.headers.get("x-commit", "")
        if not commit or not call.body:
            raise Refused(422, "a deploy wants an archive and the header X-Commit")
        return JSONResponse(asdict(self.fleet.deploy(call.body, commit)), 202)

    def finish(self, _call: Call) -> Response:
        self.fleet.finish()
        return JSONResponse({"ok": True})

    def switch(self, call: Call) -> Response:
        """`{name: value}` for each switch to be set."""
        switches = self.fleet.switches
        for name, value in json_object(call).items():
            if name not in asdict(switches):
                raise Refused(422, f"there is no switch {name}; there are {', '.join(asdict(switches))}")
            setattr(switches, name, type(getattr(switches, name))(value))
        return JSONResponse(asdict(switches))

    def edit(self, call: Call) -> Response:
        """`{path, find, replace, instances?}`: a deployed file changed by hand."""
        wanted = json_object(call)
        try:
            names = wanted.get("instances", list(self.fleet.instances))
            self.fleet.edit(wanted["path"], wanted["find"], wanted["replace"], names)
        except LookupError as error:
            raise Refused(409, str(error)) from error
        return JSONResponse({"ok": True})

    def environment(self, call: Call) -> Response:
        """`{NAME: value or null}`: environment variables of the instances changed by hand."""
        wanted = json_object(call)
        self.fleet.configure({name: None if value is None else str(value) for name, value in wanted.items()})
        return JSONResponse(self.fleet.environment)

    def restart(self, _call: Call) -> Response:
        self.fleet.restart([name for name in NAMES if name in self.fleet.instances])
        return JSONResponse({"ok": True})

    def restore(self, _call: Call) -> Response:
        """What was done by hand is taken back."""
        self.fleet.restore()
        return JSONResponse({"ok": True})


def json_object(call: Call) -> dict[str, Any]:
    """The JSON object in a request. Raises Refused."""
    try:
        value = json.loads(call.body)
    except ValueError as error:
        raise Refused(400, "the body is not JSON") from error
    if not isinstance(value, dict):
        raise Refused(400, "the body is not a JSON object")
    return value
