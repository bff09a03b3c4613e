"""Local state and commits (rules 1 and 2)."""

from bot.sop.codes import Code
from bot.words.gate import AGAIN, Gate

GATES: dict[str, Gate] = {
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
    Code.OTHER_PROOF: Gate(
        "a preflight by another sop.yaml",
        "The preflight followed another `sop.yaml`: how it built, ran or probed {service:code} is not what this "
        "release is bound to.",
        "build, run and probes of the SOP that was in force when the release began",
        f"Take the bot's `sop.yaml`; {AGAIN}. Where that was changed since, abort and start anew.",
    ),
    Code.FIX_NEW: Gate("", "{rejected:pick It is newer than what CI rejected.|CI has rejected nothing of it.}"),
    Code.FIX_WAITS: Gate(
        "the fix",
        "CI rejected {rejected:commit}; {ref:code} is at {sha:commit}, and no preflight of a newer commit has come.",
        "a new commit that references {change}, and a preflight of its own",
        f"{{owner:who}} commits the fix and pushes {{ref:code}}; {AGAIN}.",
    ),
    Code.APP_OK: Gate("app answered {answered:n} of {of:n probe}", "The app answered {answered:n} of {of:n probe}."),
    Code.APP_FAILED: Gate(
        "the app did not run as expected",
        "The local app did not run as expected: {seen}.{detail:lines}",
        "an app that starts and answers every probe",
        f"Mend it and commit; {AGAIN}.",
    ),
    Code.REFERENCED: Gate(
        "{count:n} of {count:n} reference {change}",
        "{count:n commit} {count:verb references|reference} {change}.",
    ),
    Code.REFERENCED_TAKEN: Gate(
        "{of:n} of {of:n commit}: {count:n} {count:verb references|reference} {change}{taken:takings}",
        "{of:n commit}: {count:n} {count:verb references|reference} {change}{taken:takings}.",
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
    Code.STRAY_COMMITS: Gate(
        "{commits:len commit} around every release",
        "{commits:len commit} came to {branch:code} and no release brought {commits:verb it|them}:{commits:commits}",
        "only commits of a release, or taken over by name",
        "Nobody can amend them there. {explained:pick How they came is explained:|An approver explains the violation "
        "on its card; then} {owner:who} presses {_:button Take over commits} and answers for them by name.",
    ),
    Code.NO_COMMITS: Gate(
        "nothing to release",
        "{ref:code} has no commit after {base:commit}, which is in production.",
        "at least one commit",
        f"Push the commits to {{ref:code}}; {AGAIN}. A preflight of another branch makes that the candidate.",
    ),
    Code.NO_CANDIDATE: Gate(
        "{ref:code} is not at GitHub",
        "{repository:code} has no branch or commit {ref:code}.",
        "a candidate that is at GitHub",
        "{owner:who} pushes {ref:code}, or runs `slipway preflight` on the right branch, which makes that the "
        "candidate.",
        awaited="{ref:code} at GitHub",
    ),
    Code.NO_OWN_COMMITS: Gate(
        "nothing beyond {branch:code}",
        "{ref:code} has no commit of its own beyond {branch:code}, which is at {tip:commit}: what was taken over "
        "stands there already, and a push would start no CI.",
        "at least one commit that is not on {branch:code} yet",
        f"Add a commit that references {{change}} and push {{ref:code}}; {AGAIN}.",
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
}
