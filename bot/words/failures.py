"""Failures and rollbacks: F1, F2, R1 to R4."""

from bot.sop.codes import Code
from bot.words.gate import Gate

GATES: dict[str, Gate] = {
    Code.CI_RERUN_ASKED: Gate(
        "attempt {attempt:n} to begin",
        "{workflow:code} runs again: attempt {attempt:n} was asked for. See {url:link the run}.",
        "the attempt that was asked for",
        "Slipway watches.",
    ),
    Code.DIFFERENCE_ACCEPTED: Gate(
        "{differences:len difference} accepted",
        "{probes:n probe} {probes:verb behaves|behave} as attested, but for what was accepted:{differences:accepted}",
    ),
    Code.RUNS_STOPPING: Gate(
        "runs of the branch to stop",
        "{runs:len run} of the branch {runs:verb has|have} not begun to deploy: {runs:runs}.",
        "no run that could deploy over the revert",
        "Slipway cancels them; what deploys already is let end.",
    ),
    Code.RUNS_NOT_STOPPING: Gate(
        "runs of the branch do not end",
        "{runs:len run} of the branch {runs:verb was|were} to be cancelled {seconds:for} ago and {runs:verb has|have} "
        "not ended: {runs:runs}.",
        "no run that could deploy over the revert",
        "Cancel what goes on at GitHub (a step with `always()` outlives a cancel: force the cancel there), or let it "
        "end; the rollback then goes on by itself.",
    ),
    Code.RUNS_STOPPED: Gate("", "No run of the branch can deploy over the revert."),
    Code.REVERT_WAITS: Gate(
        "the revert",
        "The revert to {target:commit} on top of {parent:commit} is not built yet{error:because}.",
        "a commit with the tree of {target:commit}",
        "Slipway builds it by itself.",
    ),
    Code.REVERT_WRONG: Gate(
        "the revert has another tree",
        "The revert has the tree {tree:commit}; that of the commit to return to is {wanted:commit}.",
        "exactly the tree to return to",
        "Nothing of it was pushed. Abort and begin anew; if it stays so, look at the repository.",
    ),
    Code.REVERT_BUILT: Gate(
        "{sha:commit} takes back {count:n commit}",
        "{sha:commit} has the tree of {target:commit} and takes back {count:n commit}.{pull:linked Pull request}",
    ),
    Code.PULL_WAITS: Gate(
        "the merge of the revert",
        "The revert waits as a {url:link pull request}.",
        "its merge, by a person",
        "Somebody who may push merges it; Slipway watches.",
    ),
    Code.NOT_AS_BEFORE: Gate(
        "production answers otherwise than before",
        "{count:n difference} between production and what it answered at {target:commit}:{differences:differences}",
        "the answers that were recorded there; of an adopted baseline, or another probe, a status without an error",
        "Find the cause: data or configuration that the revert does not bring back. {_:button Redeploy}, "
        "{_:button Roll back} further, or an approver accepts a difference by field. No manual fix in production.",
    ),
    Code.STATUS_AS_BEFORE: Gate(
        "{probes:n probe} as when adopted",
        "{probes:n probe} {probes:verb answers|answer} with the status seen when {target:commit} was adopted."
        "{others:after Defined otherwise since, and without a server error:}",
    ),
    Code.NO_ERROR: Gate(
        "{probes:n probe} without an error",
        "{probes:n probe} {probes:verb answers|answer} without an error. How {target:commit} answered, asked the "
        "same, is not known.",
    ),
    Code.AS_BEFORE: Gate(
        "{probes:n probe} as before",
        "{probes:n probe} {probes:verb answers|answer} as at {target:commit}, by its recorded answers."
        "{others:after Defined otherwise since, and without a server error:}",
    ),
    Code.ACT_STUCK: Gate(
        "{act:attempt} was not done",
        "{act:attempt} could not be done{error:because}.",
        "that it is done",
        "Mend what stands in its way at GitHub, then press {_:button Try again}. No one has to repeat anything else.",
    ),
    Code.LOG_WAITS: Gate(
        "the decision log",
        "The entry does not stand in the decision log yet{error:because}.",
        "the entry in the decision log",
        "Slipway writes it by itself.",
    ),
    Code.LOGGED: Gate("{url:link decision log}", "The entry stands in the {url:link decision log}."),
}

REFUSALS: dict[str, str] = {
    Code.ONLY_HELD: "{subject} is {status:status}, and not held for that: there is nothing to {intent:intents} now.",
    Code.LOG_UNREAD: "The failed job's log has not been read yet{error:because}. Slipway reads it by itself; "
    "try again in a moment.",
    Code.QUOTE_UNKNOWN: "The log of {job:code} has no such line. Copy one line, or a part of it, as it stands there.",
    Code.QUOTE_SHORT: "{length:n character} could stand anywhere in the log of {job:code}. Copy at least "
    "{shortest:n character} of the line that shows what went wrong.",
    Code.QUOTE_MUTE: "That is only a separator, a number or a time, and tells no cause. Copy the line of the log of "
    "{job:code} that says in words what went wrong.",
    Code.NO_COMMIT_HERE: "{release} is a rollback: no commit mends it. Mend configuration or infrastructure, or roll "
    "back to an older release.",
    Code.NO_CAUSE: "Nothing is retried blindly. Record the root cause of this failure of {release} first, mended by "
    "configuration or infrastructure; a fix by commit starts again with a new preflight.",
    Code.NO_RUN: "{release} has no successful run that deploys, so there is nothing to run again.",
    Code.NO_TARGET: "No commit of {service:code} was ever verified in production, so there is nothing to return to.",
    Code.BAD_TARGET: "{sha:commit} was never verified in production, or was itself rolled back. "
    "Choose one of those in the list.",
    Code.NOTHING_TO_ROLL_BACK: "{release} has pushed nothing, so there is nothing to roll back. It can be aborted.",
    Code.ROLLBACK_RUNS: "{release} of {owner:who} is rolling back already. Nothing was started twice.",
    Code.OLDER_TARGET_ONLY: "{release} is HELD on its way back to {target:commit}. Only a rollback to an older one can "
    "take its place.",
    Code.PUSH_UNDER_WAY: "The push of {release} is on its way at this very moment. Try again in a moment, when it is "
    "seen what came of it. Nothing was started.",
}

NOTICES: dict[str, str] = {
    Code.CAUSE_RECORDED: "🔎 {by:who} recorded the root cause of the failure of {job:code}: {cause}\n"
    "Its log says: {quote:code}\nMended by {mend}: {evidence}",
    Code.CAUSE_AGAIN: "🔁 {job:code} failed for the same cause before, in {earlier} {at:time}: {cause}",
    Code.RUN_AGAIN: "🔁 {by:who} {redeploy:pick redeploys|runs CI again}, intentionally: attempt {attempt:n} of "
    "{url:link the run}{reason:because}.",
    Code.RERUN_LOST: "🚷 Somebody ran CI again at GitHub before Slipway did: attempt {attempt:n} is not the one that "
    "was asked for, and does not count.",
    Code.TRIED_AGAIN: "🔁 {by:who} had it tried again: {acts:attempts}.",
    Code.LOOKED_AGAIN: "👀 {by:who} asked for a new look; what was seen before counts no more.",
    Code.DIFFERENCE_TAKEN: "{by:who} accepted {differences:len difference} in production{reason:because}."
    "{differences:differences}",
    Code.DIAGNOSIS: "🩺 Why {release} is not in production as it should be:\n• {deployed:deployed}; wanted is "
    "{sha:commit} of {branch:code}\n• {ci:ci}\n• Environment: {environment:pick |none is named in `sop.yaml`; }"
    "{missing:missing}\n"
    "Manual fixes in production are prohibited.",
    Code.ROLLBACK_STARTED: "⏪ {by:who} rolls back {reverts:words} to {target:commit} with {release}{reason:because}."
    "{was_live:pick | Nothing of it had come up in production.}",
    Code.REVERT_ANEW: "🔁 {login:login_name} moved {branch:code} to {sha:commit} before the revert was pushed. It is "
    "built anew on top of that, which it takes back too, and pushed by itself.",
    Code.SUPERSEDED: "{release} is ABORTED: {by:who} started {rollback}, which takes its place.",
    Code.ROLLED_BACK: "⏪ {release} is ROLLED BACK by {rollback}: production serves {sha:commit}.",
    Code.ROLLBACK_COMPLETE: "⏪ {release} is COMPLETE: production is back at {target:commit}, with {sha:commit}. "
    "Rolled back: {reverts:words}.{was_live:pick | Nothing of it had come up in production.}{url:linked Decision log}",
    Code.CHANGE_ROLLED_BACK: "⏪ {change} ({title}) is rolled back by {rollback}{reason:because}. Acknowledge that on "
    "its card before it is asked for anew.",
    Code.ROLLBACK_KNOWN: "{by:who} knows that {change} was rolled back. It may be approved and released anew.",
}
