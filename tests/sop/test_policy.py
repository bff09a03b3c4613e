"""What the policy's own words mean: durations, areas, references, names."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.sop.policy import (
    Approvals,
    AttestationPolicy,
    Ci,
    Person,
    Policy,
    Probe,
    Production,
    PushMode,
    Roles,
    Service,
    VersionSource,
    covers,
)
from tests.sop import good as g


def made(**changes: Any) -> Policy:
    """A policy from plain values, as a file gives them."""
    return Policy.model_validate({**dict(g.policy()), **changes})


# --- durations


@pytest.mark.parametrize(
    "written, means",
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        ("1.5h", timedelta(minutes=90)),
        (timedelta(minutes=3), timedelta(minutes=3)),
        (30, timedelta(seconds=30)),
    ],
)
def test_durations(written: Any, means: timedelta) -> None:
    assert AttestationPolicy.model_validate({"max_age": written}).max_age == means


@pytest.mark.parametrize("written", ["", "5", "m", "5 m", "5min", "-5m", "5M", "1h30m", "0s", "0d", 0, -5, None, []])
def test_what_is_no_duration(written: Any) -> None:
    with pytest.raises(ValidationError):
        AttestationPolicy.model_validate({"max_age": written})


# --- areas


@pytest.mark.parametrize(
    "pattern, path, inside",
    [
        ("shop/checkout.py", "shop/checkout.py", True),
        ("shop/checkout.py", "shop/checkout.pyc", False),
        ("shop", "shop/checkout.py", True),
        ("shop/", "shop/deep/er.py", True),
        ("shop", "shop", True),
        ("shop/", "shop", True),
        ("shop", "shopping/list.py", False),
        ("shop", "web/shop/x.py", False),
        ("shop/*", "shop/checkout.py", True),
        ("shop/*", "shopping/list.py", False),
        ("docs/**", "docs/a/b.md", True),
        ("docs/**", "docs.md", False),
        ("**", "anything/at/all", True),
        ("*.md", "README.md", True),
        ("*.md", "README.mdx", False),
        ("shop/[ab].py", "shop/a.py", True),
        ("Shop/*", "shop/a.py", False),
        ("/", "shop/a.py", False),
        ("", "shop/a.py", False),
        ("shop/../bin/*", "bin/run", False),
    ],
)
def test_which_paths_an_area_covers(pattern: str, path: str, inside: bool) -> None:
    assert covers((pattern,), path) is inside


def test_one_of_the_patterns_is_enough_and_none_covers_nothing() -> None:
    assert covers(("bin/*", "shop"), "shop/a.py")
    assert not covers((), "shop/a.py")


def test_an_area_is_a_feature_or_a_path() -> None:
    assert g.policy().area(("docs", "bin/run", "checkout")) == ("docs/**", "bin/run", "shop/checkout.py")


# --- references

ALONE = r"^{id}: "


@pytest.mark.parametrize(
    "reference, message, change, named",
    [
        (None, "CR-1: it", "CR-1", True),
        (None, "CR-12: it", "CR-1", False),
        (None, "CR-1: it", "CR-12", False),
        (None, "fixes (CR-12).", "CR-12", True),
        (None, "tidy\n\nCR-12", "CR-12", True),
        (None, "CR-120 and CR-12", "CR-12", True),
        (None, "XCR-12", "CR-12", False),
        (None, "CR-012", "CR-12", False),
        (None, "cr-12", "CR-12", False),
        (None, "CR12", "CR-12", False),
        (None, "", "CR-12", False),
        (ALONE, "CR-12: it", "CR-12", True),
        (ALONE, "see CR-12: it", "CR-12", False),
        (ALONE, "tidy\nCR-12: it", "CR-12", False),
        (r"#{id}\b", "#CR-12", "CR-12", True),
        (r"#{id}\b", "#CR-123", "CR-12", False),
    ],
)
def test_how_a_message_names_a_change_request(reference: str | None, message: str, change: str, named: bool) -> None:
    policy = made(reference=reference) if reference else g.policy()
    assert policy.names_change(message, change) is named


@pytest.mark.parametrize(
    "reference, message, names",
    [
        (None, "CR-12 and CR-1, again CR-12", ("CR-12", "CR-1")),
        (None, "XCR-12, CR-0, CR-", ()),
        (ALONE, "CR-12: undo CR-9", ("CR-12",)),
        (r"{id}\b", "CR-12", ("CR-12",)),
        (r"(?i)\b{id}\b", "cr-12 and Cr-13", ("CR-12", "CR-13")),
        (None, "cr-12", ()),
    ],
)
def test_every_change_request_that_a_message_names(reference: str | None, message: str, names: tuple[str, ...]) -> None:
    policy = made(reference=reference) if reference else g.policy()
    assert policy.changes_named(message) == names


# --- what may not stand together

WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("reference must contain", {"reference": "CR"}),
    ("not a regular expression", {"reference": "{id}("}),
    ("named twice", {"services": (g.service(), g.service())}),
    ("unknown features: nothing ", {"services": (dict(g.service(features=("docs", "nothing"))),)}),
    ("share a slack name", {"people": (Person(slack=g.ALICE, github="a"), Person(slack=g.ALICE, github="b"))}),
    ("share a github name", {"people": (Person(slack=g.ALICE, github="a"), Person(slack=g.BOB, github="A"))}),
    ("share a mail address", {"people": (
        Person(slack=g.ALICE, github="a", emails=("a@x.example",)),
        Person(slack=g.BOB, github="b", emails=("A@x.example",)))}),
    ("out by the same push", {"services": (g.service(), g.service(name="pay", push=PushMode.WATCH))}),
    ("out by the same push", {"services": (
        g.service(), g.service(name="pay", repository="Acme/Shop", push=PushMode.WATCH))}),
    ("a branch of its own", {"services": (
        g.service(branch="decision-log"), g.service(name="pay", branch="pay"))}),
    ("share a signing key", {"people": (
        Person(slack=g.ALICE, github="a", signing_keys=("ssh-ed25519 AAAA alice",)),
        Person(slack=g.BOB, github="b", signing_keys=("ssh-ed25519 AAAA bob",)))}),
)  # fmt: skip


@pytest.mark.parametrize("said, changes", WRONG)
def test_a_policy_that_contradicts_itself_is_no_policy(said: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=said):
        made(**changes)


def test_a_probe_that_writes_must_be_called_safe() -> None:
    with pytest.raises(ValidationError, match="safe"):
        Probe(name="cart", path="/cart", method="POST")
    assert Probe(name="cart", path="/cart", method="POST", safe=True).method == "POST"


def test_probe_names_are_used_once() -> None:
    with pytest.raises(ValidationError, match="used twice"):
        Service.model_validate({**dict(g.service()), "probes": g.service().probes * 2})


@pytest.mark.parametrize(
    "model, values",
    [
        (Approvals, {"required": 0}),
        (Roles, {"releaser": (), "approver": (g.CAROL,)}),
        (Roles, {"releaser": (g.ALICE,), "approver": ()}),
        (Roles, {"releaser": ("alice",), "approver": (g.CAROL,)}),
        (Ci, {"workflows": ()}),
        (Production, {"url": "shop.example"}),
        (Production, {"url": "https://shop.example", "samples": 0}),
        (VersionSource, {"path": "version"}),
        (Approvals, {"require": 1}),
    ],
)
def test_what_a_part_of_a_policy_may_not_say(model: Any, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(values)


# --- looking things up


def test_people_are_found_whatever_the_case() -> None:
    policy = g.policy()
    found = (policy.person(g.ALICE), policy.by_login("ALICE"), policy.by_email("Alice@Example.com"))
    assert [p.github if p else None for p in found] == ["alice"] * 3
    assert (policy.person("U0X"), policy.by_login("x"), policy.by_email("x@example.com")) == (None, None, None)


def test_services_of_one_branch_go_out_together() -> None:
    shop, blog, other = g.service(), g.service(name="blog", channel="C0B"), g.service(name="api", branch="api")
    policy = g.policy(services=(shop, blog, other))
    assert policy.together(shop) == policy.together(blog) == ("shop", "blog")
    assert policy.together(other) == ("api",)
    assert [s.name for s in policy.in_channel("C0RELEASES")] == ["shop", "api"]
    assert policy.service("blog") == blog
    assert policy.service("nothing") is None


def test_the_digest_is_of_what_it_says() -> None:
    assert g.policy().digest == g.policy().digest
    assert g.policy().digest != g.policy(stage="GA").digest
