"""The closed list of outgoing acts. Only the outbox performs them; each has an idempotency key (law 6)."""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from bot.sop.model import Frozen


class ShowCard(Frozen):
    """Posts or edits the one live message of a thing; rendered when it is sent, so many pending ones are one."""

    kind: Literal["show_card"] = "show_card"
    subject: str  # R-7, CR-12, FRZ-2; INC-3:own is its card in its own channel
    channel: str
    pin: bool = False  # it is pinned there

    @property
    def key(self) -> str:
        return f"card:{self.subject}"


class Notice(Frozen):
    """A sentence: `code` and `values` go through `words`."""

    code: str
    values: dict[str, Any] = {}


class PostThread(Frozen):
    """A milestone or failure in the thread of a card; mentions who must act."""

    kind: Literal["post_thread"] = "post_thread"
    subject: str
    notice: Notice
    mention: tuple[str, ...] = ()
    once: str  # what makes it this post and no other, e.g. "passed:CI"

    @property
    def key(self) -> str:
        return f"thread:{self.subject}:{self.once}"


class PostChannel(Frozen):
    """An announcement to a channel: a freeze begins, a baseline is wanted."""

    kind: Literal["post_channel"] = "post_channel"
    subject: str
    channel: str
    notice: Notice
    mention: tuple[str, ...] = ()
    once: str

    @property
    def key(self) -> str:
        return f"channel:{self.subject}:{self.channel}:{self.once}"


class SendDirect(Frozen):
    """A direct message to one person."""

    kind: Literal["send_direct"] = "send_direct"
    subject: str
    to: str
    notice: Notice
    once: str

    @property
    def key(self) -> str:
        return f"dm:{self.subject}:{self.to}:{self.once}"


class UpdateDirect(Frozen):
    """Edits a direct message that asked for something, from what is so then; posts nothing."""

    kind: Literal["update_direct"] = "update_direct"
    subject: str  # the key of the message
    message: SendDirect

    @property
    def key(self) -> str:
        return f"update:{self.subject}"


class RefreshHome(Frozen):
    """Publishes the App Home of one person who opened it lately."""

    kind: Literal["refresh_home"] = "refresh_home"
    to: str

    @property
    def key(self) -> str:
        return f"home:{self.to}"


class PushBranch(Frozen):
    """Fast-forwards the designated branch to the candidate. Irreversible: the outbox asks the SOP again first."""

    kind: Literal["push_branch"] = "push_branch"
    release: int
    repository: str
    branch: str
    sha: str
    expected: str  # commit of the branch when it was decided
    asked: str  # when the button was pressed, ISO 8601: a refused push may be asked for again

    @property
    def key(self) -> str:
        return f"push:R-{self.release}:{self.sha}:{self.asked}"


class RerunRun(Frozen):
    """Runs CI again, intentionally (F1, F2). Irreversible; done when the run has this attempt."""

    kind: Literal["rerun_run"] = "rerun_run"
    release: int
    repository: str
    run: int
    attempt: int  # the one that will come

    @property
    def key(self) -> str:
        return f"rerun:{self.repository}:{self.run}:{self.attempt}"


class CancelRun(Frozen):
    """Cancels a run while none of its deploy jobs has begun: a cancelled deploy is a partial release."""

    kind: Literal["cancel_run"] = "cancel_run"
    subject: str
    repository: str
    run: int
    attempt: int
    deploy_jobs: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"cancel:{self.subject}:{self.repository}:{self.run}:{self.attempt}"


class MakeRevert(Frozen):
    """R1: a commit on top of `parent` with the tree of `target`; it conflicts with nothing. No ref is made."""

    kind: Literal["make_revert"] = "make_revert"
    release: int
    repository: str
    branch: str
    target: str  # commit to return to
    parent: str
    message: str
    pull: bool  # `push: watch`: a branch and a pull request for people to merge
    after: str | None = None  # the revert built before: the branch may come back to an earlier head

    @property
    def key(self) -> str:
        return f"revert:R-{self.release}:{self.parent}:{self.target}" + (f":{self.after}" if self.after else "")


class WriteLog(Frozen):
    """H5, R4: one entry in the decision log, known by its key; written again it replaces itself."""

    kind: Literal["write_log"] = "write_log"
    subject: str  # R-8, INC-3
    repository: str
    branch: str
    path: str
    entry: str  # marks the entry in the file
    markdown: str
    once: str

    @property
    def key(self) -> str:
        return f"log:{self.subject}:{self.once}"


class OpenChannel(Frozen):
    """An incident's own channel, with its people in it."""

    kind: Literal["open_channel"] = "open_channel"
    subject: str
    name: str
    people: tuple[str, ...]
    asked: str  # when, ISO 8601: a refused one may be asked for again

    @property
    def key(self) -> str:
        return f"own-channel:{self.subject}:{self.asked}"


class KeepChannel(Frozen):
    """Brings the topic of an incident's own channel up to date, and its lead into it; from what is so then."""

    kind: Literal["keep_channel"] = "keep_channel"
    subject: str
    channel: str

    @property
    def key(self) -> str:
        return f"keep-channel:{self.subject}"


class PinCard(Frozen):
    """Pins the card that stands there."""

    kind: Literal["pin_card"] = "pin_card"
    subject: str
    channel: str
    ts: str

    @property
    def key(self) -> str:
        return f"pin:{self.channel}:{self.ts}"


Effect = Annotated[
    ShowCard
    | PostThread
    | PostChannel
    | SendDirect
    | UpdateDirect
    | RefreshHome
    | PushBranch
    | RerunRun
    | CancelRun
    | MakeRevert
    | WriteLog
    | OpenChannel
    | KeepChannel
    | PinCard,
    Field(discriminator="kind"),
]
EFFECT: TypeAdapter[Effect] = TypeAdapter(Effect)

# Rendered from the state when they are sent: a pending one stands for every later one with its key.
COALESCED = (ShowCard, UpdateDirect, RefreshHome, KeepChannel)
