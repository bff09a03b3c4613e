"""What the rules of a branch said of each move."""

from datetime import timedelta
from typing import Any

from bot.sandbox.github.http import Answer, Ask, invalid, paged
from bot.sandbox.github.objects import moment
from bot.sandbox.github.shapes import user
from bot.sandbox.github.state import RuleSuite, now

PERIODS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
}


def suites(ask: Ask) -> Answer:
    """Newest first, of the last day unless `time_period` says otherwise."""
    query, period = ask.query, ask.query.get("time_period", "day")
    if period not in PERIODS:
        raise invalid("RuleSuite", "time_period")
    kept = [one for one in ask.repo.rule_suites if one.at >= now() - PERIODS[period]]
    if query.get("ref"):
        wanted = f"refs/heads/{query['ref'].removeprefix('refs/heads/')}"
        kept = [one for one in kept if one.ref == wanted]
    if query.get("actor_name"):
        kept = [one for one in kept if one.actor == query["actor_name"]]
    if query.get("rule_suite_result", "all") != "all":
        kept = [one for one in kept if one.result == query["rule_suite_result"]]
    return paged(ask, kept, lambda one: _json(ask, one))


def _json(ask: Ask, one: RuleSuite) -> dict[str, Any]:
    return {
        "id": one.id,
        "actor_id": user(ask.site, one.actor)["id"],
        "actor_name": one.actor,
        "before_sha": one.before,
        "after_sha": one.after,
        "ref": one.ref,
        "repository_id": ask.repo.id,
        "repository_name": ask.repo.name,
        "pushed_at": moment(one.at),
        "result": one.result,
        "evaluation_result": one.result,
    }
