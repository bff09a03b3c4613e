"""Rich text and tables."""

from bot.sandbox.slack.blockkit_objects import BLOCK_ID
from bot.sandbox.slack.check import Check, array, boolean, by_type, integer, obj, one_of, string

_STYLE: dict[str, Check] = {
    "style": obj(
        {},
        dict.fromkeys(
            ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean
        ),
    )
}
_PIECES: dict[str, Check] = {
    "text": obj({"text": string(least=1)}, _STYLE),
    "link": obj({"url": string(3000, least=1)}, {**_STYLE, "text": string(), "unsafe": boolean}),
    "user": obj({"user_id": string(least=1)}, _STYLE),
    "usergroup": obj({"usergroup_id": string(least=1)}, _STYLE),
    "channel": obj({"channel_id": string(least=1)}, _STYLE),
    "team": obj({"team_id": string(least=1)}, _STYLE),
    "emoji": obj({"name": string(least=1)}, {**_STYLE, "unicode": string(), "url": string(), "skin_tone": integer()}),
    "broadcast": obj({"range": one_of("here", "channel", "everyone")}, _STYLE),
    "color": obj({"value": string(least=1)}, _STYLE),
    "date": obj({"timestamp": integer(), "format": string(least=1)}, {**_STYLE, "url": string(), "fallback": string()}),
}
_PIECE = by_type(_PIECES)
_SECTION = obj({"elements": array(_PIECE)})
_BORDER: dict[str, Check] = {"border": integer(0, 1)}
_PARTS: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_preformatted": obj({"elements": array(_PIECE)}, {**_BORDER, "language": string()}),
    "rich_text_quote": obj({"elements": array(_PIECE)}, _BORDER),
    "rich_text_list": obj(
        {"style": one_of("bullet", "ordered"), "elements": array(by_type({"rich_text_section": _SECTION}), least=1)},
        {**_BORDER, "indent": integer(0), "offset": integer(0)},
    ),
}
RICH_TEXT = obj({"elements": array(by_type(_PARTS), least=1)}, {"block_id": BLOCK_ID})

_CELL = by_type({"raw_text": obj({"text": string(least=1)}), "rich_text": RICH_TEXT})
TABLE = obj(
    {"rows": array(array(_CELL, most=20, least=1), most=100, least=1)},
    {
        "block_id": BLOCK_ID,
        "column_settings": array(obj({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean}), most=20),
    },
)
