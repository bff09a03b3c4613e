"""Which key signs, where the statement goes, and what the bot's answer looks like to a developer."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.preflight import Options, run
from bot.sop.policy import Policy
from tests.preflight.world import Ran, World, read_policy


def trouble(ran: Ran, *words: str) -> None:
    assert ran.code == 2, ran.out
    assert all(word in ran.out for word in words), ran.out


def another_key(path: Path, kind: str = "ed25519") -> str:
    made = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "another", "-f", str(path)]
    subprocess.run(made, check=True, stdin=subprocess.DEVNULL)
    return path.with_name(path.name + ".pub").read_text().strip()


# --- reports


def test_a_failure_is_reported_when_asked_for(world: World) -> None:
    world.write("notes.txt", "x")
    code, out = world.preflight(report=True)
    assert code == 1 and "✓ failure reported" in out, out
    (taken,) = world.bot.taken
    clean = taken.checks[0]
    assert (clean.name, clean.ok, clean.seen, clean.detail) == ("clean", False, "1 untracked file", ("notes.txt",))
    assert [c.name for c in taken.checks] == ["clean", "branch", "commits"]


def test_a_detached_head_can_be_reported(world: World) -> None:
    world.git("switch", "-q", "--detach")
    assert world.preflight(report=True).code == 1
    assert world.bot.taken[0].branch == "HEAD"


# --- the bot


def test_where_the_bot_is_comes_from_the_option_or_the_environment(world: World) -> None:
    url = world.env.pop("SLIPWAY_URL")
    trouble(world.preflight(), "--bot-url", "SLIPWAY_URL")
    for wrong in ("nonsense", "ftp://bot", "http://", "http://bot:99999"):
        trouble(world.preflight(bot_url=wrong), f"--bot-url {wrong} is no address of a bot")
    world.env["SLIPWAY_URL"] = "bot:8000"
    trouble(world.preflight(), "SLIPWAY_URL bot:8000 is no address of a bot")
    world.env["SLIPWAY_URL"] = "http://127.0.0.1:9"
    assert world.preflight(bot_url=url + "/").code == 0


def test_an_unreachable_bot_is_said_with_how_to_send_again(world: World) -> None:
    trouble(world.preflight(bot_url="http://127.0.0.1:9"), "could not be reached", "run the same command again")


def test_the_bots_refusal_is_shown_in_its_words(world: World) -> None:
    errors = [{"pointer": "#/predicate/change", "detail": "no such thing"}]
    problem = {
        "title": "The change request is not known",
        "status": 422,
        "detail": "there is no CR-12",
        "errors": errors,
    }
    world.bot.answer = lambda _: (422, problem)
    ran = world.preflight()
    trouble(ran, "✗ The change request is not known: there is no CR-12; #/predicate/change: no such thing")
    world.write("notes.txt", "x")
    ran = world.preflight(report=True)
    trouble(ran, "✗ clean", "✗ The change request is not known")


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [(502, {}, "the bot answered 502"), (302, {}, "the bot answered 302"), (500, {"title": 5, "errors": [1]}, "✗ 5")],
)
def test_any_other_answer_is_no_success(status: int, answer: dict[str, Any], said: str, world: World) -> None:
    world.bot.answer = lambda _: (status, answer)
    trouble(world.preflight(), said)


def test_what_the_bot_says_to_a_good_one_is_shown(world: World) -> None:
    world.bot.answer = lambda _: (201, {"detail": "R-7 goes on [bold]now[/]"})
    code, out = world.preflight()
    assert code == 0 and "✓ attested: R-7 goes on [bold]now[/]" in out


def test_a_statement_that_is_too_large_is_not_sent(world: World) -> None:
    world.write("app.py", (world.checkout / "app.py").read_text().replace('"none"', '"x" * 900_000'))
    world.commit("CR-12 Large answers")
    world.probes.append({"name": "large", "path": "/large"})
    trouble(world.preflight(), "KiB", "ignore more fields")
    assert world.bot.bodies == []


# --- keys


def test_without_ssh_keygen_it_is_trouble(world: World) -> None:
    folder = world.root / "bin"
    folder.mkdir()
    (folder / "git").symlink_to(subprocess.run(["which", "git"], capture_output=True, text=True).stdout.strip())
    world.env["PATH"] = str(folder)
    trouble(world.preflight(), "ssh-keygen is not installed")


def test_without_a_key_it_is_trouble_before_anything_is_built(world: World) -> None:
    for file in (world.home / ".ssh").iterdir():
        file.unlink()
    world.local["build"] = "touch built-it"
    trouble(world.preflight(), "no SSH key", "--key", "ssh-keygen -t ed25519")
    trouble(world.preflight(key=world.home / "nowhere"), "there is no key at")
    assert not (world.checkout / "built-it").exists()


def test_a_key_that_sop_yaml_does_not_know_is_said_and_refused(world: World) -> None:
    another_key(world.root / "mine")
    ran = world.preflight(key=world.root / "mine")
    trouble(ran, "note: sop.yaml gives the public half", "✗ The signing key is nobody's")


def test_the_key_of_git_is_used(world: World) -> None:
    for file in (world.home / ".ssh").iterdir():
        file.rename(world.home / file.name)
    world.git("config", "user.signingkey", "~/id_ed25519.pub")
    assert world.preflight().code == 0


def test_a_gpg_key_of_git_is_not_taken_for_an_ssh_key(world: World) -> None:
    world.git("config", "user.signingkey", "3AA5C34371567BD2")
    assert world.preflight().code == 0


def test_of_several_keys_the_one_that_sop_yaml_knows_is_used(world: World) -> None:
    folder = world.home / ".ssh"
    for file in list(folder.iterdir()):
        file.rename(folder / file.name.replace("ed25519", "rsa"))
    another_key(folder / "id_ed25519")
    another_key(folder / "id_ecdsa", "ecdsa")
    code, out = world.preflight()
    assert code == 0 and "note:" not in out, out


@pytest.mark.parametrize("how", ["file", "literal"])
def test_a_key_in_the_agent_signs(how: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    private = world.home / ".ssh/id_ed25519"
    socket = str(world.root / "agent")
    with subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.PIPE, text=True) as agent:
        assert agent.stdout is not None and socket in agent.stdout.readline()
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        world.env["SSH_AUTH_SOCK"] = socket
        subprocess.run(["ssh-add", "-q", private], env=world.env, check=True, capture_output=True)
        private.unlink()
        if how == "literal":
            private.with_suffix(".pub").unlink()
            world.git("config", "user.signingkey", f"key::{world.public_key}")
        ran = world.preflight()
        agent.terminate()
    assert ran.code == 0, ran.out


def test_a_key_that_cannot_sign_is_trouble_in_ssh_keygens_words(world: World) -> None:
    private = world.home / ".ssh/id_ed25519"
    private.write_text("garbage")
    private.chmod(0o600)
    trouble(world.preflight(), "✗ ", str(private))


# --- service, sop.yaml, JSON


def test_the_service_is_the_only_one_or_that_of_this_repository_or_the_one_named(world: World) -> None:
    def read(path: Path, repository: str = "acme/bank", branch: str = "main") -> Policy:
        policy = read_policy(path)
        (shop,) = policy.services
        bank = shop.model_copy(update={"name": "bank", "repository": repository, "branch": branch})
        return policy.model_copy(update={"services": (bank, shop)})

    assert world.preflight(read).code == 0
    trouble(world.preflight(lambda path: read(path, "acme/shop", "other")), "which service?", "bank, shop")
    assert world.preflight(lambda path: read(path, "acme/shop"), service="shop").code == 0
    trouble(world.preflight(service="bakery"), "there is no service bakery", "shop")


def together(path: Path, **pay: Any) -> Policy:
    """`pay` goes out with `shop`."""
    policy = read_policy(path)
    (shop,) = policy.services
    return policy.model_copy(update={"services": (shop, shop.model_copy(update={"name": "pay", **pay}))})


def test_services_of_one_branch_are_proved_together(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = world.preflight(together, json=True)
    told = json.loads(capsys.readouterr().out)
    assert (code, told["ok"], [s["service"] for s in told["services"]]) == (0, True, ["shop", "pay"])
    assert [s["answer"]["taken"] for s in told["services"]] == [True, True]
    ran = world.preflight(together, service="pay")
    assert (ran.code, "pay · CR-12" in ran.out, "shop · CR-12" in ran.out) == (0, True, False)


def test_a_service_that_fails_ends_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(path: Path) -> Policy:
        local = read_policy(path).services[0].local
        return together(path, local=local.model_copy(update={"build": "false"}))

    code, _ = world.preflight(broken, json=True)
    told = json.loads(capsys.readouterr().out)
    assert (code, told["ok"], [s["ok"] for s in told["services"]]) == (1, False, [True, False])
    assert told["services"][1]["answer"] is None


def test_sop_yaml_is_that_of_the_checkout_unless_another_is_named(world: World) -> None:
    trouble(world.preflight(sop=None), "there is no", "sop.yaml", "--sop")
    elsewhere = world.root / "sop.yaml"
    world.env["SOP_FILE"] = str(elsewhere)
    assert world.preflight(sop=None).code == 0
    del world.env["SOP_FILE"]
    world.write("sop.yaml", elsewhere.read_text())
    world.commit("CR-12 The SOP")
    assert world.preflight(sop=None).code == 0


def test_a_bad_sop_yaml_is_for_the_caller_to_tell(world: World) -> None:
    def refuse(path: Path) -> Policy:
        raise LookupError(path.name)

    with pytest.raises(LookupError, match=r"sop\.yaml"):
        world.preflight(refuse)


@pytest.mark.parametrize("dirty", [False, True])
def test_the_outcome_as_json(dirty: bool, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    if dirty:
        world.write("notes.txt", "x")
    code, _ = world.preflight(json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is (code == 0) is not dirty
    assert (told["service"], told["change"], told["commit"]) == ("shop", "CR-12", world.git("rev-parse", "HEAD"))
    assert told["checks"][0]["ok"] is not dirty
    assert (told["answer"] is None) is dirty


def test_trouble_as_json_keeps_standard_output_clean(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.write_sop()
    options = Options(sop=world.root / "sop.yaml", folder=world.root, json=True)
    assert run(options, read_policy, world.env) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["ok"] is False
    assert "is no git checkout" in captured.err
