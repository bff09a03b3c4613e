"""Is GitHub as the bot needs it?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from github import GithubException

from bot.doctor.finding import Finding, Patient
from bot.github.client import words
from bot.sop.policy import PushMode, Service

NOWHERE = "slipway-doctor-moves-nothing"  # a branch that does not exist


@dataclass(frozen=True)
class Permission:
    """What GitHub must let the bot do, and a request that shows whether it does."""

    name: str
    to: str  # what it cannot do without
    path: str
    method: str = "GET"
    sent: Any = None
    ok: tuple[int, ...] = ()  # refusals that are not for want of the permission

    def __hash__(self) -> int:
        return hash(self.name)


ALWAYS = (
    Permission(
        "Contents: write",
        "move a branch, build a revert or write the decision log",
        f"git/refs/heads/{NOWHERE}",
        "PATCH",
        {"sha": "0" * 40, "force": False},
        (422,),
    ),
    Permission("Actions: read", "see runs, jobs and logs", "actions/runs?per_page=1"),
    Permission("Actions: write", "run CI again or cancel a run", "actions/runs/0/cancel", "POST", None, (404,)),
    Permission("Deployments: read", "see what was deployed", "deployments?per_page=1"),
    Permission("Issues: read", "see open CRITICAL issues", "issues?per_page=1"),
)
WATCHED = Permission(
    "Pull requests: write", "propose a revert for people to merge", "pulls", "POST", {"title": "slipway doctor"}, (422,)
)


def access(patient: Patient) -> Iterator[Finding]:
    """The token, and each permission tried by what needs it."""
    for repository in patient.repositories:
        what = f"GitHub, {repository}"
        try:
            _get(patient, f"/repos/{repository}")
        except GithubException as error:
            mend = (
                "check the token or the app's key" if error.status == 401 else "give the token or app this repository"
            )
            yield Finding(what, False, _said(error), mend)
            continue
        wanted = permissions(tuple(s for s in patient.policy.services if s.repository == repository))
        lacking = [one for one in wanted if not _may(patient, f"/repos/{repository}", one)]
        for one in lacking:
            said = f"cannot {one.to} in {repository}"
            yield Finding(f"GitHub, {one.name}", False, said, f"grant {one.name} to the token or app")
        if not lacking:
            yield Finding(what, True, f"reachable, may {', '.join(one.name for one in wanted)}")


def permissions(services: tuple[Service, ...]) -> tuple[Permission, ...]:
    """What the services of one repository need; docs/install.md has the same."""
    watched = tuple(WATCHED for s in services if s.push is PushMode.WATCH)
    required = tuple(p for s in services for p in _required(s))
    return tuple(dict.fromkeys((*ALWAYS, *watched, *required)))


def _required(service: Service) -> tuple[Permission, ...]:
    """With `ci.requires`: names of variables and secrets, of the environment, else of the repository."""
    requires, found = service.ci.requires, []
    if not requires.variables and not requires.secrets:
        return ()
    if service.ci.environment:
        place = f"environments/{quote(service.ci.environment, safe='')}/variables?per_page=1"
        found.append(Permission("Environments: read", "see what the environment has", place, ok=(404,)))
    if requires.variables:
        found.append(Permission("Variables: read", "see which variables are set", "actions/variables?per_page=1"))
    if requires.secrets:
        found.append(Permission("Secrets: read", "see which secrets are set, by name", "actions/secrets?per_page=1"))
    return tuple(found)


def _may(patient: Patient, at: str, one: Permission) -> bool:
    """A write asks for what cannot be: who may write hears that (404, 422), who may not is refused (403)."""
    given = {} if one.sent is None else {"input": one.sent}
    try:
        patient.github.requester.requestJsonAndCheck(one.method, f"{at}/{one.path}", **given)
    except GithubException as error:
        if error.status in one.ok:
            return True
        if error.status in (403, 404):
            return False
        raise
    return True


def branches(patient: Patient) -> Iterator[Finding]:
    for service in patient.policy.services:
        at = f"/repos/{service.repository}"
        try:
            branch = _get(patient, f"{at}/branches/{quote(service.branch, safe='')}")
        except GithubException as error:
            yield Finding(f"Branch, {service.name}", False, f"{service.branch}: {_said(error)}", "correct `branch`")
            continue
        yield Finding(f"Branch, {service.name}", True, f"{service.branch} is at {branch['commit']['sha'][:7]}")
        yield _workflows(patient, service)
        yield _label(patient, service)
        if service.push is PushMode.BOT:
            yield _only_the_bot(patient, service, bool(branch.get("protected")))


def _workflows(patient: Patient, service: Service) -> Finding:
    what = f"Workflows, {service.name}"
    folder = f"/repos/{service.repository}/contents/.github/workflows"
    missing = [
        name
        for name in service.ci.workflows
        if not _allowed(patient, f"{folder}/{quote(name)}?ref={quote(service.branch, safe='')}")
    ]
    if missing:
        return Finding(what, False, f"{', '.join(missing)} not on {service.branch}", "correct `ci.workflows`")
    return Finding(what, True, f"{', '.join(service.ci.workflows)} on {service.branch}")


def _label(patient: Patient, service: Service) -> Finding:
    what = f"Label, {service.name}"
    if _allowed(patient, f"/repos/{service.repository}/labels/{quote(service.critical_label, safe='')}"):
        return Finding(what, True, f"issues labelled {service.critical_label} stop a release")
    mend = "make the label, or correct `critical_label`"
    return Finding(what, False, f"there is no label {service.critical_label}: no issue can stop a release", mend)


def _only_the_bot(patient: Patient, service: Service, protected: bool) -> Finding:
    """With `push: bot` a release is the only way onto the branch: people may not push there."""
    what, at = f"Protection, {service.name}", f"/repos/{service.repository}"
    branch = quote(service.branch, safe="")
    mend = f"add a ruleset for {service.branch} that restricts updates, with the bot as the only one to bypass it"
    rules = _rules(patient, f"{at}/rules/branches/{branch}")
    if rules is not None and "update" in rules:
        return Finding(what, True, "a ruleset restricts updates to those who may bypass it")
    if not protected:
        return Finding(what, False, f"whoever may write can push to {service.branch}", mend)
    try:
        pushers = _get(patient, f"{at}/branches/{branch}/protection").get("restrictions")
    except GithubException as error:
        asked = "grant Administration: read to have this checked, or see for yourself that people may not push"
        return Finding(what, None, f"the branch is protected, how is not shown: {_said(error)}", asked)
    if pushers is None:
        return Finding(what, False, f"whoever may write can push to {service.branch}", mend)
    me = _login(patient)
    names = [u["login"] for u in pushers.get("users", []) if u["login"] != me]
    names += [f"team {t['slug']}" for t in pushers.get("teams", [])]
    if names:
        return Finding(what, False, f"{', '.join(names)} may push to {service.branch} too", "leave only the bot")
    return Finding(what, True, f"people may not push to {service.branch}")


def _rules(patient: Patient, path: str) -> set[str] | None:
    """Types of the rulesets' rules for a branch; None where the host has no rulesets."""
    try:
        return {str(rule.get("type")) for rule in _get(patient, path)}
    except GithubException:
        return None


def _login(patient: Patient) -> str | None:
    """The login of a person's token; None for an app."""
    try:
        return str(_get(patient, "/user")["login"])
    except GithubException:
        return None


def _allowed(patient: Patient, path: str) -> bool:
    try:
        _get(patient, path)
    except GithubException as error:
        if error.status in (403, 404):
            return False
        raise
    return True


def _get(patient: Patient, path: str) -> Any:
    return patient.github.requester.requestJsonAndCheck("GET", path)[1]


def _said(error: GithubException) -> str:
    return f"GitHub answered {error.status} {words(error)}"
