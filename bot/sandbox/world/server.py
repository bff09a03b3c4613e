"""The world over HTTP: the panel that the page shows, and the facts that sop.yaml is written from."""

import json
from typing import Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.asgi import Call, sync
from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.laptop import Preflight
from bot.sandbox.world.panel.panel import Panel
from bot.sandbox.world.world import World


def build(world: World) -> Starlette:
    """The panel of a world that has been set up."""
    panel = Panel(world)

    def look(call: Call) -> Response:
        return JSONResponse({"ok": True, **panel.shown(call.request.query_params.get("laptop"))})

    def do(call: Call) -> Response:
        try:
            wanted = json_object(call)
            section, control = str(wanted.get("section")), str(wanted.get("control"))
            said = panel.do(section, control, wanted.get("value"), wanted.get("laptop"))
        except NotPossible as refusal:
            return JSONResponse({"ok": False, "error": "not_possible", "message": str(refusal)})
        return JSONResponse({"ok": True, "message": said})

    def facts(_call: Call) -> Response:
        return JSONResponse(world.facts())

    def preflight(call: Call) -> Response:
        """`{command: […], environment: {…}}`: how preflight is run on the laptops from now on."""
        wanted = json_object(call)
        world.preflight_by(Preflight(tuple(wanted["command"]), dict(wanted.get("environment", {}))))
        return JSONResponse({"ok": True})

    return Starlette(
        routes=[
            Route("/world/panel", sync(look), methods=["GET"]),
            Route("/world/do", sync(do), methods=["POST"]),
            Route("/world/facts", sync(facts), methods=["GET"]),
            Route("/world/preflight", sync(preflight), methods=["POST"]),
        ]
    )


def json_object(call: Call) -> dict[str, Any]:
    """The JSON object in a request. Raises NotPossible."""
    try:
        value = json.loads(call.body)
    except ValueError as error:
        raise NotPossible("the body is not JSON") from error
    if not isinstance(value, dict):
        raise NotPossible("the body is not a JSON object")
    return value
