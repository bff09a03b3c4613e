"""Between two stories: the world as a story expects it."""

from bot.ledger import LIVE
from bot.sandbox.github.faults import Faults
from bot.sop.patrol import LASTING
from bot.sop.records import Incident, IncidentStatus, Release, Violation, ViolationStatus
from storage.unit import Unit
from tests.stories.day import Day

SERVICE, LOCK = "shop", "acme/shop@main"


def tidy(day: Day) -> None:
    """Heals what was broken and closes what was left open. What was pushed and not completed stays as it is."""
    for user in (person.id for person in day.everyone):
        if day.people.view(user):
            day.people.close(user, cleared=True)
    day.people.control("heal")
    day.people.control("limits", on=False)
    day.handles.github.world.faults = Faults()
    day.handles.github.world.limits.secondary_until = 0
    github = day.world.github
    github.failing_test(False)
    github.webhooks_off(False)
    github.close_criticals()
    production = day.world.production
    production.down(False)
    production.slow(0)
    production.stall_next_deploy(False)
    production.half_fleet(False)
    for name in production.status()["environment"]:
        production.configure({name: None})
    day.keeps_sop()
    day.works_with({})
    for release in open_releases(day):
        day.bot.desk.abort(release.owner, release.id, "the story is over", leave=True)
    for incident in day.bot.store.read(open_incidents):
        day.bot.desk.resolve_incident(day.erin.id, incident.id)
    for laptop in day.world.laptops.values():
        laptop.discard()
        laptop.switch("main")
        laptop.reset()
    day.settles()


def is_tidy(day: Day) -> bool:
    """Nothing is open, locked or frozen, and the branch and production are at the baseline."""

    def clear(unit: Unit) -> bool:
        return not (
            open_incidents(unit)
            or unit.releases(open=True)
            or unit.locks()
            or unit.freezes(status=LIVE)
            or unit.backlog(day.now()).parked
        ) and not any(_holds(v) for v in unit.violations())

    if day.passed:
        return False
    baseline = day.bot.store.read(lambda unit: unit.baseline(SERVICE))
    if baseline is None or not day.bot.store.read(clear):
        return False
    return [day.world.github.head_of("main"), *day.world.production.versions()] == [baseline.sha] * 3


def open_incidents(unit: Unit) -> tuple[Incident, ...]:
    return unit.incidents(status=(IncidentStatus.OPEN,))


def _holds(violation: Violation) -> bool:
    return violation.status is ViolationStatus.OPEN or (violation.present and violation.code in LASTING)


def open_releases(day: Day) -> tuple[Release, ...]:
    return day.bot.store.read(lambda unit: unit.releases(open=True))
