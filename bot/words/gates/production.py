"""Production (rules 5 and C)."""

from bot.sop.codes import Code
from bot.words.gate import Gate

GATES: dict[str, Gate] = {
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
    Code.AS_VERIFIED: Gate(
        "{probes:n probe} as verified before",
        "{probes:n probe} {probes:verb answers|answer} as verified before{release:after with}.",
    ),
    Code.DIFFERENT_FROM_VERIFIED: Gate(
        "production behaves differently",
        "{count:n difference} between production and what was verified before:{differences:differences}",
        "the same behaviour as verified before, since no preflight of this service was sent for this tree",
        "Find the cause: configuration, data, or the change itself. {_:button Roll back}, or an approver accepts a "
        "difference by field. No manual fix in production.",
    ),
    Code.DIFFERENT: Gate(
        "production behaves differently",
        "{count:n difference} between local and production:{differences:differences}",
        "the same behaviour as attested",
        "Find the cause: configuration, data, or the change itself. {_:button Roll back}, or an approver accepts a "
        "difference by field. No manual fix in production.",
    ),
}
