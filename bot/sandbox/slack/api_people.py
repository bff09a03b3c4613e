"""auth.test, users.*, usergroups.*."""

from bot.sandbox.slack.arguments import Args, page_of
from bot.sandbox.slack.directory import BOT_ID, BOT_USER, TEAM_DOMAIN, TEAM_ID, TEAM_NAME
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.workspace import Workspace


def api_test(_workspace: Workspace, args: Args) -> Json:
    if error := args.text("error"):
        raise Refusal(error, args=args.values)
    return {"args": args.values}


def auth_test(workspace: Workspace, _args: Args) -> Json:
    return {
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": TEAM_NAME,
        "user": workspace.directory.users[BOT_USER].name,
        "team_id": TEAM_ID,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def users_info(workspace: Workspace, args: Args) -> Json:
    return {"user": workspace.directory.user(args.needed("user")).api()}


def users_list(workspace: Workspace, args: Args) -> Json:
    page, _, cursor = page_of(list(workspace.directory.users.values()), args, default=1000)
    moment = int(float(workspace.clock.ts()))
    members = [user.api() for user in page]
    return {"members": members, "cache_ts": moment, "response_metadata": {"next_cursor": cursor}}


def usergroups_list(workspace: Workspace, args: Args) -> Json:
    users, count = args.flag("include_users"), args.flag("include_count")
    return {"usergroups": [group.api(users, count) for group in workspace.directory.usergroups.values()]}


def usergroup_users(workspace: Workspace, args: Args) -> Json:
    group = workspace.directory.usergroup(args.needed("usergroup"))
    active = [user for user in group.users if not workspace.directory.users[user].deleted]
    return {"users": list(group.users) if args.flag("include_disabled") else active}
