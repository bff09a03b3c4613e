"""The decision log on its own branch, against the sandbox's GitHub."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.github.decision_log import TRIES, LogWriter
from bot.outbox import Done, Later, Refused
from bot.sandbox.github.server import Github
from bot.sop.decision_entry import LogEntry, markdown, placed
from bot.sop.effects import WriteLog
from tests.github.acme import ATTEMPT, REPO, bot, clone, head, posts, running
from tests.sandbox.github.town import Clone, call, control

BRANCH, PATH = "decision-log", "decision_log.md"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Github]:
    yield from running(tmp_path)


@pytest.fixture
def alice(github: Github, tmp_path: Path) -> Clone:
    return clone(github, tmp_path)


def writer_of(github: Github, allowed: bool = True, before: bool = False) -> LogWriter:
    return LogWriter(bot(github), lambda _: allowed, lambda _: before)


def entry(key: str, text: str) -> str:
    return markdown(LogEntry(key=key, title="It broke", facts=(), sections=(("What happened", text),)))


def write(key: str = "INC-3", text: str = "Größe 漢字") -> WriteLog:
    return WriteLog(
        subject=key, repository=REPO, branch=BRANCH, path=PATH, entry=key, markdown=entry(key, text), once="note"
    )


def performed(github: Github, effect: WriteLog) -> dict[str, Any]:
    outcome = writer_of(github).perform(effect, ATTEMPT)
    assert isinstance(outcome, Done), outcome
    return dict(outcome.result)


def stands(alice: Clone) -> str:
    alice.run("fetch", "--quiet", "origin")
    return alice.run("show", f"origin/{BRANCH}:{PATH}").stdout


def by_hand(alice: Clone, text: bytes) -> str:
    """What a person commits to the log; the commit."""
    alice.run("fetch", "--quiet", "origin")
    alice.run("switch", "--quiet", "--detach", f"origin/{BRANCH}")
    (alice.folder / PATH).write_bytes(text)
    alice.run("commit", "--quiet", "--all", "-m", "by hand")
    alice.push(f"HEAD:{BRANCH}")
    return alice.run("rev-parse", "HEAD").stdout.strip()


def test_the_first_entry_begins_a_branch_with_that_file_only(github: Github, alice: Clone) -> None:
    assert writer_of(github).look(write(), ATTEMPT) is None
    made = performed(github, write())
    assert made == {
        "url": f"{github.url}/{REPO}/blob/{BRANCH}/{PATH}",
        "sha": head(github, BRANCH),
        "key": "INC-3",
    }
    assert stands(alice) == "# Decision log\n\n" + entry("INC-3", "Größe 漢字")
    assert alice.run("ls-tree", "-r", "--name-only", f"origin/{BRANCH}").stdout.split() == [PATH]
    assert alice.run("rev-list", "--count", f"origin/{BRANCH}").stdout.strip() == "1"
    found = writer_of(github).look(write(), ATTEMPT)
    assert found == Done(made)


def test_an_entry_written_again_replaces_itself_and_the_others_stay(github: Github, alice: Clone) -> None:
    for effect in (write(), write("R-9", "rolled back"), write(text="told better")):
        performed(github, effect)
    assert stands(alice) == "# Decision log\n\n" + entry("INC-3", "told better") + "\n" + entry("R-9", "rolled back")
    assert writer_of(github).look(write(), ATTEMPT) is None
    before = head(github, BRANCH)
    assert performed(github, write(text="told better"))["sha"] == before == head(github, BRANCH)


def test_what_people_wrote_stays_byte_by_byte(github: Github, alice: Clone) -> None:
    performed(github, write())
    by_hand(alice, b"# Our log\r\n\r\nLatin: Gr\xf6\xdfe\r\n")
    performed(github, write("R-9", "rolled back"))
    alice.run("fetch", "--quiet", "origin")
    raw = call(
        github,
        "GET",
        f"/repos/{REPO}/contents/{PATH}?ref={BRANCH}",
        headers={"Accept": "application/vnd.github.raw+json"},
    ).content
    assert raw == b"# Our log\r\n\r\nLatin: Gr\xf6\xdfe\r\n\n" + entry("R-9", "rolled back").encode()


def test_a_log_without_the_file_gets_it(github: Github, alice: Clone) -> None:
    alice.push(f"HEAD:{BRANCH}")
    performed(github, write())
    assert stands(alice) == "# Decision log\n\n" + entry("INC-3", "Größe 漢字")


def test_a_commit_in_between_is_read_and_kept(github: Github, alice: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    performed(github, write())
    late = [b"# Decision log\n\nSomeone was quicker.\n"]
    writer = writer_of(github)

    def slow(log: str, key: str, text: str) -> str:
        if late:
            by_hand(alice, late.pop())
        return placed(log, key, text)

    monkeypatch.setattr("bot.github.decision_log.placed", slow)
    assert isinstance(writer.perform(write("R-9", "rolled back"), ATTEMPT), Done)
    assert stands(alice) == "# Decision log\n\nSomeone was quicker.\n\n" + entry("R-9", "rolled back")
    assert posts(github, PATH) == 2


def test_a_conflict_that_does_not_end_is_put_off(github: Github) -> None:
    performed(github, write())
    control(github.url, "fail_next", times=TRIES, path=PATH, method="PUT", status=409, body="is at 1 but expected 2")
    outcome = writer_of(github).perform(write("R-9"), ATTEMPT)
    assert isinstance(outcome, Later) and not outcome.unsure and "is at 1 but expected 2" in outcome.error
    assert posts(github, PATH) == TRIES
    assert performed(github, write("R-9"))["sha"] == head(github, BRANCH)


@pytest.mark.parametrize("path", ["/git/trees", "/git/commits", "/git/refs"])
def test_a_beginning_whose_answer_is_lost(github: Github, alice: Clone, path: str) -> None:
    control(github.url, "lose_answer", path=path, method="POST")
    writer = writer_of(github)
    with pytest.raises(requests.ConnectionError):
        writer.perform(write(), ATTEMPT)
    assert isinstance(writer.look(write(), ATTEMPT) or writer.perform(write(), ATTEMPT), Done)
    assert stands(alice).count("<!-- entry INC-3 -->") == 1
    assert posts(github, "/git/refs") == 1


def test_a_write_whose_answer_is_lost_is_found(github: Github, alice: Clone) -> None:
    performed(github, write())
    control(github.url, "lose_answer", path=PATH, method="PUT")
    with pytest.raises(requests.ConnectionError):
        writer_of(github).perform(write("R-9"), ATTEMPT)
    found = writer_of(github).look(write("R-9"), ATTEMPT)
    assert found is not None and found.result["sha"] == head(github, BRANCH)
    assert posts(github, PATH) == 1


def test_a_refusal_waits_for_a_person(github: Github) -> None:
    control(github.url, "permissions", app={"contents": "read"})
    assert writer_of(github).perform(write(), ATTEMPT) == Refused("Resource not accessible by integration")


def test_what_was_written_anew_meanwhile_is_dropped(github: Github) -> None:
    outcome = writer_of(github, allowed=False).perform(write(), ATTEMPT)
    assert isinstance(outcome, Done)
    assert "dropped" in outcome.result
    assert writer_of(github).look(write(), ATTEMPT) is None


def test_a_log_that_is_gone_is_not_begun_anew(github: Github) -> None:
    outcome = writer_of(github, before=True).perform(write(), ATTEMPT)
    assert isinstance(outcome, Refused)
    assert "is gone" in outcome.error
    assert writer_of(github).look(write(), ATTEMPT) is None
