"""Views: each person's stack of modals, their App Home, and the trigger ids that let an app open one."""

import secrets
import time
from dataclasses import dataclass

from bot.sandbox.slack.directory import APP_ID, BOT_ID, TEAM_ID
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.inputs import with_ids

STACK_LIMIT = 3
VIEW_BYTES = 250_000


@dataclass
class Trigger:
    """Allows one views.open or views.push for a person, for three seconds."""

    user: str
    expires: float
    view_id: str | None
    used: bool = False


class Modals:
    """All views of the workspace. Raises Refusal with the error codes of the views.* methods."""

    def __init__(self, trigger_life: float) -> None:
        self.trigger_life = trigger_life
        self.stacks: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self._triggers: dict[str, Trigger] = {}

    def trigger(self, user: str, view_id: str | None = None) -> str:
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user, time.monotonic() + self.trigger_life, view_id)
        return trigger_id

    def _exchange(self, trigger_id: str) -> Trigger:
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if time.monotonic() > trigger.expires:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger

    def open(self, trigger_id: str, view: Json) -> tuple[str, Json]:
        """Opens a modal; answers the person it opened for and the view as shown."""
        self._check_external_id(view, None)
        trigger = self._exchange(trigger_id)
        shown = _shown(view, root=None, previous=None)
        self.stacks[trigger.user] = [shown]
        return trigger.user, shown

    def push_with(self, trigger_id: str, view: Json) -> tuple[str, Json]:
        """Pushes onto the stack that the trigger came from."""
        self._check_external_id(view, None)
        trigger = self._exchange(trigger_id)
        stack = self.stacks.get(trigger.user, [])
        if not any(open_view["id"] == trigger.view_id for open_view in stack):
            raise Refusal("invalid_trigger_id")
        return trigger.user, self.push(trigger.user, view)

    def push(self, user: str, view: Json) -> Json:
        stack = self.stacks.get(user, [])
        if len(stack) >= STACK_LIMIT:
            raise Refusal("push_limit_reached")
        shown = _shown(view, root=stack[0]["id"], previous=stack[-1]["id"])
        stack.append(shown)
        return shown

    def update(self, view_id: str | None, external_id: str | None, hash_: str | None, view: Json) -> tuple[str, Json]:
        """Replaces an open modal; answers whose it is and the view as shown."""
        for user, stack in self.stacks.items():
            for place, old in enumerate(stack):
                if old["id"] == view_id or (external_id and old["external_id"] == external_id):
                    self._check_external_id(view, old)
                    _check_hash(old, hash_)
                    stack[place] = _shown(view, old["root_view_id"], old["previous_view_id"], old["id"])
                    return user, stack[place]
        raise Refusal("not_found")

    def publish(self, user: str, hash_: str | None, view: Json) -> Json:
        old = self.homes.get(user)
        self._check_external_id(view, old)
        if old is not None:
            _check_hash(old, hash_)
        self.homes[user] = _shown(view, root=None, previous=None, view_id=old["id"] if old else None)
        return self.homes[user]

    def find(self, user: str, view_id: str) -> Json | None:
        """A view this person has before them: a modal in their stack, or their App Home."""
        home = self.homes.get(user)
        views = [*self.stacks.get(user, []), *([home] if home else [])]
        return next((view for view in views if view["id"] == view_id), None)

    def close(self, user: str, view_id: str, everything: bool) -> None:
        stack = self.stacks.get(user, [])
        if everything:
            stack.clear()
        else:
            stack[:] = [view for view in stack if view["id"] != view_id]

    def _check_external_id(self, view: Json, replaced: Json | None) -> None:
        wanted = view.get("external_id")
        others = [v for stack in self.stacks.values() for v in stack] + list(self.homes.values())
        if wanted and any(v["external_id"] == wanted and v is not replaced for v in others):
            raise Refusal("duplicate_external_id")


def _check_hash(old: Json, hash_: str | None) -> None:
    if hash_ is not None and hash_ != old["hash"]:
        raise Refusal("hash_conflict")


def _shown(view: Json, root: str | None, previous: str | None, view_id: str | None = None) -> Json:
    """The view object as Slack answers and sends it: every field there, unset ones null or empty."""
    view_id = view_id or "V0" + secrets.token_hex(5).upper()
    return {
        "id": view_id,
        "team_id": TEAM_ID,
        "type": view["type"],
        "blocks": with_ids(view["blocks"]),
        "private_metadata": view.get("private_metadata") or "",
        "callback_id": view.get("callback_id") or "",
        "state": {"values": {}},
        "hash": f"{int(time.time())}.{secrets.token_hex(4)}",
        "title": view.get("title"),
        "clear_on_close": view.get("clear_on_close") or False,
        "notify_on_close": view.get("notify_on_close") or False,
        "close": view.get("close"),
        "submit": view.get("submit"),
        "previous_view_id": previous,
        "root_view_id": root or view_id,
        "app_id": APP_ID,
        "external_id": view.get("external_id") or "",
        "app_installed_team_id": TEAM_ID,
        "bot_id": BOT_ID,
    }
