"""Text on the page: what people and bots write is shown as text, and mrkdwn looks as Slack says it does."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from bot.sandbox.slack import Driver
from tests.browser.conftest import Opener
from tests.sandbox.slack.kit import Bot, World

ATTACKS = (
    "<img src=x onerror=window.pwned=1>",
    "<script>window.pwned=1</script>",
    '"><svg onload=window.pwned=1>',
    "&lt;img src=x onerror=window.pwned=1&gt;",
    "{{constructor.constructor('window.pwned=1')()}}",
)

SPOKEN = (
    ("*bold* _it_ ~no~ `code`", "<strong>bold</strong> <em>it</em> <s>no</s> <code>code</code>"),
    ("*bold _and italic_*", "<strong>bold <em>and italic</em></strong>"),
    ("snake_case_name 2*3*4 a~b~c", "snake_case_name 2*3*4 a~b~c"),
    ("* not bold * and *unclosed", "* not bold * and *unclosed"),
    ("`*not bold*`", "<code>*not bold*</code>"),
    ("*\u200bno\u200b*", "*\u200bno\u200b*"),
    ("(*yes*), *yes*!", "(<strong>yes</strong>), <strong>yes</strong>!"),
    ("&lt;b&gt; &amp;amp; &copy;", "&lt;b&gt; &amp;amp; &amp;copy;"),
    ("```a *b*\n  c &lt;d&gt;```", '<pre tabindex="0">a *b*\n  c &lt;d&gt;</pre>'),
    ("&gt; said\n&gt; so\nthen", "<blockquote>said<br>so</blockquote>then"),
    ("&gt;&gt;&gt; all\nof it", "<blockquote>all<br>of it</blockquote>"),
    ("one\ntwo", "one<br>two"),
    (
        ":white_check_mark: :no_such_thing: 10:30:00",
        '<span class="emoji" title=":white_check_mark:">✅</span> :no_such_thing: 10:30:00',
    ),
    ("<@U0BOB> <@U0NOBODY|gone>", '<span class="mention">@Bob Baker</span> <span class="mention">@gone</span>'),
    (
        "<@U0ALICE> <!here>",
        '<span class="mention mention-me">@Alice Ade</span> <span class="mention mention-me">@here</span>',
    ),
    ("<#C0GENERAL> <#C0X|old>", '<span class="mention">#general</span> <span class="mention">#old</span>'),
    ("<!subteam^S0APPROVERS|@approvers>", '<span class="mention">@approvers</span>'),
    ("<mailto:a@b.example|write>", '<a href="mailto:a@b.example" target="_blank" rel="noopener noreferrer">write</a>'),
    (
        "<https://a.example/?x=1&amp;y=2|*x*>",
        '<a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer">*x*</a>',
    ),
    (
        "see https://a.example/b.",
        'see <a href="https://a.example/b" target="_blank" rel="noopener noreferrer">https://a.example/b</a>.',
    ),
    ("<javascript:window.pwned=1|click>", '<span class="dead-link">click</span>'),
    ("<data:text/html,x|click>", '<span class="dead-link">click</span>'),
    ("<file:///etc/passwd>", '<span class="dead-link">file:///etc/passwd</span>'),
    ("a < b > c", "a &lt; b &gt; c"),
)

SAY = """async (texts) => {
  const { mrkdwn } = await import("/static/mrkdwn.js");
  return texts.map((text) => {
    const box = document.createElement("div");
    box.append(...mrkdwn(text));
    return box.innerHTML;
  });
}"""


def test_mrkdwn_is_shown_as_slack_shows_it(visit: Opener) -> None:
    shown = visit("U0ALICE").evaluate(SAY, [text for text, _ in SPOKEN])
    assert dict(zip([text for text, _ in SPOKEN], shown, strict=True)) == dict(SPOKEN)


def test_addresses_stay_text_where_the_bot_says_verbatim(visit: Opener) -> None:
    script = (
        """async () => (await import("/static/mrkdwn.js")).mrkdwn("see https://a.example", { verbatim: true }).length"""
    )
    assert visit("U0ALICE").evaluate(script) == 1


MOMENT = 1392734382  # 18 February 2014, 14:39:42 UTC
DATES = (
    ("{date_num}", "2014-02-18"),
    ("{date_slash}", "18/02/2014"),
    ("{date}", "February 18th, 2014"),
    ("{date_short}", "Feb 18, 2014"),
    ("{date_long}", "Tuesday, February 18th, 2014"),
    ("{date_long_full}", "February 18, 2014"),
    ("{date_pretty}", "February 18th, 2014"),
    ("{date_short_pretty} at {time}", "Feb 18, 2014 at 15:39"),
    ("{date_long_pretty}", "Tuesday, February 18th, 2014"),
    ("{time_secs}", "15:39:42"),
    ("{day_divider_pretty}", "Tuesday, February 18th, 2014"),
    ("{no_such_token}", "as it was"),
)


def test_dates_are_in_the_zone_of_the_reader(visit: Opener) -> None:
    page = visit("U0ALICE")
    texts = [f"<!date^{MOMENT}^{template}|as it was>" for template, _ in DATES]
    shown = [re.sub("<[^>]*>", "", html) for html in page.evaluate(SAY, texts)]
    assert dict(zip([template for template, _ in DATES], shown, strict=True)) == dict(DATES)


def test_days_around_today_have_their_names(visit: Opener) -> None:
    now = int(time.time())
    texts = [f"x <!date^{now + days * 86400}^{{date_pretty}}|-> y" for days in (-1, 0, 1)]
    shown = [re.sub("<[^>]*>", "", html) for html in visit("U0ALICE").evaluate(SAY, texts)]
    assert shown == ["x Yesterday y", "x Today y", "x Tomorrow y"]


WALLS = (
    ("2026-07-01T12:00", "Europe/Berlin", 1782900000),
    ("2026-01-01T12:00", "Europe/Berlin", 1767265200),
    ("2026-03-29T03:30", "Europe/Berlin", 1774747800),
    ("2026-11-01T00:30", "America/New_York", 1793507400),
    ("2026-01-01T00:00", "Asia/Tokyo", 1767193200),
)


def test_a_time_on_the_wall_is_the_right_moment(visit: Opener) -> None:
    script = """async (walls) => {
      const { localOf, unixOf } = await import("/static/dates.js");
      return walls.map(([wall, zone]) => [localOf(unixOf(wall, zone), zone), zone, unixOf(wall, zone)]);
    }"""
    assert visit("U0ALICE").evaluate(script, [list(wall) for wall in WALLS]) == [list(wall) for wall in WALLS]


def test_nothing_a_person_writes_becomes_markup(slack: World, visit: Opener) -> None:
    page = visit("U0ALICE")
    for attack in ATTACKS:
        slack.driver.say("U0BOB", "releases", attack)
    expect(page.locator(".message-text")).to_have_text(list(ATTACKS))
    assert_harmless(page)


def hostile_blocks(text: str) -> list[dict[str, object]]:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain, marked = {"type": "plain_text", "text": escaped}, {"type": "mrkdwn", "text": escaped}
    option = {"text": plain, "value": "v", "description": plain}
    select = {"type": "static_select", "action_id": "select", "placeholder": plain, "options": [option]}
    raw = {"type": "text", "text": text}
    lists = {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [{"type": "rich_text_section", "elements": [raw]}],
    }
    return [
        {"type": "header", "text": plain},
        {"type": "section", "text": marked, "fields": [marked, plain], "accessory": select},
        {"type": "context", "elements": [marked, plain]},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "button", "text": plain},
                {"type": "checkboxes", "action_id": "boxes", "options": [option]},
                {"type": "radio_buttons", "action_id": "radios", "options": [option]},
            ],
        },
        {"type": "rich_text", "elements": [lists, {"type": "rich_text_preformatted", "elements": [raw]}]},
    ]


@pytest.mark.parametrize("attack", ATTACKS[:3])
def test_nothing_in_blocks_becomes_markup(slack: World, bot: Bot, visit: Opener, attack: str) -> None:
    page = visit("U0ALICE")
    slack.client.chat_postMessage(channel="C0RELEASES", text="hostile", blocks=hostile_blocks(attack))
    expect(page.locator(".kit-header")).to_have_text(attack)
    expect(page.get_by_role("button", name=attack).first).to_be_visible()
    page.locator(".select").click()
    expect(page.get_by_role("option")).to_have_text(attack * 2)
    assert page.locator(".message", has_text=attack).inner_text().count(attack) >= 11
    assert_harmless(page)


def test_nothing_in_a_modal_or_its_errors_becomes_markup(slack: World, bot: Bot, visit: Opener) -> None:
    attack = ATTACKS[0]
    shown = {"type": "plain_text", "text": attack.replace("<", "&lt;").replace(">", "&gt;")}
    field = {"type": "plain_text_input", "action_id": "v", "initial_value": attack, "placeholder": shown}
    view = {
        "type": "modal",
        "callback_id": "m",
        "title": {"type": "plain_text", "text": "<b>title</b>"},
        "submit": {"type": "plain_text", "text": "<i>go</i>"},
        "blocks": [{"type": "input", "block_id": "b", "label": shown, "hint": shown, "element": field}],
    }
    bot.app.command("/sop")(
        lambda ack, body, client: (ack(), client.views_open(trigger_id=body["trigger_id"], view=view))
    )
    bot.app.view("m")(lambda ack: ack(response_action="errors", errors={"b": attack}))
    page = visit("U0ALICE")
    Driver(slack.url).say("U0ALICE", "releases", "/sop")
    modal = page.get_by_role("dialog", name="<b>title</b>")
    expect(modal.locator(".kit-label")).to_have_text(attack)
    expect(modal.locator("input.field")).to_have_value(attack)
    modal.get_by_role("button", name="<i>go</i>").click()
    expect(modal.get_by_role("alert").filter(has_text=attack)).to_be_visible()
    assert_harmless(page)


def assert_harmless(page: Page) -> None:
    assert page.evaluate("window.pwned") is None
    assert page.locator("#main img, #main script, dialog img, dialog script, [onerror], [onload]").count() == 0
