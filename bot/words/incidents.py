"""Incidents and hotfixes: T2, H1 to H5."""

from bot.sop.codes import Code
from bot.words.gate import AGAIN, ANEW, Gate

GATES: dict[str, Gate] = {
    Code.INCIDENT_CONFIRMED: Gate(
        "{incident} is CRITICAL", "{incident} is open and CRITICAL, confirmed by {by:who} {at:time}."
    ),
    Code.INCIDENT_NOT_OPEN: Gate(
        "{incident} is {status}",
        "{incident} is {status}.",
        "an open incident",
        f"Reopen {{incident}} if it is back; {ANEW}.",
    ),
    Code.SEVERITY_LOWERED: Gate(
        "{incident} is {severity} now",
        "{incident} is {severity} now.",
        "a CRITICAL incident: a hotfix is only for those",
        "Release it as a standard change, or raise the severity with the reason and start a hotfix again.",
    ),
    Code.SEVERITY_UNCONFIRMED: Gate(
        "{incident} to be confirmed",
        "{incident} is not confirmed as CRITICAL.",
        "{not_by:pick another person|a person}'s word that it is CRITICAL",
        "{lead:lead} or someone with the incident role presses {_:button Confirm CRITICAL} on its card"
        "{not_by:but_not}.",
    ),
    Code.LOCK_SOON: Gate(
        "the lock", "The lock of {lock:code} is not taken yet.", "the lock", "Slipway takes it at its next look."
    ),
    Code.LOCK_WAITS: Gate(
        "{release} to end",
        "{release} ({procedure:procedure}) of {owner:who} is pushed, in {stage:stage}, and holds the lock of "
        "{lock:code}.",
        "one release at a time for a repository and branch",
        "Choose: let {release} finish, or press {_:button Roll back} on its card.",
    ),
    Code.LOCK_WAITS_LEFT: Gate(
        "commits of {release} on the branch",
        "{release} of {owner:who} left {count:n commit} on the branch of {lock:code}.",
        "a branch on which nothing unverified stands",
        "Roll {release} back, or abort this one and start again taking them over by name.",
    ),
    Code.FREEZE_PASSED: Gate(
        "{freezes:each freeze} passed by right of {incident} (X4: no freeze stops a hotfix)",
        "A freeze is in force and does not stop this hotfix, by right of {incident} (X4):{freezes:freezes}",
    ),
    Code.CRITICAL_INCIDENTS: Gate(
        "{incidents:len CRITICAL incident} open",
        "CRITICAL and open:{incidents:incidents}{issues:issues}",
        "no open CRITICAL incident, and no issue labelled {label:code}",
        f"Resolve it, by a hotfix if need be; {ANEW}.",
    ),
    Code.CRITICALS_WAIT: Gate(
        "a word on other CRITICALs",
        "Other CRITICALs are open (incidents, issues labelled {label:code}):{incidents:incidents}{issues:issues}",
        "a second person's word that this hotfix goes on beside them",
        "An approver or someone with the incident role presses {_:button Go on beside}.",
    ),
    Code.CRITICALS_ACCEPTED: Gate(
        "beside {criticals:words}", "{by:who} lets it go on beside {criticals:words}{reason:because}."
    ),
    Code.SIZE_OK: Gate(
        "{files:n file}, {lines:n line}",
        "{files:n file} and {lines:n line} changed; allowed are {max_files:n} and {max_lines:n}.",
    ),
    Code.SIZE_LARGE: Gate(
        "too large: {files:n file}, {lines:n line}",
        "{files:n file} and {lines:n line} changed.",
        "at most {max_files:n file} and {max_lines:n line}: only what resolves the incident",
        f"Take out what does not resolve it, {AGAIN}; or an approver presses {{_:button Accept size}}, with a reason.",
    ),
    Code.SIZE_ACCEPTED: Gate(
        "size accepted by {by:who}", "{files:n file} and {lines:n line} changed, accepted by {by:who}{reason:because}."
    ),
    Code.PATHS_REVERSIBLE: Gate("", "A revert undoes every change: {count:n path}, none irreversible."),
    Code.PATHS_IRREVERSIBLE: Gate(
        "{paths:len irreversible path}",
        "A revert does not undo what is changed here:{paths:paths}",
        "a reversible fix",
        f"Leave them out, {AGAIN}; or an approver presses {{_:button Accept irreversible paths}}, with a reason.",
    ),
    Code.IRREVERSIBLE_ACCEPTED: Gate(
        "⚠️ {paths:len irreversible path}, accepted by {by:who}",
        "Not reversible: {by:who} accepted paths that a revert does not undo{reason:because}.{paths:paths}",
    ),
    Code.REVERSIBLE: Gate("reversible", "The revert is built: {revert:commit} takes production back to {base:commit}."),
    Code.REVERSIBLE_BUT: Gate(
        "its revert takes back the code only",
        "The revert is built: {revert:commit} takes the code back to {base:commit}. It does not undo:{paths:paths}",
    ),
    Code.REVERSIBLE_WAITS: Gate(
        "its revert",
        "The revert of {parent:commit} to {base:commit} is not built yet{error:because}.",
        "the revert, built before the push",
        "Slipway builds it by itself.",
    ),
    Code.NOT_REVERSIBLE: Gate(
        "not on production's commit",
        "The fix is built on {base:commit}; production was verified at {production:commit}.",
        "a fix on top of what production serves",
        "Abort this one, rebase the fix on {production:commit}, and press {_:button Start again}: the approval stays.",
    ),
    Code.AFFECTED_OK: Gate(
        "{probes:words} {probes:verb passes|pass}", "What was affected works in production: {probes:codes}."
    ),
    Code.AFFECTED_UNPROBED: Gate(
        "no probe shows {affected:words}", "No probe shows {affected:words}: the word of the incident's lead does."
    ),
    Code.AFFECTED_UNREACHED: Gate(
        "{probes:len affected probe} without an answer",
        "What was affected gave no answer in production:{probes:probes}",
        "an answer to every affected probe",
        "Slipway plays them again by itself; is production up?",
    ),
    Code.AFFECTED_FAILING: Gate(
        "{probes:len affected probe} failing still",
        "What was affected fails in production still:{probes:probes}",
        "the affected functionality working",
        "Press {_:button Roll back}, or mend the cause by a new hotfix. No manual fix in production.",
    ),
    Code.RESOLUTION_CONFIRMED: Gate("resolved", "{incident} is resolved, says {by:who}, {at:time}."),
    Code.RESOLUTION_WAITS: Gate(
        "the lead's word",
        "Production is verified; nobody has confirmed yet that {incident} is resolved.",
        "the word of the incident's lead",
        "{lead:lead} presses {_:button Confirm resolved}.",
    ),
    Code.NOTE_WRITTEN: Gate("note by {by:who}", "The note of {incident} was written by {by:who}, {at:time}."),
    Code.NOTE_WAITS: Gate(
        "the note",
        "The post-action note of {incident} is not written.",
        "what happened, what was affected, cause and fix",
        "{lead:lead} or someone with the incident role writes it: {_:command incident note} {incident}.",
    ),
}

REFUSALS: dict[str, str] = {
    Code.NOT_CRITICAL: "{incident} is {severity}. Only a CRITICAL incident may have a hotfix; anything else is a "
    "standard release.",
    Code.NOT_CONFIRMED: "{incident} is not confirmed as CRITICAL yet. Somebody who may confirms it on its card first.",
    Code.CONFIRM_ANOTHER: "Another person has to confirm {incident} than {not_by:or}, who declared it or raised it to "
    "CRITICAL. That is: {holders:or}.",
    Code.UNKNOWN_AFFECTED: "Neither a feature nor a probe: {affected:codes}. There is: {known:codes}.",
    Code.ISSUE_TAKEN: "Issue #{issue} is taken over by {incident} already: {title}",
    Code.MESSAGE_THERE: "That message stands on the timeline of {incident} already, once. Nothing was changed.",
    Code.MESSAGE_OURS: "Slipway wrote that message itself, and what it does stands on the timeline by itself. "
    "{_:b Add to timeline} on the incident's card takes words of your own.",
    Code.NO_INCIDENT: "No incident is open. {_:command incident declare} declares one.",
    Code.NO_OWN_CHANNEL: "The SOP gives incidents no channel of their own, so {incident} has none.",
    Code.RESOLVES_BY_HOTFIX: "{release} resolves {incident}; it is in {stage:stage}. Finish that, or abort it first.",
    Code.NOTE_TOO_EARLY: "{incident} is not resolved yet{release:after by}. The note comes after that.",
    Code.NOTE_MEANWHILE: "{by:who} wrote the note of {incident} meanwhile, {at:time}. It says: {happened:text 60} "
    "Cause: {cause:text 50} Yours is not lost: copy what it adds, close this, open the note anew and put it in.",
    Code.EMERGENCY_RUNS: "{release} ({procedure:procedure}) of {owner:who} runs on the same branch{incident:after for}."
    " Finish it{abort:pick  or abort it|} first.",
    Code.SECOND_PERSON: "To {what:act} takes a second person: not who asked for {release}, releases it or wrote it.",
    Code.NOT_THE_LEAD: "That is the word of the lead of {incident}: {lead:lead}. Take the lead on its card first.",
}

NOTICES: dict[str, str] = {
    Code.INCIDENT_DECLARED: "{incident} is declared: {title}. Its card is in {channel:channel}.{woken:woken}",
    Code.NOTE_TAKEN: "📝 The note of {incident} is written. Slipway puts it into the decision log.",
    Code.ENTRY_ADDED: "It stands on the timeline of {incident}.",
    Code.INCIDENT_WAKES: "🚨 {incident} is CRITICAL: {title} ({service:code}), says {by:who}. {lead:leads}",
    Code.INCIDENT_QUIET: "🔔 {incident} is CRITICAL, and nothing was said for {seconds:for}: {title}. "
    "{lead:leads} Add to its timeline how it stands.",
    Code.LEAD_TAKEN: "{by:who} leads {incident} now{before:before}.",
    Code.SEVERITY_CHANGED: "{by:who} made {incident} {severity}, it was {was}{reason:because}.",
    Code.CRITICAL_CONFIRMED: "{by:who} confirms that {incident} is CRITICAL. A hotfix may start.",
    Code.INCIDENT_RESOLVED: "✅ {by:who} resolved {incident}.{note_wanted:pick  Its note is still to be written.|}",
    Code.INCIDENT_REOPENED: "🚨 {by:who} reopened {incident}{reason:because}.",
    Code.CHANNEL_OPENED: "{incident} has a channel of its own: {channel:channel}. What is said there goes on the "
    "timeline by a 📌 or by “Add to incident timeline” in the message's menu.",
    Code.CHANNEL_REFUSED: "⚠️ The channel of {incident} could not be opened: Slack says {error:code}. Let the app make "
    "channels (`slipway doctor` says which scope is missing), then press {_:button Open a channel} on the card.",
    Code.ISSUE_MISSING: "⚠️ GitHub has no issue #{issue} in {repository:code}. {incident} stands without it.",
    Code.MESSAGE_KEPT: "{by:who} took the 📌 off {url:link a message}. The timeline of {incident} keeps it.",
    Code.MESSAGE_TAKEN: "It goes on the timeline of {incident}.",
    Code.INCIDENT_LOGGED: "📓 The note of {incident} stands in the {url:link decision log}.",
    Code.LOG_REFUSED: "⚠️ The note of {incident} could not be put into the decision log{error:because}. Mend what "
    "stands in its way at GitHub, then press {_:button Try again} on the card.",
    Code.INCIDENT_HOTFIX: "{by:who} started {release}, a hotfix for {incident}, with {change}.",
    Code.RESOLVED_BY_HOTFIX: "✅ {incident} is resolved by {release}, as {by:who} confirmed.{url:linked Its note}",
    Code.EMERGENCY_WANTED: "🚨 {requester:who} asks for approval of {change}, a hotfix for {incident} of "
    "{service:code}: {title}. One click is enough; {release} waits for it.",
    Code.HOTFIX_STARTED: "🚨 {release}, a hotfix of {service:code} for {incident}, has started with {change}; "
    "{owner:who} answers for it.",
    Code.HOTFIX_LOCKED: "{release} has the lock of {lock:code} now, on top of {base:commit}.",
    Code.PREEMPTED: "⛔ {release} is STOPPED before its push: {by:who} started {hotfix}, a hotfix for {incident}, "
    "which goes first.",
    Code.SIZE_TAKEN: "{by:who} accepted {files:n file} and {lines:n line} as a hotfix{reason:because}.",
    Code.IRREVERSIBLE_TAKEN: "⚠️ {by:who} accepted for {release} what a revert does not undo{reason:because}."
    "{paths:paths}",
    Code.CRITICALS_TAKEN: "{by:who} lets {release} go on beside {criticals:words}{reason:because}.",
    Code.RESOLUTION_TAKEN: "✅ {by:who} confirms that {incident} is resolved.",
}
