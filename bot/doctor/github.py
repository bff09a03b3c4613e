"""Is GitHub as the bot needs it?"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from github import GithubException

from bot.doctor.finding import Finding, Patient
from bot.github.client import words
from bot.sop.policy import PushMode, Service

NOWHERE = "slipway-doctor-moves-nothing"  # a branch that does not exist
READS = {"Actions: read": "actions/runs?per_page=1", "Issues: read": "issues?per_page=1"}


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
        refused = [name for name, path in READS.items() if not _allowed(patient, f"/repos/{repository}/{path}")]
        if any(s.push is PushMode.BOT for s in patient.policy.services if s.repository == repository):
            refused += [] if _may_write(patient, repository) else ["Contents: write"]
        if refused:
            yield Finding(what, False, "may not do all it must", f"grant {', '.join(refused)} to the token or app")
        else:
            yield Finding(what, True, "reachable, permissions suffice")


def _may_write(patient: Patient, repository: str) -> bool:
    """Asks to move a branch that does not exist: who may write hears that (422), who may not is refused."""
    try:
        sha = {"sha": "0" * 40, "force": False}
        path = f"/repos/{repository}/git/refs/heads/{NOWHERE}"
        patient.github.requester.requestJsonAndCheck("PATCH", path, input=sha)
    except GithubException as error:
        return error.status == 422
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
