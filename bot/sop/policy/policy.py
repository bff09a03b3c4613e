"""The SOP in force (S1), and what it says of people and paths."""

import fnmatch
import itertools
import re
from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, field_validator, model_validator

from bot.sop.model import Frozen
from bot.sop.model import digest as digest_of
from bot.sop.policy.keys import Duration, Name, SlackChannel, SlackGroup, SlackUser, SshKey
from bot.sop.policy.service import Service


class SopStatus(StrEnum):
    """S1: only an ACTIVE SOP lets a release start."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    RETIRED = "RETIRED"


class Role(StrEnum):
    RELEASER = "releaser"
    APPROVER = "approver"
    INCIDENT = "incident"


class Roles(Frozen):
    """Slack users (U…) and user groups (S…) a role."""

    releaser: tuple[SlackUser | SlackGroup, ...] = Field(min_length=1)
    approver: tuple[SlackUser | SlackGroup, ...] = Field(min_length=1)
    incident: tuple[SlackUser | SlackGroup, ...] = ()

    def of(self, role: Role) -> tuple[str, ...]:
        members: tuple[str, ...] = getattr(self, role.value)
        return members


class Person(Frozen):
    slack: SlackUser
    github: str = Field(min_length=1)
    name: str = ""
    emails: tuple[str, ...] = ()  # addresses this person commits with, where GitHub does not know them
    signing_keys: tuple[SshKey, ...] = ()  # "ssh-ed25519 AAAA…": who may sign a preflight as this person


class Approvals(Frozen):
    required: int = Field(default=1, ge=1, le=10)
    expire_after: Duration = timedelta(days=7)


class AttestationPolicy(Frozen):
    max_age: Duration = timedelta(hours=24)


class OwnChannel(StrEnum):
    ALWAYS = "always"
    ASK = "ask"
    NEVER = "never"


class SeverityConfirmation(StrEnum):
    SELF = "self"
    ANOTHER = "another_person"


class IncidentPolicy(Frozen):
    channel: SlackChannel | None = None  # none: the service's own
    own_channel: OwnChannel = OwnChannel.ASK
    severity_confirmation: SeverityConfirmation = SeverityConfirmation.SELF
    remind_every: Duration = timedelta(minutes=15)  # the lead, while nothing is said


class Patrol(Frozen):
    """S2: production is looked at for what went around the SOP."""

    every: Duration = timedelta(minutes=5)
    unknown_after: Duration = timedelta(minutes=15)  # then "unknown" is shown
    channel: SlackChannel | None = None  # of violations; none: the service's own


class Pace(Frozen):
    """How often the bot looks outside when nothing tells it to look sooner."""

    waiting: Duration = timedelta(seconds=30)  # a release waits for people
    working: Duration = timedelta(seconds=4)  # a push, CI or a production update is under way


class SlackPolicy(Frozen):
    command_prefix: str = Field(default="", pattern=r"^[a-z0-9-]{0,12}$")


class Policy(Frozen):
    """The SOP in force (S1). Its digest stands on every release."""

    stage: str = "MVP"
    status: SopStatus = SopStatus.ACTIVE
    approvals: Approvals = Approvals()
    attestation: AttestationPolicy = AttestationPolicy()
    reference: str = r"\b{id}\b"  # how a commit message names a change request; `{id}` stands for CR-12
    roles: Roles
    people: tuple[Person, ...] = Field(min_length=1)
    features: dict[Name, tuple[str, ...]] = {}  # name -> path patterns (`shop/*`, `docs/**`)
    services: tuple[Service, ...] = Field(min_length=1)
    slack: SlackPolicy = SlackPolicy()
    pace: Pace = Pace()
    incident: IncidentPolicy = IncidentPolicy()
    patrol: Patrol = Patrol()

    @field_validator("reference")
    @classmethod
    def _reference_compiles(cls, value: str) -> str:
        if "{id}" not in value:
            raise ValueError("reference must contain {id}, which stands for the change request's id")
        try:
            reads = re.compile(value.replace("{id}", "CR-1"))
        except re.error as e:
            raise ValueError(f"reference is not a regular expression: {e}") from e
        if reads.search("Fixes the cart") or reads.search("CR-10: fixes the cart"):
            raise ValueError("reference matches messages that do not name the change request, such as CR-10 for CR-1")
        return value

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [s.name for s in self.services]
        double = sorted({n for n in names if names.count(n) > 1})
        if double:
            raise ValueError(f"services are named twice: {', '.join(double)}")
        for service in self.services:
            unknown = [f for f in service.features if f not in self.features]
            if unknown:
                raise ValueError(f"service {service.name} names unknown features: {', '.join(unknown)}")
        named = {
            "slack name": [p.slack for p in self.people],
            "github name": [p.github.lower() for p in self.people],
            "mail address": [e for p in self.people for e in {m.lower() for m in p.emails}],
        }
        for what, values in named.items():
            twice = sorted({v for v in values if values.count(v) > 1})
            if twice:
                raise ValueError(f"people share a {what}: {', '.join(twice)}")
        keys = [key.split()[1] for p in self.people for key in p.signing_keys]
        if len(keys) != len(set(keys)):
            raise ValueError("two people share a signing key: a signature must say whose it is")
        return self

    @model_validator(mode="after")
    def _one_way_to_push(self) -> Self:
        """Services of one branch go out by the same push."""
        for one, other in itertools.combinations(self.services, 2):
            if one.lock == other.lock and one.push is not other.push:
                raise ValueError(
                    f"{one.name} and {other.name} share {one.branch} of {one.repository}, so they go out by the same "
                    f"push: {one.name} says push: {one.push.value}, {other.name} says push: {other.push.value}"
                )
        return self

    @model_validator(mode="after")
    def _logs_stand_apart(self) -> Self:
        """H5, R4: an entry on a designated branch would be a change without a release."""
        for logging, service in itertools.product(self.services, self.services):
            same = logging.repository.lower() == service.repository.lower()
            if same and logging.decision_log.branch == service.branch:
                raise ValueError(
                    f"the decision log of {logging.name} stands on {service.branch}, the designated branch of "
                    f"{service.name}: give it a branch of its own"
                )
        return self

    @property
    def digest(self) -> str:
        return digest_of(self)

    def service(self, name: str) -> Service | None:
        return next((s for s in self.services if s.name == name), None)

    def together(self, service: Service) -> tuple[str, ...]:
        """The services that go out together, because they share a repository and branch."""
        return tuple(s.name for s in self.services if s.lock == service.lock)

    def beside(self, service: Service) -> tuple[Service, ...]:
        """The others that go out with it."""
        return tuple(s for s in self.services if s.lock == service.lock and s.name != service.name)

    def as_released(self, service: Service) -> Service:
        """With the CI of all that goes out with it: every workflow is wanted. Where one of them does not say which jobs
        deploy, any may."""
        others = self.beside(service)
        if not others:
            return service
        parts = [service.ci, *(s.ci for s in others)]
        workflows = tuple(dict.fromkeys(w for ci in parts for w in ci.workflows))
        jobs = tuple(dict.fromkeys(j for ci in parts for j in ci.deploy_jobs))
        known = jobs if all(ci.deploy_jobs for ci in parts) else ()
        ci = service.ci.model_copy(update={"workflows": workflows, "deploy_jobs": known})
        return service.model_copy(update={"ci": ci})

    def in_channel(self, channel: str) -> tuple[Service, ...]:
        return tuple(s for s in self.services if s.channel == channel)

    def person(self, slack: str) -> Person | None:
        return next((p for p in self.people if p.slack == slack), None)

    def by_login(self, login: str) -> Person | None:
        return next((p for p in self.people if p.github.lower() == login.lower()), None)

    def by_email(self, email: str) -> Person | None:
        return next((p for p in self.people if email.lower() in map(str.lower, p.emails)), None)

    def names_change(self, message: str, change: str) -> bool:
        return re.search(self.reference.replace("{id}", re.escape(change)), message) is not None

    def changes_named(self, message: str) -> tuple[str, ...]:
        """Every change request (CR-n) that a commit message references, in order, once each."""
        found = (m.upper() for m in re.findall(r"CR-[1-9]\d*", message, re.IGNORECASE))
        found = (m for m in found if self.names_change(message, m))
        return tuple(dict.fromkeys(found))

    def area(self, areas: tuple[str, ...]) -> tuple[str, ...]:
        """Path patterns of declared areas: a feature's, or the area itself read as a pattern."""
        return tuple(p for a in areas for p in self.features.get(a, (a,)))


def covers(patterns: tuple[str, ...], path: str) -> bool:
    """Whether a path lies in one of the patterns; a pattern that names a folder covers what is below it."""
    return any(
        fnmatch.fnmatchcase(path, p) or path == p.rstrip("/") or path.startswith(p.removesuffix("**").rstrip("/") + "/")
        for p in patterns
    )
