"""Markdown of an entry in the decision log (H5, R4): valid and well-behaved, whatever people typed."""

import re
import unicodedata
from datetime import UTC, datetime

from bot.sop.facts import Directory, Facts
from bot.sop.model import Frozen
from bot.sop.policy import Policy
from bot.sop.records import Incident, Note, Release

EMPTY_LOG = "# Decision log\n"
NOTHING = "—"

_ANYWHERE = re.compile(r"([\\`*_\[\]<>|~&$])")
_LINE_START = re.compile(r"^([#+=:-])")
_WWW = re.compile(r"(?i)(www)\.")
_NUMBERED = re.compile(r"^(\d+)([.)])")
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # change reading order


class LogEntry(Frozen):
    """One entry. `key` (INC-3, R-9) finds it again; everything else is plain text, escaped here."""

    key: str
    title: str
    facts: tuple[tuple[str, str], ...]  # label and value, one line each
    sections: tuple[tuple[str, str], ...]  # heading and text; the lines and paragraphs of the text are kept


def markdown(entry: LogEntry) -> str:
    """The entry between its two marker comments, ending with a line break."""
    begin, end = _markers(entry.key)
    facts = "\n".join(f"- **{in_line(label)}:** {in_line(value)}" for label, value in entry.facts)
    told = [f"### {in_line(heading)}\n\n{paragraphs(text)}" for heading, text in entry.sections]
    head = f"## {in_line(entry.key)} · {in_line(entry.title)}"
    return "\n\n".join([begin, head, *([facts] if facts else []), *told, end]) + "\n"


def placed(log: str, key: str, entry: str) -> str:
    """The log with this entry in it: where it stood, or at the end. Everything else stays as it is.

    A beginning without its end, left by an edit by hand, is no longer an entry: its text stays, its marker goes.
    """
    begin, end = _markers(key)
    lines = (log or EMPTY_LOG).rstrip("\n").split("\n")
    starts = [i for i, line in enumerate(lines) if line.strip() == begin]
    ends = [i for i, line in enumerate(lines) if line.strip() == end and starts and i > starts[-1]]
    if starts and ends:
        kept = [*lines[: starts[-1]], *entry.splitlines(), *lines[ends[0] + 1 :]]
    else:
        kept = [*(line for line in lines if line.strip() not in (begin, end)), "", *entry.splitlines()]
    return "\n".join(kept) + "\n"


def _markers(key: str) -> tuple[str, str]:
    name = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")
    return f"<!-- entry {name} -->", f"<!-- end of {name} -->"


def in_line(text: str) -> str:
    """Text on one line, with nothing in it that Markdown would read as more than text."""
    return _escaped(" ".join(line for line in _lines(text) if line)) or NOTHING


def paragraphs(text: str) -> str:
    """Text over several lines: an empty line parts paragraphs, every other line break is kept."""
    blocks: list[list[str]] = [[]]
    for line in _lines(text):
        if line:
            blocks[-1].append(_escaped(line))
        else:
            blocks.append([])
    return "\n\n".join("\\\n".join(lines) for lines in blocks if lines) or NOTHING


def _lines(text: str) -> list[str]:
    return [" ".join(_printable(line).split()) for line in text.splitlines()]


def _printable(line: str) -> str:
    """Without control characters, halves of characters, and what turns the reading order."""
    plain = line.replace("\t", " ")
    return "".join(c for c in plain if c not in _TURNING and unicodedata.category(c) not in ("Cc", "Cs"))


def _escaped(line: str) -> str:
    """What has a meaning anywhere is escaped anywhere; what has one only where a line begins, there."""
    safe = _ANYWHERE.sub(r"\\\1", line.strip())
    safe = _NUMBERED.sub(r"\1\\\2", _LINE_START.sub(r"\\\1", safe))
    return _WWW.sub(r"\1\\.", safe.replace("://", ":\\//"))  # an address is shown as typed and never becomes a link


def incident_entry(incident: Incident, note: Note, hotfix: Release | None, directory: Directory, policy: Policy) -> str:
    """H5: what is written of an incident. `hotfix`: the one that resolves it, if any."""

    def who(person: str | None) -> str:
        return name_of(person, directory, policy) if person else NOTHING

    confirmed = f", confirmed by {who(incident.confirmed.by)}" if incident.confirmed else ""
    facts = [
        ("Service", incident.service),
        ("Kind", incident.kind.value),
        ("Severity", incident.severity.value + confirmed),
        ("Affected functionality", ", ".join(a for a in (*incident.affected, incident.affected_text) if a)),
        ("Declared", f"{moment(incident.created_at)} by {who(incident.declared_by)}"),
        ("Lead", who(incident.lead)),
    ]
    if incident.issue is not None:
        facts.append(("Taken over from issue", f"#{incident.issue}"))
    if hotfix is not None and hotfix.pushed is not None:
        facts.append(("Hotfix", f"{hotfix.name} for CR-{hotfix.change}, commit {hotfix.pushed.sha}"))
        facts.append(("Pushed", f"{moment(hotfix.pushed.at)} by {who(hotfix.pushed.by)}"))
    if incident.resolved_at is not None:
        facts.append(("Resolved", f"{moment(incident.resolved_at)} by {who(incident.resolved_by)}"))
    elif hotfix is not None and hotfix.resolved is not None:
        facts.append(("Resolved", f"{moment(hotfix.resolved.at)} by {who(hotfix.resolved.by)}"))
    facts.append(("Note", f"{moment(note.at)} by {who(note.by)}"))
    sections = (
        ("What happened", note.happened),
        ("What was affected", note.affected),
        ("Cause", note.cause),
        ("Fix", note.fix),
        ("Follow-ups", note.follow_ups),
    )
    return markdown(LogEntry(key=incident.name, title=incident.title, facts=tuple(facts), sections=sections))


def rollback_entry(release: Release, facts: Facts, policy: Policy) -> str:
    """R4: what is written of a rollback that is verified in production. Raises ValueError for any other release."""
    back, pushed = release.rollback, release.pushed
    if back is None or pushed is None:
        raise ValueError(f"{release.name} is no rollback that was pushed")
    who = name_of(release.started_by, facts.directory, policy)
    reverts = ", ".join(f"R-{r}" for r in back.reverts)
    of_changes = ", ".join(c.name for c in facts.reverted_changes)
    target = f"R-{back.target_release}, commit {back.target}" if back.target_release else f"commit {back.target}"
    told = [
        ("Service", release.service),
        ("Rolled back", reverts or NOTHING),
        ("Change requests", of_changes or NOTHING),
        ("Returned to", target),
        ("Started", f"{moment(release.created_at)} by {who}"),
        ("Pushed", f"{moment(pushed.at)}, commit {pushed.sha}"),
        ("Written", moment(facts.now)),
    ]
    if release.incident is not None:
        told.append(("Incident", f"INC-{release.incident}"))
    outcome = "Production serves the revert commit and answers as it did at the commit returned to."
    if back.target_attestation is None:
        outcome = (
            "Production serves the revert commit, and no probe answers with an error. How the commit returned to "
            "answered was never recorded."
        )
    if not back.was_live:
        outcome += "\nNothing of what was rolled back had come up in production."
    commits = "\n".join(back.commits) or NOTHING
    sections = (("Reason", back.reason), ("Outcome", outcome), ("Reverted commits", commits))
    title = f"{reverts or 'What was pushed'} rolled back"
    return markdown(LogEntry(key=release.name, title=title, facts=tuple(told), sections=sections))


def name_of(who: str, directory: Directory, policy: Policy) -> str:
    """How a person is called outside Slack."""
    person = policy.person(who)
    return directory.names.get(who) or (person and (person.name or person.github)) or who


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
