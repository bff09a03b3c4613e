"""Prepared changes to the sample repository: each really changes what the shop does, or really breaks it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


class NotPossible(Exception):
    """What was asked cannot be done now; the message says why, for a person."""


@dataclass(frozen=True)
class Change:
    """`apply` edits the files of a checkout; `area` is the feature they belong to, `title` a commit message."""

    id: str
    label: str
    title: str
    area: str
    apply: Callable[[Path], None]


@dataclass(frozen=True)
class Breakage:
    """One text replaced by another that breaks something; mending replaces it back."""

    path: str
    sound: str
    broken: str

    def apply(self, checkout: Path) -> None:
        self._replace(checkout, self.sound, self.broken)

    def mend(self, checkout: Path) -> bool:
        """Whether there was something to mend."""
        if self.broken not in (checkout / self.path).read_text(encoding="utf-8"):
            return False
        self._replace(checkout, self.broken, self.sound)
        return True

    def _replace(self, checkout: Path, find: str, replace: str) -> None:
        file = checkout / self.path
        text = file.read_text(encoding="utf-8")
        if self.broken in text and replace == self.broken:
            raise NotPossible(f"{self.path} is broken in this way already")
        if find not in text:
            raise NotPossible(f"{self.path} has been changed too much for this")
        file.write_text(text.replace(find, replace, 1), encoding="utf-8")


def number(path: str, name: str, following: Callable[[int], int]) -> Callable[[Path], None]:
    """An edit of `NAME = 12` in a file: the number that follows takes its place."""

    def apply(checkout: Path) -> None:
        file = checkout / path
        text = file.read_text(encoding="utf-8")
        found = re.search(rf"^{name} = (\d+)", text, re.MULTILINE)
        if found is None:
            raise NotPossible(f"{path} holds no {name}")
        changed = f"{name} = {following(int(found[1]))}"
        file.write_text(text[: found.start()] + changed + text[found.end() :], encoding="utf-8")

    return apply


def new_product(checkout: Path) -> None:
    file = checkout / "data/products.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    id_ = max(row["id"] for row in rows) + 1
    rows.append({"id": id_, "name": f"Matcha no. {id_}", "description": "Ceremonial", "price": 2900, "tags": ["tea"]})
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    file.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def new_migration(checkout: Path) -> None:
    folder = checkout / "migrations"
    number_ = len(list(folder.glob("*.sql"))) + 1
    column = f"ALTER TABLE products ADD COLUMN note_{number_} TEXT;\n"
    (folder / f"{number_:04}_note.sql").write_text(column, encoding="utf-8")


def operations_note(checkout: Path) -> None:
    file = checkout / "docs/operations.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\nNote {text.count('Note ') + 1}: the rota moved to the wiki.\n", encoding="utf-8")


TOTAL = '''\
def total(items: Sequence[int], products: Mapping[int, Product]) -> Total:
    """The sum over `items` (product ids, repeated as often as bought). Raises UnknownProduct."""
'''
ROOM = 150  # prices that an instance with the leak works out before it fails
HOARDING = f"""\
PRICED: list[int] = []


{TOTAL}    PRICED.append(len(items))
    if len(PRICED) > {ROOM}:
        raise MemoryError("no room for another price")
"""
BREAKAGES = {
    "build": Breakage("shop/checkout.py", "def shipping(amount: int,", "def shipping(amount: int,,"),
    "test": Breakage("shop/checkout.py", "subtotal - discount)\n", "subtotal)\n"),
    "start": Breakage(
        "shop/app.py",
        "def main() -> None:\n",
        'def main() -> None:\n    raise RuntimeError("the payment key is missing")\n',
    ),
    "hanging_start": Breakage(
        "shop/app.py", "def main() -> None:\n", "def main() -> None:\n    import time\n\n    time.sleep(600)\n"
    ),
    "hanging_build": Breakage("bin/build", "\ncompile_all()\n", "\n__import__('time').sleep(600)\ncompile_all()\n"),
    "load": Breakage("shop/checkout.py", f"{TOTAL}    subtotal = 0\n", f"{HOARDING}    subtotal = 0\n"),
    "deploy": Breakage("bin/deploy", 'required("DEPLOY_URL")', 'required("DEPLOY_ADDRESS")'),
}

CHANGES = (
    Change(
        "faster_checkout",
        "Faster checkout",
        "Pack orders faster",
        "checkout",
        number("shop/checkout.py", "PACKING_MINUTES", lambda minutes: minutes - 5 if minutes > 5 else 45),
    ),
    Change(
        "bigger_discount",
        "Bigger bulk discount",
        "Raise the bulk discount",
        "checkout",
        number("shop/checkout.py", "BULK_DISCOUNT_PERCENT", lambda percent: percent + 1 if percent < 40 else 10),
    ),
    Change(
        "more_results",
        "More search results",
        "Show one more search result",
        "search",
        number("shop/search.py", "MOST", lambda most: most + 1),
    ),
    Change("new_product", "New product", "Sell another matcha", "catalogue", new_product),
    Change("new_migration", "New database migration", "Add a note to products", "database", new_migration),
    Change("unrelated_file", "Touch an unrelated file", "tidy up", "docs", operations_note),
    Change("break_build", "Break the build", "Rework shipping", "checkout", BREAKAGES["build"].apply),
    Change("break_test", "Break a test", "Rework totals", "checkout", BREAKAGES["test"].apply),
    Change("break_start", "Break the app at its start", "Require a payment key", "app", BREAKAGES["start"].apply),
    Change("hanging_start", "Make the app hang at its start", "Warm up", "app", BREAKAGES["hanging_start"].apply),
    Change("hanging_build", "Make the build hang", "Build slowly", "delivery", BREAKAGES["hanging_build"].apply),
    Change("leak", "A bug that shows only under load", "Remember prices", "checkout", BREAKAGES["load"].apply),
    Change("break_deploy", "Break the deploy script", "Rename a variable", "delivery", BREAKAGES["deploy"].apply),
)


def change(id_: str) -> Change:
    """The prepared change of that id. Raises NotPossible."""
    for one in CHANGES:
        if one.id == id_:
            return one
    raise NotPossible(f"there is no change {id_}")


def mend(checkout: Path) -> list[str]:
    """Takes every breakage out of a checkout; the paths mended."""
    return [breakage.path for breakage in BREAKAGES.values() if breakage.mend(checkout)]
