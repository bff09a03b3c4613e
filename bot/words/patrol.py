"""What went around the SOP: X1 to X4, S2, F1. What was seen, what should be, what to do."""

from bot.sop.codes import Code
from bot.words.gate import ANEW, Gate

EXPLAIN = "an approver presses {_:button Explain} and says how it came about"
THROUGH = f"Bring it back through a release or a rollback; {EXPLAIN}."
BACK = f"Bring it back: {{last:back_to}}; {EXPLAIN}."

GATES: dict[str, Gate] = {
    Code.VERSION_STRANGE: Gate(
        "a version nobody knows",
        "{seen:n} of {of:n read} of {service:code} showed {version:code}: no commit of the repository. Verified was "
        "{verified:commit}.",
        "what was last verified",
        f"Find out who changed production. {BACK}",
    ),
    Code.VERSION_RETURNED: Gate(
        "an older version is back",
        "{seen:n} of {of:n read} of {service:code} showed {sha:commit}, older than {verified:commit}, and nobody "
        "rolled back.",
        "what was last verified",
        f"Find out who changed production. {BACK}",
    ),
    Code.DEPLOYED_WITHOUT_CI: Gate(
        "deployed without CI",
        "{seen:n} of {of:n read} of {service:code} showed {sha:commit}, and no push started a successful run of "
        "{workflows:codes} for it.",
        "only what CI let through",
        f"Find out who deployed it. {BACK}",
    ),
    Code.DEPLOYED_WITHOUT_RELEASE: Gate(
        "deployed without a release",
        "{seen:n} of {of:n read} of {service:code} showed {sha:commit}, which no release brought. Verified was "
        "{verified:commit}.",
        "a change request and a release for every change",
        f"Find out who deployed it. {BACK}",
    ),
    Code.DEPLOYED_IN_FREEZE: Gate(
        "deployed during {freeze}",
        "{seen:n} of {of:n read} of {service:code} showed {sha:commit}, deployed during {freeze} of {owner:who}"
        "{reason:because}.",
        "no deployment during a freeze, except a hotfix or a rollback",
        f"Find out who deployed it. {BACK}",
    ),
    Code.BEHAVIOUR_CHANGED: Gate(
        "production behaves differently",
        "{service:code} serves {sha:commit} as verified{release:after by}, and behaves differently: "
        "{count:n difference}.{differences:differences}",
        "the behaviour that was verified",
        f"Was its configuration or its data changed by hand? {THROUGH}",
    ),
    Code.PUSH_WITHOUT_RELEASE: Gate(
        "pushed without a release",
        "{branch:code} went from {before:commit} to {sha:commit} {at:time}, and no release pushed that.",
        "a release for every push to the designated branch",
        f"Take it back: {{last:back_to}}. Or {EXPLAIN}; then the next release takes it over by name "
        "({_:button Take over commits}).",
    ),
    Code.PUSH_WITH_OPEN_GATES: Gate(
        "pushed before its gates were green",
        "{branch:code} went to {sha:commit} {at:time}{release:after while the gates were open of}.",
        "a push only when every gate is green",
        f"Agree on what happens to it, or roll it back; {EXPLAIN}.",
    ),
    Code.PROTECTION_BYPASSED: Gate(
        "protection bypassed",
        "{branch:code} went to {sha:commit} {at:time} past the protection of the branch{release:after for}.",
        "a protection that holds for everyone",
        f"Look who may bypass it at GitHub; {EXPLAIN}.",
    ),
    Code.BRANCH_FORCED: Gate(
        "force push",
        "{branch:code} was forced from {before:commit} to {sha:commit} {at:time}.",
        "a designated branch that only grows",
        f"Put back what was lost; forbid force pushes at GitHub; {EXPLAIN}.",
    ),
    Code.BRANCH_DELETED: Gate(
        "branch deleted",
        "{branch:code} was deleted {at:time}; it was at {before:commit}.",
        "a designated branch that only grows",
        f"Put it back at {{before:commit}}; forbid deletions at GitHub; {EXPLAIN}.",
    ),
    Code.RUN_BY_HAND: Gate(
        "deployed by hand",
        "{workflow:code} deployed {sha:commit} of {branch:code}, started by {event:code} and by no push. "
        "See {url:link the run}.",
        "runs that a push started by itself",
        f"Find out who started it, and verify what is in production; {EXPLAIN}.",
    ),
    Code.RERUN_BLINDLY: Gate(
        "run again past Slipway",
        "{workflow:code} of {sha:commit} was run again (attempt {attempt:n}) at GitHub, not by Slipway, which runs it "
        "again only after its root cause is recorded. "
        "See {url:link the run}.{act:run_act}{said:because}",
        "no blind retry: the root cause first",
        "A release whose CI failed has {_:button Record root cause} on its card, and then {_:button Re-run CI}, and "
        f"nothing is run again at GitHub. {EXPLAIN[0].upper()}{EXPLAIN[1:]}.",
    ),
    Code.NO_VIOLATION: Gate("", "No violation is open."),
    Code.VIOLATION_OPEN: Gate(
        "{violations:len violation} open",
        "{violations:len violation} of the SOP {violations:verb is|are} not explained:{violations:violations}",
        "no open violation of this service",
        f"An approver explains it on its card; {{stops:pick {ANEW}|then this release goes on by itself}}.",
    ),
}

NOTICES: dict[str, str] = {
    Code.VIOLATION_EXPLAINED: "{by:who} explained {violation}{reason:because}.",
    Code.VIOLATION_JOINED: "⚠️ More of {violation} was seen, a violation of {rule}: {rule:rule} It stands on this "
    "card, and is explained with it.",
    Code.VIOLATION_RECURRED: "⚠️ {violation} is back: seen for the {count:nth} time.{reason:explained_before}",
    Code.PATROL_UNKNOWN: "❔ {service:code}: {what:thing} could not be seen since {since:time}{error:because}"
    "{until:up_to}. That is unknown: neither clean nor a violation.",
    Code.PATROL_KNOWN: "{service:code}: {what:thing} can be seen again; it was unknown since {since:time}.",
}
