"""How one sees on Slack's page that something was found to be a violation."""

import re
from dataclasses import dataclass

from bot.sandbox.plays.office import Office, Stuck
from bot.sandbox.plays.reading import shown
from bot.sandbox.plays.table import Row, Table

CARD = re.compile(r"(V-\d+) · \S+ · ([\w, ]+) · OPEN · ")


@dataclass(frozen=True)
class Scene:
    office: Office
    table: Table

    def found(self, row: Row, *words: str) -> str:
        """The open violation of the row's rule whose card holds these words, once it is there; its id. Raises Stuck."""

        def look() -> tuple[str, ...]:
            for message in self.office.messages():
                card = CARD.match(message["text"])
                said = shown(message)
                if card and row.rule in card[2].split(", ") and all(word in said for word in words):
                    return card[1], said
            return ()

        id_, card = self.office.until(f"{row.seen}: a violation of {row.rule} with {words}", look, 20)
        self.table.saw(row, f"{id_}: {seen(card, row.rule)}")
        return id_

    def gone(self, violation: str) -> None:
        self.office.shows(violation, "no longer seen")


def seen(card: str, rule: str) -> str:
    """What a card says was seen of this rule, and by whom. Raises Stuck for a card of another shape."""
    lines = card.splitlines()
    ends = [n for n, line in enumerate(lines) if line.startswith("By  ")]
    if not ends:
        raise Stuck(f"a violation's card names nobody:\n{card}")
    by = lines[ends[0]].removeprefix("By  ")
    of_rule = [line.removeprefix(f"{rule}  ") for line in lines[2 : ends[0]] if line.startswith(f"{rule}  ")]
    said = of_rule[-1] if of_rule else " ".join(lines[3 : ends[0]])  # one act may break more rules than one
    return f"{said} By {by}." if by != "not known" else said
