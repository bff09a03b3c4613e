"""Socket Mode: the app connects to Slack, and what would be a request to its URL comes through that connection."""

import asyncio
import json
import secrets
import threading
import uuid
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack.directory import APP_ID
from bot.sandbox.slack.errors import Json


@dataclass(eq=False)
class _Question:
    """An envelope under way; `payload` is what the app sent back with its acknowledgement, if anything."""

    acknowledged: threading.Event = field(default_factory=threading.Event)
    payload: Json | None = None


@dataclass(eq=False)
class _Connection:
    socket: WebSocket
    loop: asyncio.AbstractEventLoop


class Sockets:
    """The app's open connections; an envelope goes through any one of them."""

    def __init__(self) -> None:
        self._connections: list[_Connection] = []
        self._tickets: set[str] = set()
        self._questions: dict[str, _Question] = {}
        self._lock = threading.Lock()

    @property
    def connected(self) -> bool:
        return bool(self._connections)

    def ticket(self) -> str:
        """Lets one connection in."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    def ask(self, kind: str, payload: Json, takes_answer: bool, wait: float, **retry: object) -> Json | None:
        """Sends an envelope and gives the payload of its acknowledgement. Raises TimeoutError, ConnectionError."""
        envelope_id, question = str(uuid.uuid4()), _Question()
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": takes_answer,
            **retry,
        }
        with self._lock:
            if not self._connections:
                raise ConnectionError("no socket is open")
            connection = secrets.choice(self._connections)
            self._questions[envelope_id] = question
        try:
            sending = connection.socket.send_text(json.dumps(envelope))
            asyncio.run_coroutine_threadsafe(sending, connection.loop)
            if not question.acknowledged.wait(wait):
                raise TimeoutError(f"{kind} was not acknowledged within {wait:g} s")
            return question.payload
        finally:
            del self._questions[envelope_id]

    async def serve(self, socket: WebSocket) -> None:
        """The endpoint that the app connects to with its ticket."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(1008)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        connection = _Connection(socket, asyncio.get_running_loop())
        with self._lock:
            self._connections.append(connection)
        hello = {
            "type": "hello",
            "num_connections": len(self._connections),
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": "applink", "build_number": 1, "approximate_connection_time": 3600},
        }
        try:
            await socket.send_json(hello)
            while True:
                self._acknowledge(await socket.receive_text())
        except WebSocketDisconnect:
            return  # the app has left; what it did not acknowledge runs into its time limit
        finally:
            with self._lock:
                self._connections.remove(connection)

    def _acknowledge(self, text: str) -> None:
        try:
            said = json.loads(text)
            question = self._questions.get(said["envelope_id"])
        except (ValueError, TypeError, KeyError):
            return  # not an acknowledgement; Slack ignores what else an app says
        if question is not None:
            question.payload = said.get("payload")
            question.acknowledged.set()
