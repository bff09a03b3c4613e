"""X1 to X4, S2, F1: what goes around the SOP, one after the other, and the patrol that finds each of them."""

from bot.sandbox.people import ALICE
from bot.sandbox.plays import steps
from bot.sandbox.plays.ending import TROUBLES, Broken, must
from bot.sandbox.plays.office import Office
from bot.sandbox.plays.violations import production, repository, table
from bot.sandbox.plays.violations.watching import Scene


def play(office: Office) -> int:
    """Prints a table rule -> what was done -> what became of it. 0 only when the patrol has found everything."""
    scene = Scene(office, table.blank())
    try:
        steps.begin(office, "the patrol looks every second", {"patrol": {"every": "1s"}})
        change = steps.approved(office, ALICE, "Faster checkout")
        production.scenes(scene, change)
        repository.scenes(scene)
        _once_each(office)
    except (*TROUBLES, Broken) as why:
        scene.table.trouble(f"{type(why).__name__}: {why}")
    office.teller.rest()
    print("\n" + "\n".join(scene.table.lines()) + "\n")
    for trouble in scene.table.troubles:
        print(f"NOT AS IT HAS TO BE: {trouble}\n")
    print(f"{len(scene.table.words)} of {len(scene.table.rows)} came out as they have to.", flush=True)
    return 0 if scene.table.whole else 1


def _once_each(office: Office) -> None:
    """Nothing is posted twice, and nothing closes by itself."""
    cards = [message["text"].split(" · ") for message in office.messages() if message["text"].startswith("V-")]
    ids = [card[0] for card in cards]
    must(len(ids) == len(set(ids)), f"something was posted twice: {', '.join(ids)}")
    closed = [card[0] for card in cards if card[3] != "OPEN"]
    must(not closed, f"nobody has explained {', '.join(closed)}, and it is not open")
