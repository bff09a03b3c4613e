"""Signed webhooks, sent once each and in order, never again by themselves."""

import hmac
import json
import queue
import threading
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.sandbox.github.config import GithubConfig
from bot.sandbox.github.state import new_id


@dataclass
class Webhooks:
    """off: nothing is sent. copies: how often each delivery is made (2: everything comes twice).
    deliveries: what was sent, newest last: id, event, action, payload, status (0: nobody answered)."""

    config: GithubConfig
    off: bool = False
    copies: int = 1
    hook_id: int = field(default_factory=new_id)
    deliveries: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=2000))
    _waiting: "queue.Queue[dict[str, Any] | None]" = field(default_factory=queue.Queue)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._deliver, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(timeout=3)

    def send(self, event: str, payload: dict[str, Any]) -> None:
        """Queues a delivery; the payload is frozen now, as the world is now."""
        if self.off or not self.config.webhook_url:
            return
        body = json.dumps(payload, separators=(",", ":"))
        delivery = {"id": str(uuid.uuid4()), "event": event, "action": payload.get("action"), "body": body}
        for _ in range(self.copies):
            self._waiting.put(delivery)

    def redeliver(self, delivery_id: str) -> bool:
        """Sends one again with its old id, as a person may ask GitHub to."""
        found = next((one for one in self.deliveries if one["id"] == delivery_id), None)
        if found is not None:
            self._waiting.put({key: found[key] for key in ("id", "event", "action", "body")})
        return found is not None

    def ping(self, repository: dict[str, Any], sender: dict[str, Any]) -> None:
        hook = {
            "type": "Repository",
            "id": self.hook_id,
            "name": "web",
            "active": True,
            "events": ["*"],
            "config": {"content_type": "json", "insecure_ssl": "0", "url": self.config.webhook_url},
            "updated_at": repository["updated_at"],
            "created_at": repository["created_at"],
            "url": f"{repository['url']}/hooks/{self.hook_id}",
            "test_url": f"{repository['url']}/hooks/{self.hook_id}/test",
            "ping_url": f"{repository['url']}/hooks/{self.hook_id}/pings",
            "deliveries_url": f"{repository['url']}/hooks/{self.hook_id}/deliveries",
            "last_response": {"code": None, "status": "unused", "message": None},
        }
        self.send(
            "ping",
            {"zen": "Keep it logically awesome.", "hook_id": self.hook_id, "hook": hook}
            | {"repository": repository, "sender": sender},
        )

    def _deliver(self) -> None:
        client: httpx.Client | None = None  # made when wanted first: it loads certificates
        while (delivery := self._waiting.get()) is not None:
            client = client or httpx.Client(timeout=10)
            self.deliveries.append(delivery | {"status": self._post(client, delivery)})
        if client is not None:
            client.close()

    def _post(self, client: httpx.Client, delivery: dict[str, Any]) -> int:
        body = delivery["body"].encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/044aadd",
            "X-GitHub-Delivery": delivery["id"],
            "X-GitHub-Event": delivery["event"],
            "X-GitHub-Hook-ID": str(self.hook_id),
            "X-GitHub-Hook-Installation-Target-Type": "repository",
            "X-GitHub-Hook-Installation-Target-ID": str(json.loads(body)["repository"]["id"]),
        }
        if self.config.webhook_secret:
            secret = self.config.webhook_secret.encode()
            for name, way in (("X-Hub-Signature", "sha1"), ("X-Hub-Signature-256", "sha256")):
                headers[name] = f"{way}={hmac.new(secret, body, way).hexdigest()}"
        if not self.config.webhook_url:
            return 0
        try:
            return client.post(self.config.webhook_url, content=body, headers=headers).status_code
        except httpx.HTTPError:
            return 0
