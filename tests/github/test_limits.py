"""GitHub's rate limits: what an answer tells (a table), and the real client over a GitHub that refuses."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth

from bot.github.acts import Rerunner
from bot.github.client import Client, connect
from bot.github.limits import PATIENCE, PAUSED, USED_UP, Limited, Limits, Told, told
from bot.github.patrol import PatrolReader
from bot.github.pusher import Pusher
from bot.github.reader import Reader
from bot.sandbox.github.server import Github
from bot.sop.effects import PushBranch, RerunRun
from bot.sop.facts import CannotLook
from tests.github.acme import ATTEMPT, REPO, SERVICE, head, running
from tests.sandbox.github.town import control

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
RESET = NOW + timedelta(minutes=12)
PERMISSION = "Resource not accessible by integration"
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


def budget(left: int, of: int = 5000, reset: datetime = RESET, date: datetime = NOW) -> dict[str, str]:
    return {
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-limit": str(of),
        "x-ratelimit-reset": str(int(reset.timestamp())),
        "date": format_datetime(date, usegmt=True),
    }


def until(minutes: float, said: str, *, refused: bool = True) -> Told:
    return Told(until=NOW + timedelta(minutes=minutes), said=said, refused=refused)


SECOND = 1 / 60
PAST = timedelta(hours=1)
LAST = Told(each=timedelta(seconds=721 / 120), resets=RESET + timedelta(seconds=1))
AHEAD = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("status", "headers", "message", "expected"),
    [
        pytest.param(200, {}, "", Told(), id="an enterprise host without limits"),
        pytest.param(200, budget(4000), "", Told(), id="plenty"),
        pytest.param(200, budget(500), "", Told(), id="a tenth is not low yet"),
        pytest.param(200, budget(120), "", LAST, id="low: spread over the rest"),
        pytest.param(200, budget(0), "", until(12 + SECOND, USED_UP, refused=False), id="the last one was answered"),
        pytest.param(403, budget(0), "API rate limit exceeded", until(12 + SECOND, USED_UP), id="primary, 403"),
        pytest.param(429, budget(0), "API rate limit exceeded", until(12 + SECOND, USED_UP), id="primary, 429"),
        pytest.param(
            403,
            budget(0, reset=AHEAD + timedelta(minutes=2), date=AHEAD),
            "API rate limit exceeded",
            until(2 + SECOND, USED_UP),
            id="by this machine's clock, where GitHub's is another",
        ),
        pytest.param(403, budget(0, reset=NOW), "", until(SECOND, USED_UP), id="resets in this very second"),
        pytest.param(403, budget(0, reset=NOW - PAST), "", until(SECOND, USED_UP), id="never in the past"),
        pytest.param(403, {"x-ratelimit-remaining": "0"}, "", until(1, USED_UP), id="no reset named"),
        pytest.param(
            403,
            {**budget(0), "x-ratelimit-reset": "soon", "date": "today"},
            "",
            until(1, USED_UP),
            id="headers nobody can read",
        ),
        pytest.param(403, {"retry-after": "90"}, SECONDARY, until(1.5, PAUSED), id="secondary, 403"),
        pytest.param(429, {"retry-after": "90"}, SECONDARY, until(1.5, PAUSED), id="secondary, 429"),
        pytest.param(403, {**budget(0), "retry-after": "0"}, SECONDARY, until(SECOND, PAUSED), id="Retry-After first"),
        pytest.param(403, budget(4000), SECONDARY, until(1, PAUSED), id="secondary, and no time named: a minute"),
        pytest.param(429, {}, "", until(1, PAUSED), id="too many requests, and no word more"),
        pytest.param(403, budget(4000), PERMISSION, Told(), id="a permission is no limit"),
        pytest.param(503, {"retry-after": "90"}, "", Told(), id="GitHub is down: no limit either"),
        pytest.param(503, budget(0, of=60), "", Told(), id="down, and by the budget of those without a token"),
        pytest.param(502, budget(0), "", Told(), id="a failure of GitHub's own is no limit, whatever its headers"),
        pytest.param(503, budget(120), "", Told(), id="nor a reason to look more rarely"),
        pytest.param(401, budget(0, of=60), "Bad credentials", Told(), id="no token of ours: no limit of ours"),
        pytest.param(200, budget(0, of=60), "", Told(), id="answered by the budget of those without a token"),
        pytest.param(200, budget(3, of=60), "", Told(), id="low, but not ours"),
        pytest.param(200, {**budget(0, of=30), "x-ratelimit-resource": "search"}, "", Told(), id="another resource"),
        pytest.param(
            404,
            {**budget(0), "x-ratelimit-resource": "core"},
            "Not Found",
            until(12 + SECOND, USED_UP, refused=False),
            id="the last one found nothing",
        ),
        pytest.param(
            403, budget(0, of=60), "API rate limit exceeded", until(12 + SECOND, USED_UP), id="refused is refused"
        ),
    ],
)
def test_what_an_answer_tells(status: int, headers: dict[str, str], message: str, expected: Told) -> None:
    assert told(status, headers, message, NOW) == expected


class Watch:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def moves(self, **by: float) -> None:
        self.at += timedelta(**by)


def test_after_a_refusal_nothing_is_asked_until_the_reset() -> None:
    now = Watch()
    limits = Limits(now)
    with pytest.raises(Limited) as refused:
        limits.heard(403, budget(0), "API rate limit exceeded")
    assert (str(refused.value), refused.value.until) == (USED_UP, RESET + timedelta(seconds=1))
    with pytest.raises(Limited, match="used up"):
        limits.ask()
    assert limits.rests() == NOW + PATIENCE
    now.moves(minutes=12, seconds=1)
    limits.ask()
    limits.heard(200, budget(4999, reset=RESET + timedelta(hours=1), date=now()), "")
    assert limits.rests() is None


def test_the_last_request_of_a_budget_is_heard_and_none_is_sent_after_it() -> None:
    limits = Limits(Watch())
    limits.heard(200, budget(0), "")
    with pytest.raises(Limited):
        limits.ask()


def test_looks_rest_by_what_they_cost_while_the_budget_is_low() -> None:
    now = Watch()
    limits = Limits(now)
    for left in range(103, 95, -1):
        limits.heard(200, budget(left, reset=NOW + timedelta(seconds=499)), "")
    rests = limits.rests()
    assert rests is not None
    assert timedelta(seconds=38) < rests - NOW < timedelta(seconds=44)  # 8 requests, 5 s each
    assert limits.rests(urgent=True) is None  # what is on its way to production goes on while something is left
    limits.ask()  # what somebody waits for is asked all the same
    now.moves(seconds=60)
    assert limits.rests() is None


@pytest.mark.parametrize(("resets_in", "rest"), [(240, 241), (720, 300)])
def test_looks_never_rest_beyond_the_reset_nor_for_long(resets_in: int, rest: int) -> None:
    limits = Limits(Watch())
    for left in range(9, 0, -1):
        limits.heard(200, budget(left, reset=NOW + timedelta(seconds=resets_in)), "")
        limits.heard(200, budget(left, reset=NOW + timedelta(seconds=resets_in)), "")
    assert limits.rests() == NOW + timedelta(seconds=rest)


def spent(now: Watch) -> Limits:
    """An hour's limit, and the time at which one request may ask whether it stands."""
    limits = Limits(now)
    with pytest.raises(Limited):
        limits.heard(403, budget(0, reset=NOW + timedelta(hours=1)), "API rate limit exceeded")
    now.moves(minutes=4, seconds=59)
    with pytest.raises(Limited):
        limits.ask()
    now.moves(seconds=1)
    assert limits.rests() is None
    return limits


def test_one_request_asks_every_few_minutes_whether_a_limit_stands() -> None:
    now = Watch()
    limits = spent(now)
    limits.ask()
    with pytest.raises(Limited):
        limits.ask()  # another thread, before the answer
    with pytest.raises(Limited):
        limits.heard(403, budget(0, reset=NOW + timedelta(hours=1), date=now()), "API rate limit exceeded")
    assert limits.rests() == now() + PATIENCE
    with pytest.raises(Limited, match="used up"):
        limits.ask()


def test_a_limit_that_stands_no_more_is_given_up_at_the_first_answer() -> None:
    now = Watch()
    limits = spent(now)
    limits.ask()
    limits.heard(200, budget(4491), "")
    limits.ask()
    assert limits.rests() is None


@pytest.mark.parametrize("answered", [True, False])
def test_an_answer_that_is_lost_or_tells_nothing_leaves_the_limit_and_is_asked_for_again(answered: bool) -> None:
    now = Watch()
    limits = spent(now)
    limits.ask()
    if answered:
        limits.heard(503, budget(0, of=60), "")
    with pytest.raises(Limited):
        limits.ask()
    now.moves(minutes=1)
    limits.ask()
    limits.heard(200, budget(4491), "")
    limits.ask()


def test_a_pause_that_github_asked_for_is_kept_to_its_end() -> None:
    now = Watch()
    limits = Limits(now)
    with pytest.raises(Limited):
        limits.heard(403, {"retry-after": "900"}, SECONDARY)
    now.moves(minutes=14)
    with pytest.raises(Limited, match="wants no more requests"):
        limits.ask()
    now.moves(minutes=1)
    limits.ask()


# --- over a GitHub that refuses


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Github]:
    yield from running(tmp_path_factory.mktemp("limits"))


@pytest.fixture
def now(hub: Github) -> Iterator[Watch]:
    watch = Watch()
    watch.at = datetime.now(UTC)
    yield watch
    control(hub.url, "rate_limit", kind="off")


@pytest.fixture
def client(hub: Github, now: Watch) -> Client:
    return connect(Auth.Token("ghs_bot"), hub.url, now)


def asked(hub: Github) -> int:
    return len(hub.world.calls)


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("switch", "wait", "said"),
    [
        ({"kind": "primary", "reset_in": 600}, 600, USED_UP),
        ({"kind": "secondary", "retry_after": 90}, 90, PAUSED),
    ],
)
def test_a_look_that_is_refused_is_not_repeated_before_the_time_that_github_names(
    hub: Github, client: Client, now: Watch, switch: dict[str, object], wait: int, said: str, status: int
) -> None:
    reader = Reader(client)
    control(hub.url, "rate_limit", status=status, **switch)
    before = asked(hub)
    with pytest.raises(CannotLook) as first:
        reader.criticals(SERVICE)
    assert str(first.value) == said
    assert first.value.until is not None
    assert timedelta(seconds=wait / 2) < first.value.until - now() < timedelta(seconds=wait + 5)
    with pytest.raises(CannotLook) as second:
        reader.tip(SERVICE, "0" * 40)
    assert second.value.until == first.value.until
    assert asked(hub) == before + 1, "neither repeated nor asked for anything else"
    control(hub.url, "rate_limit", kind="off")
    now.moves(seconds=wait + 5)
    assert reader.criticals(SERVICE) == ()


def test_what_may_be_refused_for_want_of_a_permission_is_not_taken_for_one_when_it_is_a_limit(
    hub: Github, client: Client
) -> None:
    """The patrol may not see bypasses with every token: a 403 there means nothing is known. A limit is no such 403."""
    control(hub.url, "rate_limit", kind="primary", remaining=4, reset_in=600)
    with pytest.raises(CannotLook, match="used up"):
        PatrolReader(client).lately(SERVICE, datetime.now(UTC) - timedelta(hours=1))


def test_an_apps_installation_keeps_to_its_limit_too(hub: Github, now: Watch) -> None:
    key = rsa.generate_private_key(65537, 2048)
    public, form = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PrivateFormat.PKCS8
    hub.world.config.app_public_key = key.public_key().public_bytes(serialization.Encoding.PEM, public).decode()
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    client = connect(Auth.AppAuth(4711, pem).get_installation_auth(815), hub.url, now)
    assert Reader(client).criticals(SERVICE) == ()
    login = hub.world.calls[-1]["login"]
    control(hub.url, "rate_limit", kind="primary", login=login, remaining=0, reset_in=600)
    before = asked(hub)
    for _ in range(2):
        with pytest.raises(CannotLook, match="used up"):
            Reader(client).criticals(SERVICE)
    assert asked(hub) == before + 1


@pytest.mark.parametrize("kind", ["primary", "secondary"])
def test_a_push_that_a_limit_refuses_is_put_off_and_told_as_not_done(hub: Github, client: Client, kind: str) -> None:
    base = head(hub)
    push = PushBranch(release=7, repository=REPO, branch="main", sha="0" * 40, expected=base, asked="now")
    control(hub.url, "rate_limit", kind=kind, remaining=1, reset_in=600, retry_after=600)
    with pytest.raises(CannotLook) as put_off:
        Pusher(client, lambda _release, _sha: True).perform(push, ATTEMPT)
    assert put_off.value.until is not None


def test_the_look_before_a_push_hands_its_limit_on(client: Client) -> None:
    def allowed(_release: int, _sha: str) -> bool:
        raise CannotLook(USED_UP, RESET)

    push = PushBranch(release=7, repository=REPO, branch="main", sha="0" * 40, expected="1" * 40, asked="now")
    with pytest.raises(CannotLook) as put_off:
        Pusher(client, allowed).perform(push, ATTEMPT)
    assert put_off.value.until == RESET


def test_a_write_is_not_sent_while_a_limit_stands(hub: Github, client: Client, now: Watch) -> None:
    control(hub.url, "rate_limit", kind="secondary", retry_after=90)
    with pytest.raises(CannotLook):
        Reader(client).criticals(SERVICE)
    before = asked(hub)
    with pytest.raises(CannotLook):
        Rerunner(client, lambda _: True).perform(RerunRun(release=7, repository=REPO, run=1, attempt=2), ATTEMPT)
    assert asked(hub) == before
    control(hub.url, "rate_limit", kind="off")
    now.moves(seconds=100)
    assert Reader(client).criticals(SERVICE) == ()


def test_the_address_of_a_log_is_not_asked_for_either(hub: Github, client: Client) -> None:
    control(hub.url, "rate_limit", kind="primary", remaining=0, reset_in=600)
    with pytest.raises(CannotLook):
        client.requester.requestBlobAndCheck("GET", f"/repos/{REPO}/actions/jobs/1/logs")
    before = asked(hub)
    with pytest.raises(CannotLook):
        client.requester.requestBlobAndCheck("GET", f"/repos/{REPO}/actions/jobs/1/logs")
    assert asked(hub) == before


def test_after_many_answers_of_a_github_that_is_down_the_bot_looks_as_before(hub: Github, client: Client) -> None:
    control(hub.url, "api_down")
    for _ in range(20):
        with pytest.raises(CannotLook, match="503") as blind:
            Reader(client).criticals(SERVICE)
        assert blind.value.until is None
    control(hub.url, "api_down", on=False)
    assert Reader(client).criticals(SERVICE) == ()
