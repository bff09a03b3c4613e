"""Preconditions (S1, P1 to P5, X3, X4), and any gate that could not look."""

from bot.sop.codes import Code
from bot.words.gate import AGAIN, ANEW, Gate

GATES: dict[str, Gate] = {
    Code.SOP_ACTIVE: Gate("SOP {status:status}", "The SOP is {status:status}, stage {stage}."),
    Code.SOP_NOT_ACTIVE: Gate(
        "the SOP is {status:status}",
        "The SOP is {status:status}, stage {stage}.",
        "an ACTIVE SOP",
        f"Whoever keeps `sop.yaml` makes it ACTIVE; {ANEW}.",
    ),
    Code.CHANGE_APPROVED: Gate("{change} approved", "{change} is approved by {by:who}."),
    Code.CHANGE_WAITS: Gate(
        "approval of {change}",
        "{change} has {have:n} of {need:n} approvals.",
        "{need:n approval}, not by the requester",
        "{whom:or} can approve it on its card.",
    ),
    Code.CHANGE_EDITED: Gate(
        "{change} was edited",
        "{change} was edited after this release started; it is at revision {revision:n} now.",
        "the change request as it was when the release started",
        f"Have the new revision approved, {ANEW}.",
    ),
    Code.CHANGE_CLOSED: Gate(
        "{change} is {status:status}",
        "{change} is {status:status}{by:by}{reason:because}.",
        "an approved change request",
        "Start a release with an approved one; the card of {change} says what can still be done with it.",
    ),
    Code.APPROVAL_LOST: Gate(
        "an approval of {change} is gone",
        "{change} has {have:n} of {need:n} approvals left: one was withdrawn, ran out or counts no more.",
        "{need:n approval} until the push",
        f"An approver approves {{change}} again; {ANEW}.",
    ),
    Code.GOVERNANCE_OK: Gate("governance check", "“Pre-Action Governance Check: OK” says {by:who}, {at:time}."),
    Code.GOVERNANCE_WAITS: Gate(
        "governance check",
        "The governance check is not acknowledged.",
        "“Pre-Action Governance Check: OK” by the releaser",
        "{owner:who} presses {_:button Governance check}.",
    ),
    Code.PREFLIGHT_WAITS: Gate(
        "preflight",
        "No preflight of {service:code} for {change} has arrived.",
        "a signed preflight of the candidate",
        "{owner:who} runs `slipway preflight --service {service:bare} --change {change:bare}` in the checkout."
        "{beside:proves_too}",
    ),
    Code.PREFLIGHT_EXPIRED: Gate(
        "the preflight expired",
        "The preflight by {by:who} is of {made_at:time}: older than {max_age:for}.",
        "a preflight of the last {max_age:for}",
        f"Run `slipway preflight` again; {ANEW}.",
    ),
    Code.BUILD_OK: Gate("build passed", "The local build passed: {seen}."),
    Code.BUILD_FAILED: Gate(
        "local build failed",
        "The local build failed: {seen}.{detail:lines}",
        "a local build without errors",
        f"{{by:who}} mends the build; {AGAIN}, {ANEW}.",
    ),
    Code.PREFLIGHT_STOPPED: Gate(
        "a whole preflight",
        "The preflight by {by:who} did not get that far: {seen}.{detail:lines}",
        "a preflight that comes to its end",
        f"Mend that; {AGAIN}.",
    ),
    Code.NO_CRITICAL: Gate("no critical issue", "No issue labelled {label:code} is open."),
    Code.CRITICAL_OPEN: Gate(
        "{issues:len critical issue} open",
        "{issues:len issue} labelled {label:code} {issues:verb is|are} open:{issues:issues}",
        "no open CRITICAL issue",
        f"Resolve and close it, or take the label off with the reason in the issue; {ANEW}.",
    ),
    Code.COMMITTED: Gate("committed", "Everything is committed: {sha:commit} is at GitHub."),
    Code.UNCOMMITTED: Gate(
        "uncommitted changes",
        "Not everything is committed: {seen}.{detail:lines}",
        "all intended changes in the repository",
        f"{{by:who}} commits and pushes the branch; {AGAIN}, {ANEW}.",
    ),
    Code.CANDIDATE_ELSEWHERE: Gate(
        "the attested commit at GitHub",
        "{ref:code} is {candidate:commit} at GitHub; the preflight attests {attested:commit}.",
        "the attested commit at GitHub",
        f"Push the attested commit to {{ref:code}}. Or check out what is there; {AGAIN}.",
    ),
    Code.NOT_FROZEN: Gate("no freeze", "No freeze is in force."),
    Code.FROZEN: Gate(
        "frozen by {freeze}",
        "{freeze} is in force {until:until}{reason:because}.",
        "no freeze",
        f"Wait for its end, or {{owner:who}} or an approver ends it; {ANEW}.",
    ),
    Code.LOCK_OURS: Gate("lock held", "This release holds the lock of {lock:code}."),
    Code.LOCK_LOST: Gate(
        "the lock is lost",
        "This release does not hold the lock of {lock:code} any more.",
        "the lock, held until the end",
        f"See {{_:command release status}} for who holds it; {ANEW}.",
    ),
    Code.LOCK_BUSY: Gate(
        "{release} holds the lock",
        "{release} of {owner:who} holds the lock of {lock:code} since {since:time}.",
        "one release at a time for a repository and branch",
        f"Wait until {{release}} is complete, or {{owner:who}} or an approver aborts it; {ANEW}.",
    ),
    Code.NOT_LOOKED: Gate(
        "the first look at {what:thing}", "Not looked at yet: {what:thing}.", "a first look", "Slipway looks by itself."
    ),
    Code.LOOK_FAILED: Gate(
        "{what:thing} cannot be seen",
        "{what:thing} could not be looked at: {error}.",
        "an answer: unknown never counts as passed",
        "Slipway looks again by itself; `slipway doctor` says whether access is missing.",
        awaited="another look at {what:thing}",
    ),
    Code.LIMITED: Gate(
        "GitHub until {until:time}",
        "{error} until {until:time}: what is to be seen there stays unknown until then.",
        "an answer: unknown never counts as passed",
        "Slipway looks again then, by itself.",
    ),
}
