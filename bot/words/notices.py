"""Notices: threads, channels, direct messages and answers to what a person did."""

from bot.sop.codes import Code

NOTICES: dict[str, str] = {
    Code.STAGE_PASSED: "✅ {stage:stage} passed. Next: {next:stage}.",
    Code.RELEASE_STARTED: "{release} of {service:code} has started with {change}; {owner:who} answers for it.",
    Code.RELEASE_HELD: "⏸️ {release} is HELD in {stage:stage}. {finding:said}",
    Code.RELEASE_STOPPED: "⛔ {release} is STOPPED by rule {rule}. {finding:said}",
    Code.RELEASE_HEALED: "▶️ {release} goes on in {stage:stage}: what held it is gone.",
    Code.RELEASE_PUSHED: "{sha:commit} is on {branch:code}{by:by}.",
    Code.RELEASE_COMPLETE: "🎉 {release} is COMPLETE: {sha:commit} verified in production after {seconds:for}. "
    "{change} is released.",
    Code.RELEASE_ABORTED: "{release} was aborted by {by:who}{reason:because}.{left:left_behind}",
    Code.RELEASE_TAKEN_OVER: "{by:who} took {release} over from {owner:who} and answers for it now: "
    "“Pre-Action Governance Check: OK”.",
    Code.STRAYS_TAKEN: "{by:who} answers by name for {commits:len commit} that came to {branch:code} around every "
    "release.{commits:commits}",
    Code.CANDIDATE_REPLACED: "🔀 The candidate is {candidate:code} now, by a preflight of {by:who}; it was {was:code}.",
    Code.PATHS_TAKEN: "{by:who} accepted {paths:len path} outside the declared areas{reason:because}.{paths:paths}",
    Code.ACKNOWLEDGED: "{by:who}: “Pre-Action Governance Check: OK”.",
    Code.PUSH_PRESSED: "{by:who} pressed Push: {sha:commit} goes to {branch:code}.",
    Code.EXPIRY_NEAR: "The preflight of {release} expires {at:time}. Push before, or run `slipway preflight` again.",
    Code.APPROVALS_END: "The approvals of {change} expire {at:time}, and {release} would be stopped. Push before, or "
    "have it approved anew on its card.",
    Code.APPROVAL_WANTED: "{requester:who} asks for approval of {change} for {service:code}: {title}",
    Code.CHANGE_FILED: "{change} is filed: {title}. Its card is in {channel:channel}.",
    Code.CHANGE_LAPSED: "{change} ({title}) is OPEN again: somebody who approved it has left Slack, and that approval "
    "no longer counts. Another approver can approve it on its card.",
    Code.CHANGE_DECIDED: "{change} ({title}) is {status:status}{by:by}{reason:because}.",
    Code.CHANGE_REJECTED: "⛔ {by:who} rejected {change}{reason:because}.",
    Code.CHANGE_VOIDED: "{by:who} edited {change}.{count:voided}"
    "{was:pick  It is OPEN again, and approval is asked for anew.|}",
    Code.CHANGE_APPROVAL_GIVEN: "{by:who} approved {change}: {have:n} of {need:n} approvals.",
    Code.CHANGE_APPROVAL_MORE: "{by:who} approved {change} too: {have:n approval}, {need:n} wanted.",
    Code.CHANGE_APPROVAL_TAKEN: "{by:who} withdrew an approval of {change}: {have:n} of {need:n} approvals.",
    Code.CHANGE_RELEASED: "{change} is in production, brought by {release}.",
    Code.FREEZE_SCHEDULED: "🧊 {freeze} is scheduled by {owner:who} for {services:services}: from {starts_at:time} "
    "{until:until}{reason:because}.",
    Code.FREEZE_BEGAN: "🧊 {freeze} is in force for {services:services} {until:until}, declared by {owner:who}"
    "{reason:because}.",
    Code.FREEZE_CHANGED: "🧊 {by:who} changed {freeze}: {services:services}, from {starts_at:time} {until:until}"
    "{reason:because}.",
    Code.FREEZE_ENDED: "{freeze} has ended for {services:services}{by:ended_by}.{still:still}",
    Code.FREEZE_CANCELLED: "{by:who} cancelled {freeze} for {services:services}.",
    Code.FREEZE_OVER: "{freeze} is over: {services:services} {services:verb was|were} frozen from {starts_at:time} "
    "until {ended_at:time}, by {owner:who}{reason:because}.",
    Code.FREEZE_CALLED_OFF: "{freeze} is cancelled: {owner:who} had scheduled it for {services:services} from "
    "{starts_at:time} {until:until}{reason:because}.",
    Code.BASELINE_WANTED: "Production of {service:code} serves {sha:commit} ({url:link production}), and nobody has "
    "adopted it. Until {whom:or} does, no release can start.",
    Code.BASELINE_ADOPTED: "{by:who} adopted {sha:commit} as what production of {service:code} serves. "
    "Releases can start.",
    Code.BASELINE_UNKNOWN: "Production of {service:code} cannot be adopted: it serves {sha:version}{error:because}. "
    "Make its version address answer with a commit of the repository, or set `baseline` in `sop.yaml`.",
    Code.PREFLIGHT_RECEIVED: "Preflight of {service:code} for {change} by {by:who}: {commit:commit}, "
    "{ok:pick every check passed|a check failed}.",
}
