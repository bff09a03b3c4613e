"""The closed list of outgoing acts. Only the outbox performs them; each has an idempotency key (law 6)."""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from bot.sop.model import Frozen


class ShowCard(Frozen):
    """Posts or edits the one live message of a thing; rendered when it is sent, so many pending ones are one."""

    kind: Literal["show_card"] = "show_card"
    subject: str  # R-7, CR-12, FRZ-2
    channel: str

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


Effect = Annotated[
    ShowCard | PostThread | PostChannel | SendDirect | RefreshHome | PushBranch, Field(discriminator="kind")
]
EFFECT: TypeAdapter[Effect] = TypeAdapter(Effect)

# Rendered from the state when they are sent: a pending one stands for every later one with its key.
COALESCED = (ShowCard, RefreshHome)
