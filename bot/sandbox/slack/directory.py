"""Who is in the workspace: people, the bot, Slackbot, and the user groups."""

import time
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.sandbox.people import APPROVERS_GROUP, PEOPLE, Person
from bot.sandbox.slack.errors import Json, Refusal

TEAM_ID = "T0SLIPWAY"
TEAM_NAME = "Slipway Works"
TEAM_DOMAIN = "slipway-works"
APP_ID = "A0SLIPWAY"
BOT_ID = "B0SLIPWAY"
BOT_USER = "U0SLIPWAY"
SLACKBOT = "USLACKBOT"


@dataclass
class User:
    """A member of the workspace; `deleted` is what Slack calls a deactivated account."""

    id: str
    name: str
    real_name: str
    title: str
    tz: str
    email: str = ""
    is_bot: bool = False
    deleted: bool = False

    def card(self) -> Json:
        """For the page."""
        return {
            "id": self.id,
            "name": self.name,
            "real_name": self.real_name,
            "title": self.title,
            "tz": self.tz,
            "is_bot": self.is_bot,
            "deleted": self.deleted,
        }

    def api(self) -> Json:
        """As users.info and users.list show it (without the email, which needs a scope of its own)."""
        shown: Json = {
            "id": self.id,
            "team_id": TEAM_ID,
            "name": self.name,
            "deleted": self.deleted,
            "profile": {
                "title": self.title,
                "real_name": self.real_name,
                "real_name_normalized": self.real_name,
                "display_name": self.name,
                "display_name_normalized": self.name,
                "status_text": "",
                "status_emoji": "",
                "avatar_hash": "",
                "team": TEAM_ID,
            },
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": int(time.time()),
        }
        return shown if self.deleted else {**shown, **self._account()}

    def _account(self) -> Json:
        moment = datetime.now(ZoneInfo(self.tz))
        offset = moment.utcoffset()
        return {
            "color": "9f69e7",
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": moment.tzname(),
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_email_confirmed": True,
            "who_can_share_contact_card": "EVERYONE",
        }


@dataclass
class Usergroup:
    id: str
    handle: str
    name: str
    users: list[str]
    created: int

    def card(self) -> Json:
        return {"id": self.id, "handle": self.handle, "name": self.name, "users": list(self.users)}

    def api(self, include_users: bool, include_count: bool) -> Json:
        """As usergroups.list shows it."""
        shown: Json = {
            "id": self.id,
            "team_id": TEAM_ID,
            "is_usergroup": True,
            "is_subteam": True,
            "name": self.name,
            "description": "",
            "handle": self.handle,
            "is_external": False,
            "date_create": self.created,
            "date_update": self.created,
            "date_delete": 0,
            "auto_type": None,
            "created_by": self.users[0],
            "updated_by": self.users[0],
            "deleted_by": None,
            "prefs": {"channels": [], "groups": []},
        }
        if include_users:
            shown["users"] = list(self.users)
        if include_count:
            shown["user_count"] = str(len(self.users))
        return shown


class Directory:
    """Looks people up by id and by the names others write."""

    def __init__(self, bot_name: str, app_name: str) -> None:
        bot = User(BOT_USER, bot_name, app_name, "App", "UTC", is_bot=True)
        slackbot = User(SLACKBOT, "slackbot", "Slackbot", "", "UTC")
        self.users = {user.id: user for user in [*map(_user, PEOPLE), bot, slackbot]}
        group, handle, members = APPROVERS_GROUP
        self.usergroups = {group: Usergroup(group, handle, handle.capitalize(), list(members), int(time.time()))}

    @property
    def people(self) -> list[User]:
        return [user for user in self.users.values() if not user.is_bot and user.id != SLACKBOT]

    def user(self, user_id: str) -> User:
        """Raises Refusal(user_not_found)."""
        if user_id not in self.users:
            raise Refusal("user_not_found")
        return self.users[user_id]

    def usergroup(self, group_id: str) -> Usergroup:
        """Raises Refusal(no_such_subteam)."""
        if group_id not in self.usergroups:
            raise Refusal("no_such_subteam")
        return self.usergroups[group_id]


def _user(person: Person) -> User:
    return User(person.slack_id, person.login, person.name, person.title, person.tz, person.email)
