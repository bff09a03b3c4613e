"""What the content of a change request must be (T1)."""

import re

from bot.sop.codes import Code
from bot.sop.decision import Refusal
from bot.sop.policy import Policy, Service
from bot.sop.records import ChangeKind, Content

WILDCARD = re.compile(r"\[!?\]?[^]]*\]|[*?]")


def check(content: Content, policy: Policy) -> Refusal | None:
    """What the content of a change request must be (T1)."""
    service = policy.service(content.service)
    if service is None:
        names = [s.name for s in policy.services]
        return Refusal(
            code=Code.UNKNOWN_SERVICE, values={"service": content.service, "services": names}, field="service"
        )
    if content.kind is ChangeKind.BREAKING:
        return Refusal(code=Code.BREAKING, values={}, field="kind")
    for name in ("title", "why", "undo"):
        refusal = empty(getattr(content, name), name)
        if refusal:
            return refusal
    if not content.areas:
        return Refusal(code=Code.EMPTY, values={"field": "areas"}, field="areas")
    unknown = [a for a in content.areas if a not in features(service, policy) and not is_area(a)]
    return _unknown(unknown, service, policy) if unknown else None


def _unknown(areas: list[str], service: Service, policy: Policy) -> Refusal:
    """Features of another service were chosen; anything else was typed as a path."""
    foreign = [a for a in areas if a in policy.features]
    if foreign:
        values = {"service": service.name, "areas": foreign, "features": list(features(service, policy))}
        return Refusal(code=Code.FOREIGN_AREA, values=values, field="areas")
    return Refusal(code=Code.UNKNOWN_AREA, values={"areas": areas}, field="paths")


def is_area(pattern: str) -> bool:
    """A path of the repository, or a pattern below a named one: a wildcard that covers everything declares nothing."""
    parts = pattern.split("/")
    named = re.search(r"\w", WILDCARD.sub("", parts[0])) is not None and ".." not in parts
    return named and ("/" in pattern or "." in pattern)


def features(service: Service, policy: Policy) -> tuple[str, ...]:
    return service.features or tuple(policy.features)


def empty(text: str, field: str) -> Refusal | None:
    return None if text.strip() else Refusal(code=Code.EMPTY, values={"field": field}, field=field)
