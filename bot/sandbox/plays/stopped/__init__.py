"""Every rule broken once, each time stopped: three threads of people, on two branches of one repository."""

import re
import threading
from collections.abc import Callable
from typing import Any

import yaml

from bot.sandbox.people import ALICE, APPROVERS_GROUP, BOB, CAROL, DAVE
from bot.sandbox.plays.office import Office, Refused, Stuck
from bot.sandbox.plays.reading import plain
from bot.sandbox.plays.stopped import asking, preparing, pushing, table
from bot.sandbox.plays.stopped.watching import NEXT, Stage
from bot.sandbox.slack.errors import PageError
from bot.sandbox.world.changes import NotPossible

ADOPTED = re.compile(r" adopted .* as what production of (\S+) serves")


def play(office: Office) -> int:
    """Prints a table rule -> what was seen -> stopped how. 0 only when every one was stopped as expected."""
    office.teller.quiet = True
    stage = Stage(office, table.blank())
    print("Slack's rate limits are off: this is a month's traffic in a minute.\n", flush=True)
    _guarded(stage, _set_up)
    if not stage.table.troubles:
        lanes = [threading.Thread(target=_guarded, args=(stage, scenes)) for scenes in _LANES]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
    print("\n" + "\n".join(stage.table.lines()) + "\n")
    for trouble in stage.table.troubles:
        print(f"NOT AS EXPECTED: {trouble}\n")
    print(f"{len(stage.table.words)} of {len(table.ROWS)} were stopped as they have to be.", flush=True)
    return 0 if stage.table.whole else 1


_LANES = (asking.scenes, preparing.scenes, pushing.scenes)


def _guarded(stage: Stage, scenes: Callable[[Stage], None]) -> None:
    try:
        scenes(stage)
    except (Stuck, Refused, PageError, LookupError, TimeoutError, NotPossible) as why:
        stage.table.trouble(f"{type(why).__name__}: {why}")
        stage.calm.set()  # nobody waits for scenes that will not come
        stage.free.set()


def _set_up(stage: Stage) -> None:
    """Short times, a second service on its own branch, and roles in which people can get in their own way."""
    office, laptop = stage.office, stage.office.laptop(BOB)
    office.people.control("limits", on=False)
    head = office.world.github.head_of("main")
    office.policy(_policy(yaml.safe_load(office.sop.read_text(encoding="utf-8")), head))
    laptop.new_branch("next")
    laptop.push()
    laptop.branch = "next"
    office.adopt(CAROL)
    asking.suspended(stage)
    office.until("a baseline of both services", lambda: _adopted(office) == {"shop", NEXT})


def _adopted(office: Office) -> set[str]:
    said = (ADOPTED.search(plain(message["text"])) for message in office.messages())
    return {found[1] for found in said if found}


def _policy(before: dict[str, Any], head: str) -> dict[str, Any]:
    shop = before["services"][0]
    shop["ci"] |= {"start_within": "2s", "complete_within": "1m"}
    shop["production"] |= {"update_within": "2s"}
    nowhere = {**shop["production"], "url": "http://127.0.0.1:9"}  # nothing of it comes that far
    other = {**shop, "name": NEXT, "branch": "next", "baseline": head, "production": nowhere}
    roles = before["roles"] | {
        "releaser": [ALICE.slack_id, BOB.slack_id, DAVE.slack_id],
        "approver": [BOB.slack_id, CAROL.slack_id, DAVE.slack_id, APPROVERS_GROUP[0]],
    }
    return {"services": [shop, other], "roles": roles, "pace": {"waiting": "1s", "working": "0.5s"}}
