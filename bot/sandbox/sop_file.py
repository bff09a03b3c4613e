"""The sop.yaml of this world: its facts, and the roles and times that make a day last a minute."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.people import ALICE, APPROVERS_GROUP, BOB, CAROL, DAVE, ERIN

CHANNEL, VIOLATIONS, INCIDENTS = "C0RELEASES", "C0VIOLATIONS", "C0INCIDENTS"
TIMES = {"start_within": "15s", "complete_within": "2m"}


def sop(facts: Mapping[str, Any], push: str = "bot", **changes: Any) -> dict[str, Any]:
    """`facts` as `World.facts()` has them; `changes` replace whole keys of the top level."""
    service = dict(facts["service"])
    service |= {"channel": CHANNEL, "push": push, "ci": {**service["ci"], **TIMES}}
    service["production"] = {**service["production"], "samples": 6, "update_within": "15s"}
    return {
        "stage": "MVP",
        "status": "ACTIVE",
        "roles": {
            "releaser": [ALICE.slack_id, BOB.slack_id],
            "approver": [CAROL.slack_id, DAVE.slack_id, APPROVERS_GROUP[0]],
            "incident": [ERIN.slack_id],
        },
        "people": facts["people"],
        "features": facts["features"],
        "services": [service],
        "pace": {"waiting": "5s", "working": "1s"},
        **changes,
    }


def by_hand(facts: Mapping[str, Any], push: str = "bot") -> dict[str, Any]:
    """The same for people who try things out: what they break is soon seen, in the channels that are for it."""
    content = sop(
        facts,
        push,
        patrol={"every": "30s", "unknown_after": "1m", "channel": VIOLATIONS},
        pace={"waiting": "10s", "working": "2s"},  # GitHub's budget lasts an hour of steady use
        incident={"channel": INCIDENTS, "remind_every": "5m"},
    )
    for service in content["services"]:
        service["ci"] = {**service["ci"], "requires": {"variables": ["DEPLOY_URL"], "secrets": ["DEPLOY_TOKEN"]}}
        service["irreversible_paths"] = facts["irreversible_paths"]
    return content


def write(path: Path, content: Mapping[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path
