"""The App Home: opening, publishing, pressing."""

from tests.sandbox.slack.kit import Bot, World, refusal
from tests.sandbox.slack.modals import ALICE, Json, modal, words


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": [*blocks]}


def test_opening_the_home_tells_the_bot_which_publishes_it(slack: World, bot: Bot) -> None:
    bot.app.event("app_home_opened")(
        lambda event, client: client.views_publish(user_id=event["user"], view=home({"type": "divider"})),
    )
    view = slack.driver.home(ALICE)
    assert view is not None
    assert (view["type"], view["title"]) == ("home", None)
    again = slack.driver.home(ALICE)
    assert again is not None
    assert again["id"] == view["id"]
    first, second = (envelope["event"] for envelope in bot.payloads("event_callback"))
    assert (first["user"], first["tab"], "view" in first) == (ALICE, "home", False)
    assert second["view"]["id"] == view["id"]


def test_buttons_of_the_home_work(slack: World, bot: Bot) -> None:
    button = {"type": "button", "action_id": "go", "text": words("Go"), "value": "CR-1"}
    bot.app.action("go")(lambda ack: ack())
    slack.client.views_publish(user_id=ALICE, view=home({"type": "actions", "elements": [button]}))
    slack.driver.click_in_home(ALICE, "go")
    (payload,) = bot.payloads("block_actions")
    assert (payload["view"]["type"], payload["actions"][0]["value"]) == ("home", "CR-1")


def test_a_home_is_published_for_people_with_the_latest_hash(slack: World) -> None:
    first = slack.client.views_publish(user_id=ALICE, view=home())["view"]
    slack.client.views_publish(user_id=ALICE, view=home(), hash=first["hash"])
    late = refusal(slack.client.views_publish, user_id=ALICE, view=home(), hash=first["hash"])
    assert late["error"] == "hash_conflict"
    assert refusal(slack.client.views_publish, user_id="U404", view=home())["error"] == "invalid_arguments"
    assert refusal(slack.client.views_publish, user_id=ALICE, view=modal())["error"] == "invalid_arguments"
