"""A workspace that is kept in a file: messages, threads, ephemerals, and buttons that can still be pressed."""

from pathlib import Path

from bot.sandbox.slack import memory
from bot.sandbox.slack.config import SlackConfig
from bot.sandbox.slack.directory import BOT_USER
from bot.sandbox.slack.workspace import Workspace

MANIFEST = Path(__file__).parents[3] / "manifest.yml"
BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}


def test_what_was_said_is_there_again(tmp_path: Path) -> None:
    file = tmp_path / "slack.json"
    first = Workspace(SlackConfig(MANIFEST, "xoxb-x", "secret"))
    channel = next(one for one in first.channels.values() if one.name == "releases")
    root = first.post(channel, BOT_USER, "R-1", blocks=[{"type": "actions", "block_id": "b", "elements": [BUTTON]}])
    first.post(channel, "U0ALICE", "and <b>why</b>?", thread_ts=root["ts"])
    first.whisper(channel, "U0BOB", "only you")
    first.dm("U0CAROL").topic = "kept"
    first.archive(next(one.id for one in first.channels.values() if one.name == "general"))
    memory.keeper(first, file).write()

    second = Workspace(SlackConfig(MANIFEST, "xoxb-x", "secret"))
    memory.keeper(second, file)
    assert second.channels == first.channels
    again = second.channel(channel.id)
    assert [one["text"] for one in again.thread(root["ts"])] == ["R-1", "and <b>why</b>?"]
    assert again.actions[root["ts"]]["b", "go"]["text"]["text"] == "Go"
    assert second.clock.ts() > max(again.messages)


def test_a_new_file_begins_with_an_empty_workspace(tmp_path: Path) -> None:
    workspace = Workspace(SlackConfig(MANIFEST, "xoxb-x", "secret"))
    memory.keeper(workspace, tmp_path / "slack.json").write()
    assert all(not channel.messages for channel in workspace.channels.values())
    assert (tmp_path / "slack.json").exists()
