"""Every reason that a gate, a refusal or a notice can give, with its values; `words` has a sentence for each.

Times are ISO 8601 texts in UTC, people are Slack ids, commits are whole SHAs, lists are lists.
"""

from enum import StrEnum


class Code(StrEnum):
    # --- gates. Preconditions
    SOP_ACTIVE = "sop_active"  # stage, status
    SOP_NOT_ACTIVE = "sop_not_active"  # stage, status
    CHANGE_APPROVED = "change_approved"  # change, by (people)
    CHANGE_WAITS = "change_waits"  # change, have, need, whom (people or groups who may approve)
    CHANGE_EDITED = "change_edited"  # change, revision
    CHANGE_CLOSED = "change_closed"  # change, status, by, reason
    APPROVAL_LOST = "approval_lost"  # change, have, need
    GOVERNANCE_OK = "governance_ok"  # by, at
    GOVERNANCE_WAITS = "governance_waits"  # owner
    PREFLIGHT_WAITS = "preflight_waits"  # service, change, owner
    PREFLIGHT_EXPIRED = "preflight_expired"  # made_at, max_age (seconds), by
    BUILD_OK = "build_ok"  # seen, by
    BUILD_FAILED = "build_failed"  # seen, detail (lines), by
    PREFLIGHT_STOPPED = "preflight_stopped"  # seen (what it stopped at, before it came to this), detail (lines), by
    NO_CRITICAL = "no_critical"  # label
    CRITICAL_OPEN = "critical_open"  # issues ({number, title, url}), label
    COMMITTED = "committed"  # sha, tree
    UNCOMMITTED = "uncommitted"  # seen, detail (paths), by
    CANDIDATE_ELSEWHERE = (
        "candidate_elsewhere"  # attested, candidate, ref: the branch at GitHub is not the attested commit
    )
    NOT_FROZEN = "not_frozen"
    FROZEN = "frozen"  # freeze, reason, until (or null), owner
    LOCK_OURS = "lock_ours"  # lock
    LOCK_LOST = "lock_lost"  # lock
    LOCK_BUSY = "lock_busy"  # lock, release, owner, since
    # --- any gate that could not look
    NOT_LOOKED = "not_looked"  # what: the first look is still to come
    LOOK_FAILED = "look_failed"  # what, error
    # --- Local state
    CLEAN = "clean"  # seen, by
    NOT_CLEAN = "not_clean"  # seen, detail, by
    BRANCH_OK = "branch_ok"  # branch, sha
    BRANCH_BEHIND = "branch_behind"  # branch, designated, tip
    NOT_A_BRANCH = "not_a_branch"  # ref, sha: the candidate is the head of no branch of this repository
    BRANCH_CHECK_FAILED = "branch_check_failed"  # seen, by
    TREE_ATTESTED = "tree_attested"  # tree, by
    TREE_DIFFERS = "tree_differs"  # attested, candidate, ref (trees, whole)
    APP_OK = "app_ok"  # answered, of, by
    APP_FAILED = "app_failed"  # seen, detail, by
    FIX_NEW = "fix_new"  # rejected: commits that CI rejected before; none where there was no such push
    FIX_WAITS = "fix_waits"  # rejected, sha, ref, owner, change: what CI rejected is still the candidate
    # --- Commits
    REFERENCED = "referenced"  # count, change, taken_over
    UNREFERENCED = "unreferenced"  # commits ({sha, title, author, url}), count, change
    REFERENCES_OTHER = "references_other"  # commits ({sha, title, author, url, names}), change
    STRAY_COMMITS = "stray_commits"  # commits ({sha, title, author, url}), branch, owner
    NO_COMMITS = "no_commits"  # base, ref
    TOO_MANY_COMMITS = "too_many_commits"  # count
    PATHS_OK = "paths_ok"  # count
    PATHS_ACCEPTED = "paths_accepted"  # paths, by, reason
    PATHS_OUTSIDE = "paths_outside"  # paths, areas
    INDEPENDENT = "independent"  # by (approvers who count)
    NOT_INDEPENDENT = "not_independent"  # authors (approvers who wrote it), have, need
    AUTHOR_UNKNOWN = "author_unknown"  # commits ({sha, title, author, url}): nobody in sop.yaml's people
    NO_SKIP_CI = "no_skip_ci"
    SKIP_CI = "skip_ci"  # commits ({sha, title, author, url, marker})
    # --- Push
    PUSH_WAITS = "push_waits"  # owner, branch, sha
    PUSH_WATCHED = "push_watched"  # owner, branch, sha: people push, the bot watches
    PUSHING = "pushing"  # by, branch, sha
    PUSHED = "pushed"  # branch, sha, by, login
    PUSH_REFUSED = "push_refused"  # branch, sha, error (GitHub's words)
    PUSHED_EARLY = "pushed_early"  # branch, sha, login, stage: pushed before the gates were green
    PUSHED_OTHER = "pushed_other"  # branch, sha, login, tree, attested
    # --- CI and production
    BRANCH_STILL = "branch_still"  # branch, sha
    BRANCH_MOVED = "branch_moved"  # branch, sha, expected, login
    CI_NOT_YET = "ci_not_yet"  # seconds (waited), within (seconds), missing (workflow files)
    CI_DID_NOT_START = "ci_did_not_start"  # within (seconds), missing, branch, sha, others ({event, url, branch})
    CI_STARTED = "ci_started"  # runs ({workflow, url})
    CI_RUNNING = "ci_running"  # done, of, seconds, usual (seconds or null), jobs (names running), url
    CI_LATE = "ci_late"  # seconds, within, url
    CI_WAITING = "ci_waiting"  # url, jobs: waits for an approval of a GitHub environment
    CI_RERUN = "ci_rerun"  # workflow, attempt, url: re-run with no recorded root cause
    CI_FAILED = "ci_failed"  # workflow, conclusion, job, step, url, log (lines)
    CI_OK = "ci_ok"  # runs ({workflow, url}), seconds
    NO_OLDER_RUN = "no_older_run"
    OLDER_RUN = "older_run"  # runs ({workflow, url, sha})
    VERSION_OK = "version_ok"  # sha, samples
    VERSION_ONCE = "version_once"  # of: every read is new, once; wanted twice in a row
    VERSION_SOON = "version_soon"  # new, of, seconds, within: not yet all new, twice in a row
    VERSION_MIXED = "version_mixed"  # new, of, within, others (versions)
    VERSION_OLD = "version_old"  # of, within, others (versions), sha
    VERSION_UNKNOWN = "version_unknown"  # error, of
    PROBES_WAIT = "probes_wait"
    PROBES_UNREACHED = "probes_unreached"  # probes ({name, error})
    IDENTICAL = "identical"  # probes (count), by (who attested the local answers)
    DIFFERENT = "different"  # differences ({probe, field, local, production}), count
    # --- refusals: what a person asked for and could not have
    NO_ROLE = "no_role"  # role(s), holders (people and groups), what
    NOT_THE_OWNER = "not_the_owner"  # owner, what
    UNKNOWN_THING = "unknown_thing"  # what
    STALE = "stale"  # subject, status, stage: what was clicked is of an older state
    NOT_NOW = "not_now"  # subject, status, stage, intent, possible (intents)
    ALREADY = "already"  # subject, what: it is so already
    SELF_APPROVAL = "self_approval"  # change
    APPROVED_TWICE = "approved_twice"  # change, at
    NO_APPROVAL = "no_approval"  # change: nothing of yours to withdraw
    BREAKING = "breaking"  # a breaking change is no standard release
    EMPTY = "empty"  # field
    UNKNOWN_SERVICE = "unknown_service"  # service, services
    UNKNOWN_AREA = "unknown_area"  # areas, features
    CHANGE_NOT_USABLE = "change_not_usable"  # change, status, release
    EMERGENCY_CHANGE = "emergency_change"  # change, incident: only a hotfix carries it
    CHANGE_OF_OTHER = "change_of_other"  # change, service, wanted
    STRAYS_UNSEEN = "strays_unseen"  # branch: the patrol has not looked at its head yet
    CHANGE_ON_BRANCH = "change_on_branch"  # change, release: its commits stand on the branch, this release answers
    CHANGE_IN_USE = "change_in_use"  # change, release
    NO_BASELINE = "no_baseline"  # service
    SAME_BASELINE = "same_baseline"  # service, sha
    SERVED_OTHER = "served_other"  # service, sha (asked to adopt), served: production serves another commit now
    LOCK_LEFT = "lock_left"  # lock, release, count, owner: its commits are on the branch; take them over by name
    SENTENCE_WRONG = "sentence_wrong"  # wanted, got
    PATHS_CHANGED = "paths_changed"  # tree: the candidate is another one now
    LEAVE_UNSAID = "leave_unsaid"  # release, branch: say that the commits stay on the branch
    FREEZE_TIMES = "freeze_times"  # starts_at, until
    CHANGED_MEANWHILE = "changed_meanwhile"  # subject: edited by someone else since the modal was opened
    # --- notices: threads, channels, direct messages, answers
    STAGE_PASSED = "stage_passed"  # release, stage, next, owner
    RELEASE_STARTED = "release_started"  # release, service, change, owner
    RELEASE_HELD = "release_held"  # release, stage, finding ({gate, code, values}), owner
    RELEASE_STOPPED = "release_stopped"  # release, stage, finding, owner
    RELEASE_HEALED = "release_healed"  # release, stage
    RELEASE_PUSHED = "release_pushed"  # release, branch, sha, by
    RELEASE_COMPLETE = "release_complete"  # release, change, sha, owner, seconds
    RELEASE_ABORTED = "release_aborted"  # release, by, reason, left (commit or null), branch
    RELEASE_TAKEN_OVER = "release_taken_over"  # release, by, owner (before)
    STRAYS_TAKEN = "strays_taken"  # release, by, commits ({sha, title, author, url}), branch
    PATHS_TAKEN = "paths_taken"  # release, by, paths, reason
    ACKNOWLEDGED = "acknowledged"  # release, by
    PUSH_PRESSED = "push_pressed"  # release, by, branch, sha
    EXPIRY_NEAR = "expiry_near"  # release, at: the preflight expires
    APPROVAL_WANTED = "approval_wanted"  # change, title, requester, service
    CHANGE_FILED = "change_filed"  # change, title
    CHANGE_DECIDED = "change_decided"  # change, title, status, by, reason
    CHANGE_VOIDED = "change_voided"  # change, by, count (approvals voided)
    CHANGE_APPROVAL_GIVEN = "change_approval_given"  # change, by, have, need
    CHANGE_APPROVAL_TAKEN = "change_approval_taken"  # change, by, have, need
    CHANGE_RELEASED = "change_released"  # change, release
    FREEZE_SCHEDULED = "freeze_scheduled"  # freeze, services, reason, owner, starts_at, until
    FREEZE_BEGAN = "freeze_began"  # freeze, services, reason, owner, until
    FREEZE_CHANGED = "freeze_changed"  # freeze, services, reason, by, starts_at, until
    FREEZE_ENDED = "freeze_ended"  # freeze, services, by (or null: its time was up)
    FREEZE_CANCELLED = "freeze_cancelled"  # freeze, services, by
    BASELINE_WANTED = "baseline_wanted"  # service, sha, url, whom
    BASELINE_ADOPTED = "baseline_adopted"  # service, sha, by
    BASELINE_UNKNOWN = "baseline_unknown"  # service, sha (served), error
    PREFLIGHT_RECEIVED = "preflight_received"  # service, change, commit, by, ok
    # --- failures and rollbacks. Gates
    CI_RERUN_ASKED = "ci_rerun_asked"  # workflow, attempt, url
    DIFFERENCE_ACCEPTED = "difference_accepted"  # differences ({probe, field, by, reason}), probes (count)
    RUNS_STOPPING = "runs_stopping"  # runs ({workflow, url}): cancelled before they deploy
    RUNS_STOPPED = "runs_stopped"
    REVERT_WAITS = "revert_waits"  # target, parent, error (or null)
    REVERT_WRONG = "revert_wrong"  # tree, wanted
    REVERT_BUILT = "revert_built"  # sha, target, count (commits), pull (url or null)
    PULL_WAITS = "pull_waits"  # url: people merge the revert
    STILL_BROKEN = "still_broken"  # probes ({name, status})
    STATUS_AS_BEFORE = "status_as_before"  # probes (count): only the status was known of an adopted baseline
    AS_BEFORE = "as_before"  # probes (count), target
    ACT_STUCK = "act_stuck"  # act (make_revert, write_log, rerun_run, cancel_run), error
    LOG_WAITS = "log_waits"  # error (or null)
    LOGGED = "logged"  # url
    # refusals
    ONLY_HELD = "only_held"  # subject, intent, status: there is no such failure now
    LOG_UNREAD = "log_unread"  # error (or null): the failed job's log has not been read yet
    QUOTE_UNKNOWN = "quote_unknown"  # job, shortest: no such line in its log
    NO_COMMIT_HERE = "no_commit_here"  # release: a rollback is not mended by a commit
    NO_CAUSE = "no_cause"  # release: record the root cause first
    NO_RUN = "no_run"  # release: no successful run to run again
    NO_TARGET = "no_target"  # service
    BAD_TARGET = "bad_target"  # sha
    NOTHING_TO_ROLL_BACK = "nothing_to_roll_back"  # release
    ROLLBACK_RUNS = "rollback_runs"  # release (the rollback), owner
    OLDER_TARGET_ONLY = "older_target_only"  # release, target
    # notices
    CAUSE_RECORDED = "cause_recorded"  # release, by, job, quote, cause, mend, evidence
    CAUSE_AGAIN = "cause_again"  # release, job, earlier (release), cause, at
    RUN_AGAIN = "run_again"  # release, by, reason, url, attempt, redeploy
    TRIED_AGAIN = "tried_again"  # release, by, acts
    LOOKED_AGAIN = "looked_again"  # release, by
    DIFFERENCE_TAKEN = "difference_taken"  # release, by, differences ({probe, field, local, production}), reason
    DIAGNOSIS = "diagnosis"  # release, deployed (or null), branch, sha, ci (url), environment (or null), missing
    ROLLBACK_STARTED = "rollback_started"  # release, by, reason, target, reverts (releases), was_live
    SUPERSEDED = "superseded"  # release, rollback, by: aborted, a rollback took over
    ROLLED_BACK = "rolled_back"  # release, rollback, sha
    ROLLBACK_COMPLETE = "rollback_complete"  # release, target, sha, reverts (releases), url (decision log), was_live
    CHANGE_ROLLED_BACK = "change_rolled_back"  # change, title, release, rollback, reason
    ROLLBACK_KNOWN = "rollback_known"  # change, by
    # --- incidents and hotfixes. Gates
    INCIDENT_CONFIRMED = "incident_confirmed"  # incident, by, at
    INCIDENT_NOT_OPEN = "incident_not_open"  # incident, status
    SEVERITY_LOWERED = "severity_lowered"  # incident, severity
    SEVERITY_UNCONFIRMED = "severity_unconfirmed"  # incident, lead (or null)
    LOCK_SOON = "lock_soon"  # lock: free, or held by a standard release before its push; taken at the next look
    LOCK_WAITS = "lock_waits"  # lock, release, owner, stage, procedure: finish it first, or roll it back first
    LOCK_WAITS_LEFT = "lock_waits_left"  # lock, release, owner, count: roll back, or start again taking them over
    FREEZE_PASSED = "freeze_passed"  # freezes ({freeze, reason, until, owner}), incident
    CRITICAL_INCIDENTS = "critical_incidents"  # incidents ({incident, title}), issues ({number, title, url}), label
    CRITICALS_WAIT = "criticals_wait"  # incidents ({incident, title}), issues ({number, title, url}), label
    CRITICALS_ACCEPTED = "criticals_accepted"  # criticals (INC-4, #12), by, reason
    SIZE_OK = "size_ok"  # files, lines, max_files, max_lines
    SIZE_LARGE = "size_large"  # files, lines, max_files, max_lines
    SIZE_ACCEPTED = "size_accepted"  # files, lines, max_files, max_lines, by, reason
    PATHS_REVERSIBLE = "paths_reversible"  # count
    PATHS_IRREVERSIBLE = "paths_irreversible"  # paths
    IRREVERSIBLE_ACCEPTED = "irreversible_accepted"  # paths, by, reason
    REVERSIBLE = "reversible"  # base, revert (commits)
    REVERSIBLE_WAITS = "reversible_waits"  # base, parent, error (or null): the revert is being built beforehand
    NOT_REVERSIBLE = "not_reversible"  # base, production (commits)
    AFFECTED_OK = "affected_ok"  # probes (names)
    AFFECTED_UNPROBED = "affected_unprobed"  # affected: no probe shows it, the lead's word does
    AFFECTED_UNREACHED = "affected_unreached"  # probes ({name, error})
    AFFECTED_FAILING = "affected_failing"  # probes ({name, status})
    RESOLUTION_CONFIRMED = "resolution_confirmed"  # incident, by, at
    RESOLUTION_WAITS = "resolution_waits"  # incident, lead (or null)
    NOTE_WRITTEN = "note_written"  # incident, by, at
    NOTE_WAITS = "note_waits"  # incident, lead (or null)
    # refusals
    NOT_CRITICAL = "not_critical"  # incident, severity
    NOT_CONFIRMED = "not_confirmed"  # incident
    CONFIRM_ANOTHER = "confirm_another"  # incident: not who declared it or raised it
    UNKNOWN_AFFECTED = "unknown_affected"  # affected, known (features and probes)
    ISSUE_TAKEN = "issue_taken"  # incident, issue, title
    NO_OWN_CHANNEL = "no_own_channel"  # incident
    NO_INCIDENT = "no_incident"  # none is open
    RESOLVES_BY_HOTFIX = "resolves_by_hotfix"  # incident, release, stage
    NOTE_TOO_EARLY = "note_too_early"  # incident, release (or null)
    EMERGENCY_RUNS = "emergency_runs"  # release, procedure, owner, incident (or null): on the same lock
    SECOND_PERSON = "second_person"  # release, what
    NOT_THE_LEAD = "not_the_lead"  # incident, lead (or null)
    # notices
    INCIDENT_WAKES = "incident_wakes"  # incident, title, service, by
    INCIDENT_QUIET = "incident_quiet"  # incident, title, seconds, lead (or null)
    LEAD_TAKEN = "lead_taken"  # incident, by, before (or null)
    SEVERITY_CHANGED = "severity_changed"  # incident, by, was, severity, reason
    CRITICAL_CONFIRMED = "critical_confirmed"  # incident, by
    INCIDENT_RESOLVED = "incident_resolved"  # incident, by, note_wanted
    INCIDENT_REOPENED = "incident_reopened"  # incident, by, reason
    INCIDENT_LOGGED = "incident_logged"  # incident, url
    CHANNEL_OPENED = "channel_opened"  # incident, channel
    CHANNEL_REFUSED = "channel_refused"  # incident, error (Slack's word)
    ISSUE_MISSING = "issue_missing"  # incident, issue, repository
    MESSAGE_KEPT = "message_kept"  # incident, by (took the pin off), url (or null)
    MESSAGE_TAKEN = "message_taken"  # incident
    INCIDENT_HOTFIX = "incident_hotfix"  # incident, release, change, by
    RESOLVED_BY_HOTFIX = "resolved_by_hotfix"  # incident, release, by, url
    EMERGENCY_WANTED = "emergency_wanted"  # change, title, requester, service, incident, release
    HOTFIX_STARTED = "hotfix_started"  # release, service, change, incident, owner
    HOTFIX_LOCKED = "hotfix_locked"  # release, lock, base: it waited for the lock and has it now
    PREEMPTED = "preempted"  # release, hotfix, incident, by: stopped before its push
    SIZE_TAKEN = "size_taken"  # release, by, files, lines, paths (irreversible), reason
    CRITICALS_TAKEN = "criticals_taken"  # release, by, criticals (INC-4, #12), reason
    RESOLUTION_TAKEN = "resolution_taken"  # release, incident, by
    # --- the patrol. What was seen; the first five have: service, version, sha, seen, of, verified, release, workflows
    VERSION_STRANGE = "version_strange"  # (sha is null): no commit of the repository is served
    VERSION_RETURNED = "version_returned"  # older than what was last verified is served, and nobody rolled back
    DEPLOYED_WITHOUT_CI = "deployed_without_ci"  # no successful run of `workflows` that a push started
    DEPLOYED_WITHOUT_RELEASE = "deployed_without_release"
    DEPLOYED_IN_FREEZE = "deployed_in_freeze"  # and: freeze, reason, owner
    BEHAVIOUR_CHANGED = "behaviour_changed"  # service, sha, release, count, differences ({probe, field, …})
    PUSH_WITHOUT_RELEASE = "push_without_release"  # branch, before, sha, at, release (or null), bypass: as the next 4
    PUSH_WITH_OPEN_GATES = "push_with_open_gates"
    PROTECTION_BYPASSED = "protection_bypassed"
    BRANCH_FORCED = "branch_forced"
    BRANCH_DELETED = "branch_deleted"
    RUN_BY_HAND = "run_by_hand"  # workflow, run, attempt, branch, sha, url, event: it deployed, no push started it
    RERUN_BLINDLY = "rerun_blindly"  # workflow, run, attempt, branch, sha, url, said (or null), act (cancel, over, …)
    # gate
    NO_VIOLATION = "no_violation"
    VIOLATION_OPEN = "violation_open"  # violations ({violation, rule, code})
    # notices
    VIOLATION_EXPLAINED = "violation_explained"  # violation, by, reason
    VIOLATION_RECURRED = "violation_recurred"  # violation, count, by, reason (of the earlier explanation, or null)
    PATROL_UNKNOWN = "patrol_unknown"  # service, what (production, probes, GitHub), since, error (or null)
    PATROL_KNOWN = "patrol_known"  # service, what, since (unknown since then), error (null)
