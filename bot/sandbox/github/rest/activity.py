"""Who moved which branch."""

from typing import Any

from bot.sandbox.github.http import Answer, Ask
from bot.sandbox.github.objects import moment
from bot.sandbox.github.shapes import node, user
from bot.sandbox.github.state import Activity


def listed(ask: Ask) -> Answer:
    """Newest first; pages by cursor (`after`, `before`: ids), as GitHub does it here."""
    repo, query = ask.repo, ask.query
    kept = list(repo.activity)
    wanted = query.get("ref")
    if wanted:
        full = wanted if wanted.startswith("refs/") else f"refs/heads/{wanted}"
        kept = [one for one in kept if one.ref == full]
    if query.get("actor"):
        kept = [one for one in kept if one.actor == query["actor"]]
    if query.get("activity_type"):
        kept = [one for one in kept if one.kind == query["activity_type"]]
    if query.get("direction") == "asc":
        kept.reverse()
    ids = [str(one.id) for one in kept]
    if query.get("after") in ids:
        kept = kept[ids.index(query["after"]) + 1 :]
    size = min(100, int(query["per_page"])) if query.get("per_page", "").isdigit() else 30
    headers = {}
    if len(kept) > size:
        others = "".join(f"{name}={value}&" for name, value in query.multi_items() if name != "after")
        headers["Link"] = f'<{ask.site}{ask.path}?{others}after={kept[size - 1].id}>; rel="next"'
    return Answer([_json(ask, one) for one in kept[:size]], headers=headers)


def _json(ask: Ask, one: Activity) -> dict[str, Any]:
    return {
        "id": one.id,
        "node_id": node("PSH", one.id),
        "before": one.before,
        "after": one.after,
        "ref": one.ref,
        "timestamp": moment(one.at),
        "activity_type": one.kind,
        "actor": user(ask.site, one.actor),
    }
