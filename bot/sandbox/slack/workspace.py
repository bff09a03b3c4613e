"""The workspace: everything the fake Slack knows, and the acts that change it.

One lock guards it; no network call happens inside it. Acts tell the pages of everyone concerned.
"""

import threading
from typing import Any

from bot.sandbox.slack import wire
from bot.sandbox.slack.channels import REPLY_KEYS, Channel, Clock
from bot.sandbox.slack.config import SlackConfig, read_manifest
from bot.sandbox.slack.directory import APP_ID, BOT_ID, BOT_USER, SLACKBOT, TEAM_ID, Directory
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.feed import Feed
from bot.sandbox.slack.inputs import usable, with_ids
from bot.sandbox.slack.modals import Modals
from bot.sandbox.slack.pressure import Pressure
from bot.sandbox.slack.response_urls import ResponseUrls
from bot.sandbox.slack.sockets import Sockets

REMOVABLE = ("blocks", "attachments", "metadata")


class Workspace:
    """State and acts. `bot_url` is where the bot listens, `base_url` where this server is reached; both may change.

    Setting `closed` ends what runs in the background.
    """

    def __init__(self, config: SlackConfig) -> None:
        self.config = config
        self.manifest = read_manifest(config.manifest)
        self.scopes = list(self.manifest.scopes)
        self.bot_url = config.bot_url
        self.base_url = ""
        self.lock = threading.RLock()
        self.closed = threading.Event()
        self.clock = Clock()
        self.feed = Feed()
        self.faults = Faults()
        self.pressure = Pressure(config.limits_on)
        self.modals = Modals(config.trigger_life)
        self.response_urls = ResponseUrls(config.response_url_life)
        self.directory = Directory(self.manifest.bot_name, self.manifest.name)
        self.sockets = Sockets()
        self.http = wire.client(config.answer_within)
        self.edits_closed = False
        self.token_revoked = False
        people = [user.id for user in self.directory.people]
        self.channels = {
            spec.id: Channel(
                spec.id,
                spec.name,
                creator=people[0],
                members=[*people, *([BOT_USER] if spec.bot_is_member else [])],
                is_private=spec.is_private,
            )
            for spec in config.channels
        }
        for person in people:
            self.dm(person)

    def dm(self, user: str) -> Channel:
        """The direct message between a person and the bot."""
        channel_id = "D0" + user.removeprefix("U0")
        if channel_id not in self.channels:
            self.channels[channel_id] = Channel(channel_id, "", BOT_USER, [user, BOT_USER], is_private=True, is_im=True)
        return self.channels[channel_id]

    def channel(self, channel_id: str) -> Channel:
        """By id. Raises Refusal(channel_not_found)."""
        if channel_id not in self.channels:
            raise Refusal("channel_not_found")
        return self.channels[channel_id]

    def channel_of(self, user: str, channel_id: str) -> Channel:
        """A channel this person can see. Raises Refusal(channel_not_found)."""
        channel = self.channel(channel_id)
        if user not in channel.members:
            raise Refusal("channel_not_found")
        return channel

    def post(self, channel: Channel, user: str, text: str, **fields: Any) -> Json:
        """Puts a message into a channel or, with `thread_ts`, into a thread. Answers it."""
        with self.lock:
            ts = self.clock.ts()
            message: Json = {"type": "message", "user": user, "text": text, "ts": ts, "team": TEAM_ID, **fields}
            if user == BOT_USER:
                message |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": self.bot_profile()}
            if message.get("blocks"):
                message["blocks"] = with_ids(message["blocks"])
            self._remember_actions(channel, message)
            channel.messages[ts] = message
            if user != BOT_USER:
                channel.read[user] = ts
            self._tell_people(channel, {"type": "message", "channel": channel.id, "message": self.seen(message)})
            if "thread_ts" in fields:
                self._tell_root(channel, fields["thread_ts"])
            return message

    def edit(self, channel: Channel, ts: str, user: str, changes: Json) -> Json:
        """Changes a message in place. A change of its text alone marks it as edited, as Slack does."""
        with self.lock:
            message = {**channel.message(ts), **changes}
            if changes.get("blocks"):
                message["blocks"] = with_ids(changes["blocks"])
            elif "text" in changes:
                message["edited"] = {"user": user, "ts": self.clock.ts()}
            message = {key: value for key, value in message.items() if value or key not in REMOVABLE}
            channel.messages[ts] = message
            self._remember_actions(channel, message)
            self.tell_changed(channel, message)
            return message

    def delete(self, channel: Channel, ts: str) -> None:
        """Takes a message out; where a thread hangs on it, its tombstone stays."""
        with self.lock:
            message = channel.message(ts)
            if "pinned_info" in message:
                self.feed.tell(channel.members, {"type": "state"})
            if message.get("reply_count"):
                kept = {key: message[key] for key in (*REPLY_KEYS, "type", "ts")}
                buried = {"subtype": "tombstone", "user": SLACKBOT, "text": "This message was deleted.", "hidden": True}
                channel.messages[ts] = {**kept, **buried}
                self.tell_changed(channel, channel.messages[ts])
                return
            del channel.messages[ts]
            self._tell_people(channel, {"type": "message_deleted", "channel": channel.id, "ts": ts})
            if message.get("thread_ts", ts) != ts:
                self._tell_root(channel, message["thread_ts"])

    def whisper(self, channel: Channel, to: str, text: str, sender: str = BOT_USER, **fields: Any) -> Json:
        """Shows a message to one person only; it is in no history."""
        with self.lock:
            ts = self.clock.ts()
            message: Json = {"type": "message", "user": sender, "text": text, "ts": ts, "is_ephemeral": True, **fields}
            if sender == BOT_USER:
                message |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": self.bot_profile()}
            if message.get("blocks"):
                message["blocks"] = with_ids(message["blocks"])
            self._remember_actions(channel, message)
            channel.ephemerals.setdefault(to, {})[ts] = message
            self.feed.tell([to], {"type": "message", "channel": channel.id, "message": self.seen(message)})
            return message

    def slackbot_says(self, channel: Channel, to: str, text: str) -> Json:
        return self.whisper(channel, to, text, sender=SLACKBOT, error=True)

    def replace_whisper(self, channel: Channel, to: str, ts: str, changes: Json | None) -> None:
        """Changes what only one person sees, or takes it away when there are no changes."""
        with self.lock:
            mine = channel.ephemerals.get(to, {})
            if ts not in mine:
                raise Refusal("message_not_found")
            if changes is None:
                del mine[ts]
                self.feed.tell([to], {"type": "message_deleted", "channel": channel.id, "ts": ts})
                return
            changed = {**mine[ts], **changes}
            if changes.get("blocks"):
                changed["blocks"] = with_ids(changes["blocks"])
            mine[ts] = {key: value for key, value in changed.items() if value or key not in REMOVABLE}
            self._remember_actions(channel, mine[ts])
            event = {"type": "message_changed", "channel": channel.id, "message": self.seen(mine[ts])}
            self.feed.tell([to], event)

    def bot_profile(self) -> Json:
        bot = self.directory.users[BOT_USER]
        return {
            "id": BOT_ID,
            "app_id": APP_ID,
            "user_id": BOT_USER,
            "name": bot.real_name,
            "icons": {},
            "deleted": False,
            "updated": 0,
            "team_id": TEAM_ID,
        }

    @staticmethod
    def seen(message: Json) -> Json:
        """A message as the page gets it."""
        shown = {key: value for key, value in message.items() if key != "is_ephemeral"}
        return {**shown, "ephemeral": bool(message.get("is_ephemeral")), "error": bool(message.get("error"))}

    def deactivate(self, user: str, deleted: bool = True) -> None:
        """Deactivates an account (or brings it back): `deleted` in users.info."""
        with self.lock:
            self.directory.user(user).deleted = deleted
        self.feed.tell_all({"type": "state"})

    def archive(self, channel_id: str, archived: bool = True) -> None:
        with self.lock:
            self.channel(channel_id).is_archived = archived
        self.feed.tell_all({"type": "state"})

    def set_bot_membership(self, channel_id: str, member: bool) -> None:
        with self.lock:
            members = self.channel(channel_id).members
            if member and BOT_USER not in members:
                members.append(BOT_USER)
            elif not member and BOT_USER in members:
                members.remove(BOT_USER)
        self.feed.tell_all({"type": "state"})

    def tell_views(self, user: str) -> None:
        self.feed.tell([user], {"type": "views", "stack": list(self.modals.stacks.get(user, []))})

    def _tell_people(self, channel: Channel, event: Json) -> None:
        self.feed.tell(channel.members, event)

    def _tell_root(self, channel: Channel, root_ts: str) -> None:
        root = channel.count_replies(root_ts)
        if root is not None:
            self.tell_changed(channel, root)

    def tell_changed(self, channel: Channel, message: Json) -> None:
        self._tell_people(channel, {"type": "message_changed", "channel": channel.id, "message": self.seen(message)})

    @staticmethod
    def _remember_actions(channel: Channel, message: Json) -> None:
        """A slow client may still show an older version of a message: what stood in it can still be pressed."""
        known = channel.actions.setdefault(message["ts"], {})
        for block, element in usable(message.get("blocks", [])):
            known[block["block_id"], element["action_id"]] = element
