"""What to do on the page: the whole standard procedure in eight steps."""

from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

STEPS = (
    ("Carol", "press [b]Adopt[/] on Slipway's message: what production serves is the base of the first release"),
    ("Alice", "type [b]/change new[/] in #releases and fill it in: area [b]checkout[/], an extension, low risk"),
    ("Carol", "press [b]Approve[/] on the card of CR-1"),
    (
        "World panel",
        "type [b]CR-1[/], [b]Work for it[/]; then [b]Prepare a sound change[/]: branch, edit, commit, push",
    ),
    ("Alice", "press [b]Start release[/] on CR-1's card; the candidate is [b]cr-1-faster-checkout[/]"),
    ("Alice", "press [b]Governance check[/] and type [b]Pre-Action Governance Check: OK[/]"),
    ("World panel", "[b]Run preflight[/]: the checkout is built, run and probed, and what was seen is signed and sent"),
    ("Alice", "press [b]Push[/]. CI runs, production restarts, Slipway verifies it: COMPLETE"),
)


def show(console: Console, url: str, root: Path, *, kept: bool, goes_on: bool) -> None:
    """The page's address, and how to go on. `kept`: the world will be there next time; `goes_on`: it was there before,
    and whoever made it knows the way."""
    console.print(Panel.fit(f"[b]{url}[/]", title="Slipway", border_style="green"))
    if goes_on:
        console.print(
            "This world goes on where it was left; [b]docs/sandbox.md[/] has the way through it.", highlight=False
        )
    else:
        _walk(console)
    console.print(
        "\nWhom you act as is chosen at the upper left. The World panel at the right also breaks things, goes\n"
        "around the SOP, and kills the bot, which is then started again.\n"
        "[b]slipway demo --play standard[/] plays this day by itself, [b]--play stopped[/] breaks every rule once.\n"
        "The bad days play themselves, too: [b]--play hotfix[/], and [b]slipway demo --help[/] names the others.\n"
        f"In a terminal [b]. {root}/alice.env[/] makes you Alice, [b]. {root}/bot.env[/] the bot.\n"
        f"{'Everything is kept' if kept else 'Everything is, until it ends,'} in {root}. Ctrl-C ends it.",
        highlight=False,
        soft_wrap=True,
    )


def _walk(console: Console) -> None:
    console.print("The whole standard procedure, in #releases and the World panel:\n", highlight=False)
    walk = Table.grid(padding=(0, 1))
    for number, (who, what) in enumerate(STEPS, 1):
        walk.add_row(f" {number}.", f"[cyan]{who}[/]", what)
    console.print(walk, highlight=False)
