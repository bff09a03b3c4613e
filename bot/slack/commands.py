"""Slash commands: one flat table. A row is a word, a verb, what may follow, what it does, and a function."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from bot.slack.actions import abort_of, change_form, freeze_form, start_form
from bot.slack.answer import Open, Reply, Room, Tell
from bot.slack.cards import lists
from bot.slack.cards.change import change_card
from bot.slack.cards.forms import end_freeze_form, release_form, withdraw_form
from bot.slack.cards.incident import incident_card, incidents_list
from bot.slack.cards.incident_forms import declare_form
from bot.slack.cards.kit import Message, fitted, texts
from bot.slack.cards.release import release_card
from bot.slack.failure_actions import roll_back_of
from bot.slack.incident_actions import hotfix_of, note_of
from bot.sop.codes import Code
from bot.sop.outlook import Button
from bot.sop.policy import Policy
from bot.sop.records import Release
from bot.sop.release import possible_now
from bot.sop.stages import Intent
from bot.words.text import joined

LISTED = 10


@dataclass(frozen=True)
class Ask:
    """One slash command, its words read. `service`: named, or the only one of the channel."""

    user: str
    channel: str
    service: str | None = None
    named: bool = False  # the service was typed
    change: int | None = None
    release: int | None = None
    freeze: int | None = None
    incident: int | None = None
    issue: int | None = None  # of GitHub


@dataclass(frozen=True)
class Command:
    word: str
    verb: str
    takes: str  # as the help shows it: `[SERVICE]` may be there, `CR-1` must be
    says: str
    run: Callable[[Room, Ask], Reply]

    @property
    def usage(self) -> str:
        return " ".join(w for w in (self.word, self.verb, self.takes) if w)


# --- what each does


def change_new(room: Room, ask: Ask) -> Reply:
    return change_form(room, ask.user, ask.service)


def change_list(room: Room, ask: Ask) -> Reply:
    return Tell(lists.changes_list(room.desk.change_list(ask.service, LISTED), room.pen()))


def change_show(room: Room, ask: Ask) -> Reply:
    view = room.desk.change_view(ask.change or 0)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"CR-{ask.change}")
    return Tell(change_card(view, room.pen()))


def change_withdraw(room: Room, ask: Ask) -> Reply:
    view = room.desk.change_view(ask.change or 0)
    outcome = room.desk.rehearsed(lambda desk: desk.withdraw_change(ask.user, ask.change or 0))
    if view is None or outcome.refusal:
        return room.answer(outcome)
    return Open(withdraw_form(view.change, room.pen()))


def release_start(room: Room, ask: Ask) -> Reply:
    view = room.desk.change_view(ask.change) if ask.change else None
    if ask.change and view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"CR-{ask.change}")
    change = view.change if view else None
    service = ask.service if ask.named or change is None else change.content.service
    left = room.desk.lock_left(service) if service else None
    form = release_form(room.policy(), service, change, "", left, room.pen())
    return start_form(room, ask.user, form, change)


def release_status(room: Room, ask: Ask) -> Reply:
    return room.desk.remembered(("status", ask.service, ask.release), lambda: _status(room, ask))


def _status(room: Room, ask: Ask) -> Reply:
    if ask.release is None:
        return Tell(lists.status_list(room.desk.status_view(ask.service), room.pen()))
    view = room.desk.release_view(ask.release)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"R-{ask.release}")
    return Tell(release_card(view, room.pen()))


def release_list(room: Room, ask: Ask) -> Reply:
    return Tell(lists.releases_list(room.desk.release_list(ask.service, LISTED), room.pen()))


def release_abort(room: Room, ask: Ask) -> Reply:
    return abort_of(room, ask.user, ask.release or 0)


def release_rollback(room: Room, ask: Ask) -> Reply:
    """Of the release that is named; else of the only one, open or last, that can be rolled back."""
    if ask.release is not None:
        return roll_back_of(room, ask.user, ask.release)
    open_ = [v for v in room.desk.status_view(ask.service) if Button.ROLL_BACK in v.buttons]
    found = [v.release for v in open_] or _last_to_roll_back(room, ask)
    if len(found) == 1:
        return roll_back_of(room, ask.user, found[0].id)
    if found:
        return room.tell(f"Say which one: {joined([r.name for r in found], 'or')}.")
    return room.tell("No release can be rolled back now.")


def _last_to_roll_back(room: Room, ask: Ask) -> list[Release]:
    """The last one of each service."""
    done = [r for r in room.desk.release_list(ask.service, LISTED) if Intent.ROLL_BACK in _asked_of(r)]
    return list({r.service: r for r in reversed(done)}.values())


def _asked_of(release: Release) -> tuple[Intent, ...]:
    return possible_now(release)


def incident_declare(room: Room, ask: Ask) -> Reply:
    return Open(declare_form(room.policy(), ask.service, ask.issue))


def incident_list(room: Room, ask: Ask) -> Reply:
    found = room.desk.incident_list(ask.service if ask.named else None, LISTED)
    return Tell(incidents_list(found, room.desk.now(), room.pen()))


def incident_status(room: Room, ask: Ask) -> Reply:
    view = room.desk.incident_view(ask.incident or 0)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"INC-{ask.incident}")
    return Tell(incident_card(view, room.pen()))


def incident_hotfix(room: Room, ask: Ask) -> Reply:
    return hotfix_of(room, ask.user, ask.incident or 0)


def incident_resolve(room: Room, ask: Ask) -> Reply:
    return room.answer(room.desk.resolve_incident(ask.user, ask.incident or 0), f"INC-{ask.incident} is resolved.")


def incident_note(room: Room, ask: Ask) -> Reply:
    return note_of(room, ask.user, ask.incident or 0)


def freeze_start(room: Room, ask: Ask) -> Reply:
    return freeze_form(room, ask.user, _named(ask), later=False)


def freeze_schedule(room: Room, ask: Ask) -> Reply:
    return freeze_form(room, ask.user, _named(ask), later=True)


def _named(ask: Ask) -> tuple[str, ...]:
    return (ask.service,) if ask.named and ask.service else ()


def freeze_end(room: Room, ask: Ask) -> Reply:
    view = room.desk.freeze_view(ask.freeze or 0)
    outcome = room.desk.rehearsed(lambda desk: desk.end_freeze(ask.user, ask.freeze or 0))
    if view is None or outcome.refusal:
        return room.answer(outcome)
    return Open(end_freeze_form(view.freeze, room.pen()))


def freeze_status(room: Room, _ask: Ask) -> Reply:
    return Tell(lists.freezes_list(room.desk.freezes(), room.pen()))


def sop(room: Room, _ask: Ask) -> Reply:
    return Tell(lists.sop_card(room.policy(), room.pen(), room.desk.patrol_views()))


TABLE = (
    Command("change", "new", "", "file a change request", change_new),
    Command("change", "list", "[SERVICE]", "the last change requests", change_list),
    Command("change", "show", "CR-1", "one change request", change_show),
    Command("change", "withdraw", "CR-1", "take yours back", change_withdraw),
    Command("release", "start", "[SERVICE] [CR-1]", "start a release", release_start),
    Command("release", "status", "[R-1|SERVICE]", "what is running, and what it waits for", release_status),
    Command("release", "list", "[SERVICE]", "the last releases", release_list),
    Command("release", "abort", "R-1", "abort a release", release_abort),
    Command("release", "rollback", "[R-1]", "return production to a verified commit", release_rollback),
    Command("incident", "declare", "[SERVICE] [#123]", "declare an incident; an issue is taken over", incident_declare),
    Command("incident", "list", "[SERVICE]", "the last incidents", incident_list),
    Command("incident", "status", "INC-1", "one incident", incident_status),
    Command("incident", "hotfix", "INC-1", "start a hotfix of a confirmed CRITICAL", incident_hotfix),
    Command("incident", "resolve", "INC-1", "resolve it without a hotfix", incident_resolve),
    Command("incident", "note", "INC-1", "write its post-action note", incident_note),
    Command("freeze", "start", "[SERVICE]", "freeze deployments now", freeze_start),
    Command("freeze", "end", "FRZ-1", "end a freeze", freeze_end),
    Command("freeze", "schedule", "[SERVICE]", "freeze later", freeze_schedule),
    Command("freeze", "status", "", "freezes in force and to come", freeze_status),
    Command("sop", "", "", "stage, status, rules, services, who may do what", sop),
)
WORDS = tuple(dict.fromkeys(c.word for c in TABLE))

# --- reading what was typed

IDS = {
    "CR-1": ("change", "CR-"),
    "R-1": ("release", "R-"),
    "FRZ-1": ("freeze", "FRZ-"),
    "INC-1": ("incident", "INC-"),
    "#123": ("issue", "#"),
}
PLACE = re.compile(r"[A-Z]+-1|#123|SERVICE")


def run(room: Room, word: str, text: str, user: str, channel: str) -> Reply:
    """One command, as typed after its slash word."""
    typed = text.split()
    rows = {c.verb: c for c in TABLE if c.word == word}
    verb = typed[0].lower() if typed else ""
    if "" in rows and verb != "help":
        command, rest = rows[""], typed
    elif verb in rows:
        command, rest = rows[verb], typed[1:]
    else:
        return unknown(room, word, verb)
    read = parse(command, rest, user, channel, room.policy())
    if isinstance(read, Ask):
        return command.run(room, read)
    pen = room.pen()
    return room.tell(f"{pen.text(read)} Usage: {pen.command(command.usage)}")


def parse(command: Command, typed: list[str], user: str, channel: str, policy: Policy) -> Ask | str:
    """What was asked, or a sentence that says what is wrong with it."""
    wanted = PLACE.findall(command.takes)
    services = [s.name for s in policy.services]
    found: dict[str, int] = {}
    service: str | None = None
    for token in typed:
        id_ = next((i for i in wanted if i in IDS and re.fullmatch(rf"{IDS[i][1]}[1-9]\d{{0,8}}", token.upper())), None)
        if id_:
            found[IDS[id_][0]] = int(token[len(IDS[id_][1]) :])
        elif "SERVICE" in wanted and token.lower() in services:
            service = token.lower()
        else:
            return _not_read(token, wanted, services)
    required = [i for i in IDS if i in wanted and f"[{i}" not in command.takes and IDS[i][0] not in found]
    if required:
        return f"Say which one: {required[0]}."
    here = policy.in_channel(channel)
    implied = here[0].name if len(here) == 1 else None
    return Ask(user=user, channel=channel, service=service or implied, named=service is not None, **found)


def _not_read(token: str, wanted: list[str], services: list[str]) -> str:
    may = [f"a service ({', '.join(services[:12])})" if w == "SERVICE" else f"an id like {w}" for w in wanted]
    return f"“{token[:60]}” is not {' or '.join(may)}." if may else f"“{token[:60]}” is too much."


def unknown(room: Room, word: str, verb: str) -> Reply:
    """The nearest command, and the help."""
    rows = {c.verb: c for c in TABLE if c.word == word}
    near = get_close_matches(verb, rows, n=1, cutoff=0.5) if verb and verb != "help" else []
    pen = room.pen()
    first = f"There is no {pen.command(f'{word} ' + pen.inside_code(verb, 60))}." if verb and verb != "help" else ""
    if near:
        first += f" Did you mean {pen.command(rows[near[0]].usage)}?"
    return Tell(help_message(room, first))


def help_message(room: Room, first: str = "") -> Message:
    pen = room.pen()
    lines = [first, ""] if first else []
    lines += [f"{pen.command(c.usage)}  {c.says}" for c in TABLE]
    return Message(first or "Slipway's commands", fitted(texts(lines)))
