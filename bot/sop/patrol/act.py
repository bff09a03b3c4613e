"""One act may break several rules: a push in a freeze, without a release. Its violations stand on one card."""

from collections.abc import Iterable

from bot.sop.codes import Code
from bot.sop.model import Frozen
from bot.sop.patrol.sighting import Sighting
from bot.sop.records import Violation, ViolationStatus

PUSHED = (Code.PUSH_WITHOUT_RELEASE, Code.PUSH_WITH_OPEN_GATES, Code.PROTECTION_BYPASSED, Code.BRANCH_FORCED)
DONE = (*PUSHED, Code.RUN_BY_HAND)  # what somebody did
BROUGHT = (  # what came of it
    Code.VERSION_STRANGE,
    Code.VERSION_RETURNED,
    Code.DEPLOYED_WITHOUT_CI,
    Code.DEPLOYED_WITHOUT_RELEASE,
    Code.DEPLOYED_IN_FREEZE,
)


class Act(Frozen):
    """The violations on one card, oldest first; the first gave it its name. Each is kept and counted by itself."""

    violations: tuple[Violation, ...]

    @property
    def name(self) -> str:
        return self.violations[0].card

    @property
    def id(self) -> int:
        return self.violations[0].part_of or self.violations[0].id

    @property
    def service(self) -> str:
        return self.violations[0].service

    @property
    def open(self) -> tuple[Violation, ...]:
        return tuple(v for v in self.violations if v.status is ViolationStatus.OPEN)

    @property
    def status(self) -> ViolationStatus:
        """It is explained when every violation of it is."""
        return ViolationStatus.OPEN if self.open else ViolationStatus.EXPLAINED

    @property
    def count(self) -> int:
        """How often anything of it began."""
        return sum(v.count for v in self.violations)

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v.rule for v in self.violations))

    @property
    def deed(self) -> Violation:
        """What somebody did, where that is known; else what was seen first of what came of it."""
        return next((v for v in self.violations if v.code in DONE), self.violations[0])


def acts(violations: Iterable[Violation]) -> tuple[Act, ...]:
    """Oldest first."""
    cards: dict[str, list[Violation]] = {}
    for violation in sorted(violations, key=lambda v: v.id):
        cards.setdefault(violation.card, []).append(violation)
    return tuple(sorted((Act(violations=tuple(found)) for found in cards.values()), key=lambda a: a.id))


def same_act(sighting: Sighting, known: Iterable[Violation]) -> Act | None:
    """The open act that this belongs to: of the same version, and not another deed nor a second time the same.

    What is explained is closed: nobody can have explained what had not been seen.
    """
    version = _version(sighting)
    if version is None:
        return None
    for act in reversed(acts(v for v in known if v.service == sighting.service)):
        codes = {v.code for v in act.violations}
        of_it = all(_version(v) == version for v in act.violations)
        another = sighting.code in codes or (sighting.code in DONE and not codes.isdisjoint(DONE))
        if act.open and of_it and not another:
            return act
    return None


def _version(found: Sighting | Violation) -> str | None:
    """The commit that somebody brought, or what production says that it is."""
    if found.code not in (*DONE, *BROUGHT):
        return None
    return found.values.get("sha") or found.values.get("version")
