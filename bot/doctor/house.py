"""The rest: database, production, clock, webhooks."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.doctor.finding import Finding, Patient
from bot.production import play, read_round
from bot.sop.policy import Service
from storage.engine import engines, parse
from storage.errors import StorageError
from storage.migrate import MIGRATIONS, revision

SKEW = timedelta(seconds=60)


def database(patient: Patient) -> Iterator[Finding]:
    """Looks without migrating: that is for the start."""
    url = patient.settings.database_url.get_secret_value()
    try:
        parsed = parse(url)
        if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
            yield _new_file(Path(str(parsed.database)).absolute().parent)
            return
        writer, _ = engines(url, 1)
        yield _schema(writer)
        writer.dispose()
    except (StorageError, ArgumentError) as error:
        yield Finding("Database", False, str(error), "correct DATABASE_URL")
    except DBAPIError as error:
        yield Finding(
            "Database", False, f"{error.orig}".strip(), "check DATABASE_URL, and that the bot may write there"
        )


def _new_file(folder: Path) -> Finding:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Finding("Database", False, f"{there} is no folder that can be written to", "correct DATABASE_URL")
    return Finding("Database", True, f"SQLite in {folder}: will be made at the first start")


def _schema(engine: Engine) -> Finding:
    name, script = engine.dialect.name, ScriptDirectory(str(MIGRATIONS))
    with engine.connect() as connection:
        if name == "postgresql" and connection.execute(text("SHOW transaction_read_only")).scalar() == "on":
            return Finding("Database", False, "PostgreSQL is read only", "name the primary in DATABASE_URL")
        at, newest = revision(connection), script.get_current_head()
        connection.rollback()
    if at is not None and at not in {known.revision for known in script.walk_revisions()}:
        return Finding("Database", False, f"{name}, of a newer version ({at})", "run that version, or a newer one")
    schema = f"schema {at}" if at == newest else f"its schema is brought to {newest} at the start"
    return Finding("Database", True, f"{name}, writable, {schema}")


def production(patient: Patient) -> Iterator[Finding]:
    for service in patient.policy.services:
        yield _version(service, patient.now())
        yield _probes(service)


def _version(service: Service, now: datetime) -> Finding:
    what, url = f"Production, {service.name}", service.production.url
    sample = read_round(service.production.model_copy(update={"samples": 1}), now).samples[0]
    if sample.version is None:
        return Finding(what, False, f"{url}: {sample.error}", "correct `production.url` and `production.version`")
    return Finding(what, True, f"{url} serves {sample.version[:40]}")


def _probes(service: Service) -> Finding:
    """Plays them in production: the policy has let in only safe ones."""
    what = f"Probes, {service.name}"
    answers = play(service.probes, service.production.url, os.environ, service.production.timeout)
    failed = [f"{a.name}: {a.error or a.status}" for a in answers if a.error or (a.status or 0) >= 500]
    if failed:
        return Finding(what, False, "; ".join(failed), "correct the probes, or set what their headers name")
    return Finding(what, True, f"{len(answers)} answer, all of them safe")


def clock(patient: Patient) -> Iterator[Finding]:
    """Signatures, attestations and expiries rest on the time."""
    headers = {name.lower(): str(value) for name, value in patient.slack.auth_test().headers.items()}
    yield _skew("Slack", headers.get("date"), patient.now())
    yield _skew(
        "GitHub", patient.github.requester.requestJsonAndCheck("GET", "/rate_limit")[0].get("date"), patient.now()
    )


def _skew(whose: str, date: str | None, now: datetime) -> Finding:
    what = f"Clock, {whose}"
    if date is None:
        return Finding(what, None, "the answer carried no time")
    ahead = (now - parsedate_to_datetime(date)).total_seconds()
    if abs(ahead) > SKEW.total_seconds():
        said = f"this machine is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} {whose}"
        return Finding(what, False, said, "let NTP set the time")
    return Finding(what, True, f"within {SKEW.total_seconds():.0f} s")


def webhooks(patient: Patient) -> Iterator[Finding]:
    if patient.settings.github_webhook_secret is None:
        mend = "set GITHUB_WEBHOOK_SECRET and add the webhook at GitHub, to be told at once"
        yield Finding("Webhooks", None, f"off: the bot looks every {patient.policy.pace.waiting}", mend)
    else:
        yield Finding(
            "Webhooks", True, "GITHUB_WEBHOOK_SECRET is set; GitHub's page of the webhook shows its deliveries"
        )
