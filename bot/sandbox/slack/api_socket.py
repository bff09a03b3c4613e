"""apps.connections.open: the address of a Socket Mode connection."""

from bot.sandbox.slack.arguments import Args
from bot.sandbox.slack.directory import APP_ID
from bot.sandbox.slack.errors import Json
from bot.sandbox.slack.workspace import Workspace


def connections_open(workspace: Workspace, _args: Args) -> Json:
    """A WebSocket address that lets one connection in."""
    address = workspace.base_url.replace("http", "ws", 1)
    return {"url": f"{address}/link/?ticket={workspace.sockets.ticket()}&app_id={APP_ID}"}
