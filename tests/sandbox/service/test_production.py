"""Production: what the address answers, deployments over two instances, and what can go wrong."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.asgi import Server
from bot.sandbox.service.server import ServiceConfig, build

Built = Callable[..., bytes]
NEW = "b" * 40


def deploy(production: httpx.Client, archive: bytes, commit: str = NEW, token: str = "deploy-secret") -> Any:
    headers = {"Authorization": f"Bearer {token}", "X-Commit": commit}
    rollout = production.post("/_control/deploy", content=archive, headers=headers)
    if rollout.status_code != 202:
        return rollout
    number = rollout.json()["id"]
    while (now := production.get(f"/_control/deploys/{number}").json())["state"] == "rolling":
        time.sleep(0.02)
    return now


def commits(production: httpx.Client, reads: int = 4) -> list[str]:
    return [production.get("/version").json()["commit"] for _ in range(reads)]


def status(production: httpx.Client) -> Any:
    return production.get("/_control/status").json()


def test_the_shop_answers(production: httpx.Client) -> None:
    assert production.get("/products/3").json()["name"] == "Teapot"
    total = production.get("/cart/total", params={"items": "1,1,2"}).json()
    assert (total["subtotal"], total["discount"], total["total"]) == (2530, 253, 2277)
    quote = production.post("/checkout/quote", json={"items": [3], "country": "FR"}).json()
    assert quote["to_pay"] == 4900 + 890
    assert [found["id"] for found in production.get("/search", params={"q": "TEA"}).json()["products"]] == [2, 1, 3]
    assert production.get("/account").status_code == 401
    assert production.get("/account", headers={"X-Api-Key": "open-sesame"}).json()["invoices"] == 3
    assert production.get("/cart/total", params={"items": "1,x"}).status_code == 400
    assert production.get("/cart/total", params={"items": "99"}).json() == {"error": "there is no product 99"}
    assert production.post("/checkout/quote", content=b"[]").status_code == 400
    assert "Green tea" in production.get("/").text
    head = production.head("/products")
    assert (head.status_code, head.content) == (200, b"")


def test_both_instances_take_their_turn(production: httpx.Client) -> None:
    served = [production.get("/version").headers["X-Served-By"] for _ in range(4)]
    assert sorted(served) == ["a", "a", "b", "b"]
    started = {production.get("/version").json()["started_at"] for _ in range(4)}
    assert len(started) == 2


def test_a_deploy_restarts_both_instances_from_their_own_directories(production: httpx.Client, built: Built) -> None:
    before = status(production)["instances"]
    rollout = deploy(production, built(NEW, "BULK_FROM = 3", "BULK_FROM = 2"))
    after = status(production)["instances"]
    assert (rollout["state"], rollout["message"]) == ("done", "rollout complete")
    assert commits(production) == [NEW] * 4
    assert production.get("/cart/total", params={"items": "1,2"}).json()["discount"] == 164
    assert len({one["directory"] for one in after}) == 2
    assert not {one["pid"] for one in before} & {one["pid"] for one in after}
    assert not any(Path(one["directory"]).exists() for one in before)


def test_a_deploy_that_does_not_start_changes_nothing(production: httpx.Client, built: Built) -> None:
    old = commits(production, 1)[0]
    rollout = deploy(production, built(NEW, "BULK_FROM = 3", "raise RuntimeError('no warehouse')"))
    assert rollout["state"] == "failed"
    assert rollout["message"] == "instance a ended at its start"
    assert "RuntimeError: no warehouse" in rollout["log"]
    assert commits(production) == [old] * 4


def test_an_unreadable_archive_fails_the_rollout(production: httpx.Client) -> None:
    rollout = deploy(production, b"no archive")
    assert rollout["state"] == "failed"
    assert rollout["message"].startswith("the archive cannot be used")


def test_only_the_deploy_token_deploys(production: httpx.Client, built: Built) -> None:
    assert deploy(production, built(NEW), token="guess").status_code == 401
    assert len(status(production)["deploys"]) == 1


def test_half_a_fleet_shows_through_the_address_until_it_is_finished(production: httpx.Client, built: Built) -> None:
    old = commits(production, 1)[0]
    production.post("/_control/switch", json={"half_fleet": True})
    assert deploy(production, built(NEW))["state"] == "done"
    assert sorted(commits(production)) == sorted([old, old, NEW, NEW])
    production.post("/_control/finish")
    assert commits(production) == [NEW] * 4
    assert status(production)["switches"]["half_fleet"] is False


def test_a_stalled_deploy_is_reported_done_and_changes_nothing(production: httpx.Client, built: Built) -> None:
    old = commits(production, 1)[0]
    production.post("/_control/switch", json={"stall_next_deploy": True})
    assert deploy(production, built(NEW))["state"] == "done"
    assert commits(production) == [old] * 4
    production.post("/_control/finish")
    assert commits(production) == [NEW] * 4
    assert deploy(production, built("c" * 40), "c" * 40)["state"] == "done"
    assert commits(production) == ["c" * 40] * 4


def test_configuration_changed_by_hand_changes_answers_but_not_the_version(production: httpx.Client) -> None:
    before = commits(production, 1)
    production.post("/_control/environment", json={"SHOP_DISCOUNT_PERCENT": 25})
    assert production.get("/cart/total", params={"items": "1,1,2"}).json()["discount"] == 632
    assert commits(production, 1) == before
    production.post("/_control/environment", json={"SHOP_DISCOUNT_PERCENT": None})
    assert production.get("/cart/total", params={"items": "1,1,2"}).json()["discount"] == 253


def test_a_file_edited_by_hand_on_one_instance(production: httpx.Client) -> None:
    edit = {"path": "shop/checkout.py", "find": "DISCOUNT_PERCENT = 10", "replace": "DISCOUNT_PERCENT = 20"}
    assert production.post("/_control/edit", json={**edit, "instances": ["b"]}).status_code == 200
    seen = {production.get("/cart/total", params={"items": "1,1,2"}).json()["discount"] for _ in range(2)}
    assert seen == {253, 506}
    assert [one["edited"] for one in status(production)["instances"]] == [[], ["shop/checkout.py"]]
    assert production.post("/_control/edit", json={**edit, "find": "no such text"}).status_code == 409


@pytest.mark.parametrize("body", [{"nonsense": True}, ["down"]])
def test_an_unknown_switch_is_refused(production: httpx.Client, body: object) -> None:
    assert production.post("/_control/switch", json=body).status_code in (400, 422)


def test_down_answers_503_and_comes_back(production: httpx.Client) -> None:
    production.post("/_control/switch", json={"down": True})
    assert production.get("/version").status_code == 503
    production.post("/_control/switch", json={"down": False})
    assert production.get("/version").status_code == 200


def test_what_was_deployed_survives_a_restart(tmp_path: Path, built: Built) -> None:
    config = ServiceConfig(tmp_path / "production")
    for round_ in ("deploy", "look"):
        server = Server(build(config)).start()
        with httpx.Client(base_url=server.url, timeout=30) as client:
            if round_ == "deploy":
                deploy(client, built(NEW))
                client.post("/_control/environment", json={"SHOP_DISCOUNT_PERCENT": 50})
            assert commits(client) == [NEW] * 4
            assert client.get("/cart/total", params={"items": "1,1,2"}).json()["discount"] == 1265
        server.stop()
