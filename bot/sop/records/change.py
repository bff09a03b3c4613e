"""Change requests (P1) and what people say of them."""

from enum import StrEnum

from pydantic import AwareDatetime

from bot.sop.model import Frozen
from bot.sop.model import digest as digest_of


class ChangeKind(StrEnum):
    """T1: what a standard release may carry."""

    EXTENSION = "extension"
    NON_BREAKING = "non-breaking change"
    ROUTINE = "routine update"
    BREAKING = "breaking change"  # offered so that it can be refused with what to do


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ChangeStatus(StrEnum):
    OPEN = "OPEN"  # waits for approvals
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"  # its approvals ran out before a release pushed it
    RELEASED = "RELEASED"
    ROLLED_BACK = "ROLLED_BACK"  # its release was reverted; somebody must acknowledge that before it is asked for anew


class Content(Frozen):
    """What a change request says; approvals are bound to its digest (law 3)."""

    service: str
    title: str
    why: str
    kind: ChangeKind
    risk: Risk
    areas: tuple[str, ...]  # features of sop.yaml, or path patterns
    undo: str

    @property
    def digest(self) -> str:
        return digest_of(self)


class Approval(Frozen):
    by: str
    at: AwareDatetime
    digest: str  # of the content that was approved


class Rejection(Frozen):
    by: str
    at: AwareDatetime
    reason: str


class Change(Frozen):
    id: int
    requester: str
    status: ChangeStatus
    content: Content
    revision: int = 1
    revised_by: str | None = None
    revised_at: AwareDatetime | None = None  # of the last revision; None: it is as it was filed
    approvals: tuple[Approval, ...] = ()
    rejection: Rejection | None = None
    release: int | None = None  # the release that brought it to production
    incident: int | None = None  # an emergency change (T2): made from this incident, approved by one click
    created_at: AwareDatetime
    closed_at: AwareDatetime | None = None

    @property
    def name(self) -> str:
        return f"CR-{self.id}"
