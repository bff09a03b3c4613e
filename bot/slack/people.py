"""Reads Slack's people: members of the user groups named in `roles`, deactivated users, names."""

import logging
from datetime import UTC, datetime, timedelta

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.sop.facts import CannotLook, Directory
from bot.sop.policy import Policy, Role
from bot.sop.unreached import why

log = logging.getLogger(__name__)
PAGE = 999  # the most; users.list may be asked 20 times a minute
GONE = ("no_such_subteam", "subteam_not_found")


class People:
    """Implements readers.People."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def directory(self, policy: Policy) -> Directory:
        named = {name for role in Role for name in policy.roles.of(role)}
        try:
            groups = {g: tuple(self._members(g)) for g in sorted(named) if g.startswith("S")}
            users = [u for page in self._client.users_list(limit=PAGE) for u in page.get("members", [])]
        except SlackApiError as e:
            said = f"Slack answered {e.response.get('error', 'an error')} about people and groups"
            raise CannotLook(said, _until(e)) from e
        except (SlackClientError, OSError) as e:
            raise CannotLook(f"Slack could not be reached: {why(e)}") from e
        return Directory(
            groups=groups,
            deactivated=frozenset(u["id"] for u in users if u.get("deleted")),
            names={u["id"]: u.get("real_name") or u.get("name", u["id"]) for u in users},
            zones={u["id"]: u["tz"] for u in users if u.get("tz")},
        )

    def _members(self, group: str) -> list[str]:
        """Nobody, of a group that Slack does not have (any more): doctor names it."""
        try:
            members: list[str] = self._client.usergroups_users_list(usergroup=group).get("users", [])
        except SlackApiError as e:
            if e.response.get("error") not in GONE:
                raise
            log.warning("sop.yaml names the user group %s, which Slack does not have", group)
            return []
        return members


def _until(error: SlackApiError) -> datetime | None:
    """When Slack may be asked again, where it said so."""
    wait = str(error.response.headers.get("Retry-After", ""))
    return datetime.now(UTC) + timedelta(seconds=int(wait)) if wait.isdigit() else None
