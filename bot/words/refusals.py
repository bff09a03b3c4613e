"""Refusals: what a person asked for and could not have, and what is possible instead."""

from bot.sop.codes import Code

REFUSALS: dict[str, str] = {
    Code.NO_ROLE: "To {what:act} you need to be {roles:or}. That is: {holders:or}.",
    Code.NOT_THE_OWNER: "{owner:who} answers for this. Only they can {what:act}.",
    Code.UNKNOWN_THING: "There is no {what}.",
    Code.STALE: "That button is of an older state. {subject} is {status:status} now{stage:stage_too}. "
    "Nothing was changed.",
    Code.NOT_NOW: "{subject} is {status:status}{stage:stage_too}, so this is not possible: {intent:intents}."
    "{possible:possible}",
    Code.ALREADY: "{subject} is {what} already. Nothing was changed.",
    Code.NOTHING_NEW: "{subject} says exactly that already. Change something, or close this.",
    Code.SELF_APPROVAL: "{change} is yours: who asked for it, releases it or wrote it never counts. Another approver "
    "has to decide.",
    Code.APPROVED_TWICE: "You approved {change} already, {at:time}. Nobody counts twice.",
    Code.CHANGE_REVISED: "{change} was edited by {by:who}, {at:time}: look at it anew, then decide. "
    "Nothing was changed.",
    Code.NO_APPROVAL: "You have no approval of {change} to withdraw.",
    Code.BREAKING: "A breaking change is no standard release. Split it into steps that each leave the old way working, "
    "and file a change request for each.",
    Code.EMPTY: "Please fill in: {field:input}.",
    Code.UNKNOWN_SERVICE: "There is no service {service:code}. There is: {services:codes}.",
    Code.UNKNOWN_AREA: "{areas:codes} {areas:verb names|name} no files of the repository. A path begins with a name "
    "and has a slash or a dot, like `docs/*` or `README.md`; what covers everything declares nothing.",
    Code.FOREIGN_AREA: "{service:code} has no feature {areas:codes}. It has {features:codes}; anything else is "
    "written as a path.",
    Code.CHANGE_NOT_USABLE: "{change} is {status:status}{release:after through}, so it cannot carry a release. "
    "Only an approved one can.",
    Code.EMERGENCY_CHANGE: "{change} is the emergency change of {incident}, approved by one click: only a hotfix "
    "carries it. File a change request for a standard release.",
    Code.CHANGE_OF_OTHER: "{change} is about {service:code}, not {wanted:code}.",
    Code.STRAYS_UNSEEN: "The patrol has not looked at {branch:code} since it moved. It looks by itself; try again "
    "in a moment.",
    Code.CHANGE_ON_BRANCH: "Commits of {change} stand on the branch, and {release} answers for them, so it cannot be "
    "withdrawn now. Once they are rolled back it can; if they go out instead, {change} is released with them.",
    Code.CHANGE_IN_USE: "{release} carries {change} right now. Abort it first.",
    Code.NO_BASELINE: "Nobody has said yet what production of {service:code} serves. An approver adopts it, on the "
    "message in the service's channel or on the Home tab; then releases can start.",
    Code.SAME_BASELINE: "{service:code} has {sha:commit} as its baseline already. Nothing was changed.",
    Code.SERVED_OTHER: "Production of {service:code} serves {served:commit} now, not {sha:commit}. Look, then adopt "
    "what it serves.",
    Code.LOCK_LEFT: "{release} of {owner:who} left {count:n commit} on the branch ({lock:code}). They would go out "
    "with this release: take them over by name, or choose another time.",
    Code.SENTENCE_WRONG: "Wanted is exactly: {wanted}",
    Code.PATHS_CHANGED: "The candidate has changed since this was opened. Look at the new paths, then accept those.",
    Code.LEAVE_UNSAID: "{release} is pushed. Say that its commits stay on {branch:code}: the lock is then kept until "
    "someone takes them over by name. Or close this and press {_:button Roll back}.",
    Code.FREEZE_TIMES: "It would end before it begins, or has ended already: from {starts_at:time} {until:until}.",
    Code.FREEZE_PAST: "That lies in the past: {starts_at:time}. Choose a time to come; {_:command freeze start} "
    "freezes at once.",
    Code.FREEZE_MEANWHILE: "{by:who} changed {freeze} meanwhile, {at:time}: {services:services}, from {starts_at:time} "
    "{until:until}: {reason:text 60} Yours is not lost: note what it adds, close this, press {_:button Change} anew.",
    Code.CHANGED_MEANWHILE: "{subject} was changed by someone else since this was opened. Close this and look again.",
}
