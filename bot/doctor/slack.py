"""Is Slack as the bot needs it?"""

from collections.abc import Iterator

from slack_sdk.errors import SlackApiError

from bot.config import BadManifest, Mode, scopes
from bot.doctor.finding import Finding, Patient
from bot.slack.people import People
from bot.sop.facts import Directory
from bot.sop.policy import Policy, Role
from bot.sop.roles import holders

TOKEN = "copy the Bot User OAuth Token (OAuth & Permissions) into SLACK_BOT_TOKEN"  # noqa: S105


def token(patient: Patient) -> Iterator[Finding]:
    try:
        answer = patient.slack.auth_test()
    except SlackApiError as error:
        yield Finding("Slack token", False, f"Slack answered {error.response.get('error')}", TOKEN)
        return
    yield Finding("Slack token", True, f"{answer.get('team')}, as @{answer.get('user')}")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    yield _scopes(patient, frozenset(filter(None, str(headers.get("x-oauth-scopes", "")).split(","))))


def _scopes(patient: Patient, have: frozenset[str]) -> Finding:
    try:
        wanted = scopes(patient.manifest)
    except BadManifest as error:
        return Finding("Slack scopes", None, str(error), "name the manifest with --manifest")
    lacking = sorted(wanted - {scope.strip() for scope in have})
    if lacking:
        mend = "bring the app's manifest up to date (`slipway manifest`) and reinstall the app"
        return Finding("Slack scopes", False, f"{', '.join(lacking)} not granted", mend)
    return Finding("Slack scopes", True, f"all {len(wanted)} of the manifest are granted")


def mode(patient: Patient) -> Iterator[Finding]:
    """The signing secret proves itself only when Slack calls; the app token can be tried."""
    if patient.settings.mode is Mode.HTTP:
        yield Finding("Slack mode", True, "HTTP: Slack calls /slack/events, checked with SLACK_SIGNING_SECRET")
        return
    secret = patient.settings.slack_app_token
    try:
        patient.slack.apps_connections_open(app_token=secret.get_secret_value() if secret else "")
        yield Finding("Slack mode", True, "Socket Mode: the app token opens a connection")
    except SlackApiError as error:
        mend = "make an app-level token with connections:write (Basic Information) and enable Socket Mode"
        yield Finding("Slack mode", False, f"SLACK_APP_TOKEN: Slack answered {error.response.get('error')}", mend)


def channels(patient: Patient) -> Iterator[Finding]:
    for service in patient.policy.services:
        what, invite = f"Channel, {service.name}", "/invite @slipway in the channel"
        try:
            channel = patient.slack.conversations_info(channel=service.channel)["channel"]
        except SlackApiError as error:
            said = f"{service.channel}: Slack answered {error.response.get('error')}"
            yield Finding(what, False, said, f"check the id in sop.yaml; if the channel is private, {invite}")
            continue
        if channel.get("is_archived"):
            yield Finding(what, False, f"#{channel.get('name')} is archived", "unarchive it, or name another")
        elif not channel.get("is_member"):
            yield Finding(what, False, f"the bot is not in #{channel.get('name')}", invite)
        else:
            yield Finding(what, True, f"the bot is in #{channel.get('name')}")


def roles(patient: Patient) -> Iterator[Finding]:
    directory = People(patient.slack).directory(patient.policy)
    yield _groups(patient.policy, directory)
    yield _approvers(patient.policy, directory)
    yield _people(patient.policy, directory)
    yield _keys(patient.policy, directory)


def _groups(policy: Policy, directory: Directory) -> Finding:
    """Does everyone whom sop.yaml names exist in Slack?"""
    named = {n for role in Role for n in policy.roles.of(role)} | {p.slack for p in policy.people}
    people = sorted(n for n in named if not n.startswith("S"))
    gone = [n for n in people if n in directory.deactivated or n not in directory.names]
    empty = sorted(
        g for g in named if g.startswith("S") and not set(directory.groups.get(g, ())) - directory.deactivated
    )
    if gone or empty:
        said = "; ".join(
            part
            for part in (
                f"{', '.join(gone)}: unknown or deactivated in Slack" if gone else "",
                f"{', '.join(empty)}: a group without active members" if empty else "",
            )
            if part
        )
        return Finding("People in Slack", False, said, "correct roles and people in sop.yaml")
    return Finding("People in Slack", True, f"{len(people)} people and every group are known and active")


def _approvers(policy: Policy, directory: Directory) -> Finding:
    """Whoever requests a change and writes it, enough others must be left to approve it."""
    approvers, wanted = holders(policy, directory, Role.APPROVER), policy.approvals.required
    short = sorted(r for r in holders(policy, directory, Role.RELEASER) if len(approvers - {r}) < wanted)
    if not short and len(approvers) >= wanted:
        return Finding("Approvers", True, f"{len(approvers)} people can approve, {wanted} must")
    whose = f"a change of {', '.join(short)}" if short else "a change"
    said = f"{whose} could never get {wanted} approval{'s' if wanted > 1 else ''}: nobody approves their own"
    return Finding("Approvers", False, said, "name more approvers in sop.yaml, or lower approvals.required")


def _people(policy: Policy, directory: Directory) -> Finding:
    missing = sorted({p for role in Role for p in holders(policy, directory, role)} - {p.slack for p in policy.people})
    if missing:
        said = f"{', '.join(missing)} have a role but no entry in people"
        return Finding("People", False, said, "add slack and github: without it their commits are nobody's")
    return Finding("People", True, "everyone with a role is in people")


def _keys(policy: Policy, directory: Directory) -> Finding:
    releasers = holders(policy, directory, Role.RELEASER)
    without = sorted(p.slack for p in policy.people if p.slack in releasers and not p.signing_keys)
    if without:
        said = f"{', '.join(without)} cannot sign a preflight"
        return Finding("Signing keys", False, said, "add the line of their ~/.ssh/id_ed25519.pub to signing_keys")
    return Finding("Signing keys", True, "every releaser has one")
