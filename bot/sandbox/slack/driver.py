"""A pair of hands for tests and the demo: does on the workspace what a person does on the page, over HTTP."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from bot.sandbox.slack import wire
from bot.sandbox.slack.answering import choose, overlay, pressed
from bot.sandbox.slack.errors import Json, PageError
from bot.sandbox.slack.inputs import full_state

Seen = TypeVar("Seen")


class Driver:
    """Acts as any person of the workspace at `base_url`. What Slack refuses raises PageError with what it shows.

    `channel` is a name ("releases", "#releases"), an id, or "@slipway" for the direct message with the bot.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = wire.client(30, keep=True)
        self._drafts: dict[str, Json] = {}
        self._channels: dict[tuple[str, str], str] = {}  # (user, name) -> id, as far as they have been asked for

    def shut(self) -> None:
        self._http.close()

    # Reading

    def state(self, user: str) -> Json:
        return self._get("state", user=user)

    def channel(self, user: str, name: str) -> str:
        """The id of a channel by its name. Raises LookupError."""
        if (user, name) not in self._channels:
            self._channels[user, name] = self._channel(user, name)
        return self._channels[user, name]

    def _channel(self, user: str, name: str) -> str:
        for channel in self.state(user)["channels"]:
            if name in (channel["id"], channel["name"], f"#{channel['name']}") and channel["id"]:
                return str(channel["id"])
            if name.startswith("@") and channel["is_im"]:
                return str(channel["id"])
        raise LookupError(f"{user} sees no channel {name}")

    def messages(self, user: str, channel: str) -> list[Json]:
        """What stands in the channel, oldest first, this person's ephemerals among it."""
        answer = self._get("history", user=user, channel=self.channel(user, channel))
        return list(answer["messages"])

    def thread(self, user: str, channel: str, ts: str) -> list[Json]:
        """The root, then its replies."""
        answer = self._get("thread", user=user, channel=self.channel(user, channel), ts=ts)
        return list(answer["messages"])

    def pins(self, user: str, channel: str) -> list[Json]:
        """The pinned messages, the latest pin first; `pinned_info` says by whom and when."""
        return list(self._get("pins", user=user, channel=self.channel(user, channel))["messages"])

    def topic(self, user: str, channel: str) -> str:
        channel_id = self.channel(user, channel)
        return next(str(one["topic"]) for one in self.state(user)["channels"] if one["id"] == channel_id)

    def stack(self, user: str) -> list[Json]:
        """The open modals, bottom first."""
        return list(self._get("views", user=user)["stack"])

    def view(self, user: str) -> Json | None:
        """The modal on top, if one is open."""
        stack = self.stack(user)
        return stack[-1] if stack else None

    # Doing

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> str | None:
        """Types a text or a slash command and sends it; answers the ts of a message."""
        fields = {"thread_ts": thread_ts} if thread_ts else {}
        answer = self._post("say", user=user, channel=self.channel(user, channel), text=text, **fields)
        return answer.get("ts")

    def click(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        value: Any = None,
        stale: Json | None = None,
        state: Json | None = None,
    ) -> None:
        """Uses an element of a message: presses a button, or chooses `value` in a menu, picker or overflow.

        `action_id` may also be a button's text. `stale`: an older version of the message, still on the person's screen.
        `state`: {block_id or action_id: value} of other inputs in the message. Raises LookupError when it is not there.
        """
        channel_id = self.channel(user, channel)
        message = stale or self._message(user, channel_id, ts)
        block, element = pressed(message.get("blocks", []), action_id)
        where = {"type": "message", "channel": channel_id, "ts": ts, "is_ephemeral": message.get("ephemeral", False)}
        values = overlay(message["blocks"], state or {}, lambda *place: self._suggest(user, where, *place))
        self._act(user, where, block, element, value, values)

    def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> None:
        """Chooses a shortcut from a message's menu, by its callback_id or its name. Raises LookupError."""
        there = self.state(user)["message_shortcuts"]
        named = [one["callback_id"] for one in there if callback_id in (one["callback_id"], one["name"])]
        if not named:
            raise LookupError(
                f"no shortcut {callback_id}; there are: {', '.join(one['name'] for one in there) or 'none'}"
            )
        self._post("shortcut", user=user, channel=self.channel(user, channel), ts=ts, callback_id=named[0])

    def react(self, user: str, channel: str, ts: str, name: str) -> None:
        """Puts a reaction on a message, e.g. "pushpin"; comes back when the bot has been told."""
        self._post("react", user=user, channel=self.channel(user, channel), ts=ts, name=name)

    def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        self._post("react", user=user, channel=self.channel(user, channel), ts=ts, name=name, on=False)

    def pin(self, user: str, channel: str, ts: str) -> None:
        self._post("pin", user=user, channel=self.channel(user, channel), ts=ts)

    def unpin(self, user: str, channel: str, ts: str) -> None:
        self._post("pin", user=user, channel=self.channel(user, channel), ts=ts, on=False)

    def join(self, user: str, channel: str) -> str:
        """Enters a public channel; answers its id. Raises LookupError."""
        for other in self.state(user)["others"]:
            if channel.removeprefix("#") in (other["id"], other["name"]):
                self._post("join", user=user, channel=other["id"])
        return self.channel(user, channel)

    def click_in_view(self, user: str, action_id: str, value: Any = None, **entered: Any) -> None:
        """Uses an element of the modal on top; what was entered so far goes with it."""
        view = self._top(user)
        self._use_view(user, view, action_id, value, entered)

    def click_in_home(self, user: str, action_id: str, value: Any = None) -> None:
        view = self.home(user)
        if view is None:
            raise LookupError(f"{user} has no App Home")
        self._use_view(user, view, action_id, value, {})

    def fill_and_submit(self, user: str, **values: Any) -> Json:
        """Fills the modal on top and submits it: `{result, errors?}`.

        Values go by block_id or action_id: text, the value or the text of an option, a list of these, a user or
        channel id, "YYYY-MM-DD", "HH:mm" or seconds since the epoch. What is not given stays as it was. Raises
        LookupError for a name that is not there or an option that is not offered.
        """
        view = self._top(user)
        state = self._drafts[view["id"]] = self._entered(user, view, values)
        answer = self._post("submit", user=user, view_id=view["id"], state={"values": state})
        if answer["result"] in ("closed", "cleared"):
            del self._drafts[view["id"]]
        return {key: answer[key] for key in ("result", "errors") if key in answer}

    def close(self, user: str, cleared: bool = False) -> None:
        """Cancels the modal on top or, `cleared`, leaves the whole stack by its x."""
        self._post("close", user=user, view_id=self._top(user)["id"], cleared=cleared)

    def suggest(self, user: str, action_id: str, typed: str) -> list[Json]:
        """The options that typing into an external select of the modal on top offers."""
        view = self._top(user)
        block, element = pressed(view["blocks"], action_id)
        where = {"type": "view", "view_id": view["id"]}
        return self._suggest(user, where, block["block_id"], element["action_id"], typed)

    def home(self, user: str) -> Json | None:
        """Opens the App Home and answers what stands there once the bot has answered."""
        view: Json | None = self._post("home", user=user)["view"]
        return view

    def control(self, what: str, **args: Any) -> Json:
        """Pulls a hook of `/_control/`. Raises httpx.HTTPStatusError for one that does not exist."""
        response = self._http.post(f"{self.base_url}/_control/{what}", json=args)
        response.raise_for_status()
        answer: Json = response.json()
        return answer

    def calls(self, method: str | None = None, since: int = 0) -> list[Json]:
        """Web API calls received so far: `{n, at, method, args, ok, error, status, fault}`."""
        params: dict[str, Any] = {"since": since, **({"method": method} if method else {})}
        return list(self._http.get(f"{self.base_url}/_control/calls", params=params).json()["calls"])

    # Waiting

    def wait_for(self, predicate: Callable[[], Seen], timeout: float = 10.0, what: str = "") -> Seen:
        """Looks until the predicate gives something true, and gives that. Raises TimeoutError naming `what`."""
        deadline = time.monotonic() + timeout
        while True:
            seen = predicate()
            if seen:
                return seen
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {timeout:g} s: {what or predicate}")
            time.sleep(0.02)

    def wait_for_message(self, user: str, channel: str, text: str, timeout: float = 10.0) -> Json:
        """The newest message whose text or blocks contain `text`."""

        def look() -> Json | None:
            found = [message for message in self.messages(user, channel) if text in str(message)]
            return found[-1] if found else None

        seen = self.wait_for(look, timeout, f"a message in {channel} with {text!r}")
        assert seen is not None
        return seen

    def wait_for_view(self, user: str, callback_id: str | None = None, timeout: float = 5.0) -> Json:
        """The modal on top, once it is this one."""

        def look() -> Json | None:
            view = self.view(user)
            return view if view and callback_id in (None, view["callback_id"]) else None

        seen = self.wait_for(look, timeout, f"the modal {callback_id or ''} of {user}")
        assert seen is not None
        return seen

    # Inside

    def _use_view(self, user: str, view: Json, action_id: str, value: Any, entered: Json) -> None:
        block, element = pressed(view["blocks"], action_id)
        where = {"type": "view", "view_id": view["id"]}
        self._act(user, where, block, element, value, self._entered(user, view, entered))

    def _act(self, user: str, where: Json, block: Json, element: Json, value: Any, state: Json) -> None:
        def offered(typed: str) -> list[Json]:
            return self._suggest(user, where, block["block_id"], element["action_id"], typed)

        action = {"type": element["type"], "action_id": element["action_id"]}
        if value is not None:
            action |= choose(element, value, offered)
            if block["block_id"] in state and element["action_id"] in state[block["block_id"]]:
                state[block["block_id"]][element["action_id"]] |= action
        place = {"block_id": block["block_id"], "action": action, "state": {"values": state}}
        self._post("act", user=user, container=where, **place)
        if where["type"] == "view":
            self._drafts[where["view_id"]] = state

    def _entered(self, user: str, view: Json, values: Json) -> Json:
        """The state of the view with these values on top of what was entered before."""
        where = {"type": "view", "view_id": view["id"]}
        before = full_state(view["blocks"], self._drafts.get(view["id"], {}))
        return overlay(view["blocks"], values, lambda *place: self._suggest(user, where, *place), before)

    def _suggest(self, user: str, where: Json, block_id: str, action_id: str, typed: str) -> list[Json]:
        answer = self._post("suggest", user=user, container=where, block_id=block_id, action_id=action_id, value=typed)
        groups = answer.get("option_groups", [])
        return [*answer.get("options", []), *(option for group in groups for option in group["options"])]

    def _message(self, user: str, channel_id: str, ts: str) -> Json:
        for message in self.messages(user, channel_id):
            if message["ts"] == ts:
                return message
            if message.get("reply_count"):
                for reply in self.thread(user, channel_id, message["ts"]):
                    if reply["ts"] == ts:
                        return reply
        raise LookupError(f"{user} sees no message {ts} in {channel_id}")

    def _top(self, user: str) -> Json:
        view = self.view(user)
        if view is None:
            raise LookupError(f"{user} has no modal open")
        return view

    def _get(self, what: str, **params: str) -> Json:
        return _checked(self._http.get(f"{self.base_url}/_page/{what}", params=params))

    def _post(self, what: str, **args: Any) -> Json:
        return _checked(self._http.post(f"{self.base_url}/_page/{what}", json=args))


def _checked(response: httpx.Response) -> Json:
    response.raise_for_status()
    answer: Json = response.json()
    if not answer["ok"]:
        raise PageError(answer["error"], answer["message"])
    return answer
