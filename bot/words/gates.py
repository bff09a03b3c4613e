"""Gate codes: a few words for the stage's line, what was seen, what was wanted, and who can mend it how."""

from bot.sop.codes import Code
from bot.words.gate import AGAIN, ANEW, Gate

GATES: dict[str, Gate] = {
    # Preconditions
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
        "{owner:who} runs `slipway preflight --service {service:bare} --change {change:bare}` in the checkout.",
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
    # Any gate that could not look
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
    # Local state
    Code.CLEAN: Gate("clean", "The working tree was clean: {seen}."),
    Code.NOT_CLEAN: Gate(
        "working tree not clean",
        "The working tree was not clean: {seen}.{detail:lines}",
        "nothing uncommitted and nothing untracked",
        f"Commit it, remove it or ignore it; {AGAIN}.",
    ),
    Code.BRANCH_OK: Gate("{branch:code}", "{branch:code} is at {sha:commit} and contains the designated branch."),
    Code.BRANCH_BEHIND: Gate(
        "{branch:code} is behind {designated:code}",
        "{branch:code} does not contain {designated:code}, which is at {tip:commit}.",
        "a branch on top of {designated:code}",
        f"Rebase {{branch:code}} on {{designated:code}} and push it; {AGAIN}.",
    ),
    Code.NOT_A_BRANCH: Gate(
        "{ref:code} is no branch",
        "{ref:code} ({sha:commit}) is the head of no branch of this repository.",
        "a candidate that is the head of a branch here, not of a fork",
        f"Push it as a branch of this repository; {AGAIN}.",
    ),
    Code.BRANCH_CHECK_FAILED: Gate(
        "wrong branch checked out",
        "The preflight by {by:who} saw: {seen}.",
        "the candidate's branch, checked out",
        f"Check out the branch; {AGAIN}.",
    ),
    Code.TREE_ATTESTED: Gate("", "The candidate's tree {tree:commit} is the attested one."),
    Code.TREE_DIFFERS: Gate(
        "another tree than attested",
        "The preflight attests tree {attested:commit}; {ref:code} has tree {candidate:commit}.",
        "the attested tree: another tree is another change",
        f"Check out {{ref:code}} as it is at GitHub; {AGAIN}.",
    ),
    Code.APP_OK: Gate("app answered {answered:n} of {of:n probe}", "The app answered {answered:n} of {of:n probe}."),
    Code.APP_FAILED: Gate(
        "the app did not run as expected",
        "The local app did not run as expected: {seen}.{detail:lines}",
        "an app that starts and answers every probe",
        f"Mend it and commit; {AGAIN}.",
    ),
    # Commits
    Code.REFERENCED: Gate(
        "{count:n} of {count:n} reference {change}",
        "{count:n commit} {count:verb references|reference} {change}.{taken_over:taken}",
    ),
    Code.UNREFERENCED: Gate(
        "{commits:len} of {count:n commit} without {change}",
        "{commits:len} of {count:n commit} {commits:verb references|reference} no change request:{commits:commits}",
        "every commit message references {change}",
        f"Amend the message or take the commit out, push; {AGAIN}.",
    ),
    Code.REFERENCES_OTHER: Gate(
        "another change request's commit",
        "{commits:len commit} {commits:verb names|name} another change request:{commits:commits}",
        "commits of {change} only",
        f"Take them out (or amend a wrong message), push; {AGAIN}.",
    ),
    Code.NO_COMMITS: Gate(
        "nothing to release",
        "{ref:code} has no commit after {base:commit}, which is in production.",
        "at least one commit",
        f"Push the commits to {{ref:code}}; {AGAIN}.",
    ),
    Code.TOO_MANY_COMMITS: Gate(
        "more commits than GitHub lists",
        "GitHub lists {count:n commit} and there are more, which nobody could check.",
        "a release whose every commit can be read",
        "Release it in smaller parts.",
    ),
    Code.PATHS_OK: Gate(
        "{count:n path} in its areas", "{count:n changed path} {count:verb lies|lie} in the declared areas."
    ),
    Code.PATHS_ACCEPTED: Gate(
        "{paths:len path} accepted by {by:who}",
        "{by:who} accepted {paths:len path} outside the declared areas{reason:because}.{paths:paths}",
    ),
    Code.PATHS_OUTSIDE: Gate(
        "{paths:len path} outside its areas",
        "{paths:len path} {paths:verb lies|lie} outside the declared areas:{paths:paths}",
        "changes in {areas:codes} only",
        f"Take them out and push; {AGAIN}. Or an approver presses {{_:button Accept paths}}.",
    ),
    Code.INDEPENDENT: Gate("", "Approved by {by:who}, who wrote none of it."),
    Code.NOT_INDEPENDENT: Gate(
        "approved by an author",
        "{authors:who} approved and wrote commits of it, so {have:n} of {need:n} approvals count.",
        "{need:n approval} of people who wrote none of it",
        "Another approver approves the change request on its card.",
    ),
    Code.AUTHOR_UNKNOWN: Gate(
        "an unknown author",
        "Nobody in `sop.yaml` is known as the author or committer of:{commits:commits}",
        "authors who are known, so that none of them approves",
        "Whoever keeps `sop.yaml` adds the GitHub login or e-mail address under `people`.",
    ),
    Code.NO_SKIP_CI: Gate("", "No commit asks to skip CI."),
    Code.SKIP_CI: Gate(
        "a commit skips CI",
        "{commits:len commit} {commits:verb asks|ask} to skip CI:{commits:commits}",
        "no skip-CI marker: CI is never skipped",
        f"Amend the message, push; {AGAIN}.",
    ),
    # Push
    Code.PUSH_WAITS: Gate(
        "the push button",
        "Every gate is green: {sha:commit} may go to {branch:code}.",
        "the push, by a releaser",
        "{owner:who} presses {_:button Push}.",
    ),
    Code.PUSH_WATCHED: Gate(
        "somebody to push",
        "Every gate is green: {sha:commit} may go to {branch:code}.",
        "the push, by a person",
        "{owner:who} pushes {sha:commit} to {branch:code}; Slipway watches.",
    ),
    Code.PUSHING: Gate(
        "being pushed",
        "{sha:commit} is on its way to {branch:code}, asked for by {by:who}.",
        awaited="GitHub to take {sha:commit}",
    ),
    Code.PUSHED: Gate("{branch:code} → {sha:commit}{by:by}", "{branch:code} is at {sha:commit}{by:by}{login:login}."),
    Code.PUSH_REFUSED: Gate(
        "GitHub refused the push",
        "GitHub refused {sha:commit} for {branch:code}: {error}.",
        "a branch that Slipway may fast-forward",
        "Mend what GitHub names (`slipway doctor` looks too), then press {_:button Push} again.",
    ),
    Code.PUSHED_EARLY: Gate(
        "pushed before its time",
        "{login:login_name} pushed {sha:commit} to {branch:code} in stage {stage:stage}, before the gates were green.",
        "a push only when every gate is green",
        "Agree on what happens to it: {_:button Roll back}, or an approver aborts this release.",
    ),
    Code.PUSHED_OTHER: Gate(
        "another tree was pushed",
        "{login:login_name} pushed {sha:commit} to {branch:code}: tree {tree:commit}, attested is {attested:commit}.",
        "the attested tree",
        "Agree on what happens to it: {_:button Roll back}, or an approver aborts this release.",
    ),
    # CI and production
    Code.BRANCH_STILL: Gate("", "{branch:code} is still at {sha:commit}."),
    Code.BRANCH_MOVED: Gate(
        "{branch:code} moved",
        "{login:login_name} moved {branch:code} to {sha:commit}; released is {expected:commit}.",
        "a branch that stays still until the release is complete",
        "Agree with who pushed: {_:button Roll back}, or an approver aborts this release.",
    ),
    Code.CI_NOT_YET: Gate(
        "CI to start",
        "CI has not started after {seconds:for}: {missing:codes}.",
        "a start by itself within {within:for}",
        "Slipway watches.",
    ),
    Code.CI_DID_NOT_START: Gate(
        "CI did not start",
        "CI did not start within {within:for} of the push of {sha:commit} to {branch:code}: {missing:codes}."
        "{others:others}",
        "runs that the push started by itself",
        "Look at the workflow's `on: push` branches and paths, at disabled Actions and at GitHub's status page.",
    ),
    Code.CI_STARTED: Gate("", "CI started by itself: {runs:runs}."),
    Code.CI_RUNNING: Gate(
        "{done:n} of {of:n job} · {seconds:for}{usual:usual}",
        "CI is running: {done:n} of {of:n job} done, {seconds:for}{usual:usual}.",
        "every required workflow successful",
        "Slipway watches.",
    ),
    Code.CI_LATE: Gate(
        "CI takes too long",
        "CI is not complete after {seconds:for}.",
        "completion within {within:for}",
        "Look at {url:link the run}: is a job waiting for a runner, or hanging?",
    ),
    Code.CI_WAITING: Gate(
        "an approval at GitHub",
        "CI waits for the approval of a GitHub environment: {jobs:words}.",
        "that approval, given at GitHub",
        "A reviewer of the environment approves {url:link the run}.",
    ),
    Code.CI_RERUN: Gate(
        "re-run without a root cause",
        "{workflow:code} is at attempt {attempt:n}: re-run with no root cause recorded. {url:link The run}.",
        "no blind retry: root cause first",
        "Say who re-ran it and why; {_:button Roll back} works meanwhile.",
    ),
    Code.CI_FAILED: Gate(
        "{workflow:code} ended as {conclusion}",
        "{workflow:code} ended as {conclusion}{job:after in job}{step:after at step}. {url:link The run}.{log:lines}",
        "success of every required workflow",
        "Nothing is retried blindly: read the log, find the root cause, and press {_:button Record root cause}.",
    ),
    Code.CI_OK: Gate("{runs:len workflow} passed in {seconds:for}", "CI passed in {seconds:for}: {runs:runs}."),
    Code.NO_OLDER_RUN: Gate("", "No older run of the branch is unfinished."),
    Code.OLDER_RUN: Gate(
        "an older run to finish",
        "{runs:len older run} of the branch could still deploy over it: {runs:runs}.",
        "no unfinished older run",
        "Slipway waits for them to end; cancel them at GitHub if they hang.",
    ),
    Code.VERSION_OK: Gate(
        "{sha:commit} on {samples:n} of {samples:n} reads",
        "Production serves {sha:commit}: {samples:n} of {samples:n} reads, twice in a row.",
    ),
    Code.VERSION_SOON: Gate(
        "{new:n} of {of:n} reads are new",
        "{new:n} of {of:n} reads show the new version, after {seconds:for}.",
        "all reads new, twice in a row, within {within:for}",
        "Slipway looks again by itself.",
        awaited="the new version, {new:n} of {of:n} reads so far",
    ),
    Code.VERSION_ONCE: Gate(
        "every read is new, once",
        "{of:n} of {of:n} reads show the new version, once so far.",
        "all reads new, twice in a row",
        "Slipway looks again by itself.",
        awaited="a second look at the new version",
    ),
    Code.VERSION_MIXED: Gate(
        "only {new:n} of {of:n} reads are new",
        "{new:n} of {of:n} reads show the new version after {within:for}; others serve {others:versions}.",
        "the new version everywhere",
        "Look which instances did not update: deployment, health checks, load balancer. No manual fix in production.",
    ),
    Code.VERSION_OLD: Gate(
        "production did not update",
        "Production did not update within {within:for}: {of:n read} {of:verb serves|serve} "
        "{others:versions}, wanted {sha:commit}.",
        "the new version",
        "Was the right branch deployed? Did CI complete? Is the environment configured? "
        "Then {_:button Look again}, {_:button Redeploy} or {_:button Roll back}.",
    ),
    Code.VERSION_UNKNOWN: Gate(
        "production's version is unknown",
        "Production's version could not be read: {error}.",
        "a version from {of:n} of {of:n} reads",
        "Slipway looks again by itself; is the version address up?",
        awaited="production to tell its version",
    ),
    Code.PROBES_WAIT: Gate(
        "the probes", "The probes have not been played yet.", "their answers", "Slipway plays them."
    ),
    Code.PROBES_UNREACHED: Gate(
        "{probes:len probe} without an answer",
        "{probes:len probe} had no answer in production:{probes:probes}",
        "an answer to every probe",
        "Slipway plays them again by itself; is production up?",
        awaited="production to answer {probes:len probe}",
    ),
    Code.IDENTICAL: Gate(
        "{probes:n probe} as local",
        "{probes:n probe} {probes:verb behaves|behave} as locally, as attested by {by:who}.",
    ),
    Code.DIFFERENT: Gate(
        "production behaves differently",
        "{count:n difference} between local and production:{differences:differences}",
        "the same behaviour as attested",
        "Find the cause: configuration, data, or the change itself. {_:button Roll back}, or an approver accepts a "
        "difference by field. No manual fix in production.",
    ),
}
