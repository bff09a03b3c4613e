"""The push and CI (rules 3 and 4)."""

from bot.sop.codes import Code
from bot.words.gate import Gate

GATES: dict[str, Gate] = {
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
        "{sha:commit} is on its way to {branch:code}, asked for by {by:who}.{error:put_off}",
        awaited="GitHub to take {sha:commit}",
    ),
    Code.PUSHED: Gate("{branch:code} → {sha:commit}{by:by}", "{branch:code} is at {sha:commit}{by:by}{login:login}."),
    Code.PUSH_REFUSED: Gate(
        "{dropped:pick the push was not made|GitHub refused the push}",
        "{dropped:pick The push of|GitHub refused} {sha:commit} {dropped:pick to|for} {branch:code}"
        "{dropped:pick  was not made|}: {error}.",
        "{dropped:pick every gate green just before the push|a branch that Slipway may fast-forward}",
        "{dropped:pick When every gate is green|Mend what GitHub names (`slipway doctor` looks too), then}"
        "{dropped:pick ,|} press {_:button Push} again.",
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
    Code.BRANCH_STILL: Gate("", "{branch:code} is still at {sha:commit}."),
    Code.BRANCH_MOVED: Gate(
        "{branch:code} moved",
        "{login:login_name} moved {branch:code} to {sha:commit}; released is {expected:commit}.",
        "a branch that stays still until the release is complete",
        "Agree with who pushed, then {_:button Roll back}: to the same commit, too, where this is a rollback. Where "
        "the branch was set back, press {_:button Look again}.",
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
        "Look at the workflow's `on: push` branches and paths, at disabled Actions and at GitHub's status page. It "
        "goes on by itself when they start; where they never will, {_:button Roll back}.",
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
        "{workflow:code} is at attempt {attempt:n}: re-run with no root cause recorded. See {url:link the run}.",
        "no blind retry: root cause first",
        "Only a re-run for a recorded cause counts: press {_:button Record root cause}, quoting the attempt that "
        "failed.",
    ),
    Code.CI_FAILED: Gate(
        "{workflow:code} {conclusion:ended}",
        "{workflow:code} {conclusion:ended}{job:after in job}{step:after at step}."
        "{job:pick | No job began: its page at GitHub says what is wrong with the workflow.} "
        "See {url:link the run}.{log:lines}",
        "success of every required workflow",
        "Nothing is retried blindly: read the log, find the root cause, and a releaser presses "
        "{_:button Record root cause}.{rollback:pick  No commit mends a rollback: it is mended by configuration or "
        "infrastructure, or by a rollback to an older release.|}",
    ),
    Code.CI_OK: Gate("{runs:len workflow} passed in {seconds:for}", "CI passed in {seconds:for}: {runs:runs}."),
    Code.DEPLOYED_BY_PUSH: Gate("", "The last deploy of it is the one that its push started."),
    Code.DEPLOYED_AROUND: Gate(
        "deployed around the pipeline",
        "{workflow:code} deployed this commit by {event:code}, attempt {attempt:n}, and nobody asked for that through "
        "the SOP. See {url:link the run}.",
        "the run of the push to be the last that deployed",
        "Once that run is over press {_:button Redeploy} with a reason, or {_:button Roll back}.",
    ),
    Code.NO_OLDER_RUN: Gate("", "No older run of the branch is unfinished."),
    Code.OLDER_RUN: Gate(
        "an older run to finish",
        "{runs:len older run} of the branch could still deploy over it: {runs:runs}.",
        "no unfinished older run",
        "Slipway waits for them to end; cancel them at GitHub if they hang.",
    ),
}
