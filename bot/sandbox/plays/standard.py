"""The good day: a change from its request to verified production."""

from bot.sandbox.people import ALICE, CAROL
from bot.sandbox.plays.office import Office, Refused, Stuck
from bot.sandbox.plays.reading import shown
from bot.sandbox.slack.errors import PageError
from bot.sandbox.world.changes import NotPossible


def play(office: Office) -> int:
    """0 only when the card says COMPLETE, the request is RELEASED, and production serves the commit."""
    try:
        release, change, sha = _day(office)
        problems = verified(office, release, change, sha)
    except (Stuck, Refused, PageError, LookupError, TimeoutError, NotPossible) as why:
        problems = [str(why)]
    for problem in problems:
        print(f"\nNOT COMPLETE: {problem}", flush=True)
    if not problems:
        print(f"\nCOMPLETE: {release} brought {change} to production as {sha[:7]}, and production was verified.")
    return 1 if problems else 0


def _day(office: Office) -> tuple[str, str, str]:
    tell, laptop = office.teller, office.laptop(ALICE)
    if _is_new(office):
        tell.does("Production", f"serves {office.world.production.versions(1)[0][:7]}, and nobody has said so yet")
        tell.does(CAROL, "presses Adopt: what production serves is the base of the first release")
        office.adopt(CAROL)
        office.until("the adoption, announced", lambda: any(" adopted " in m["text"] for m in office.messages()))
    tell.does(ALICE, "types /change new and fills in the form: Faster checkout")
    change = office.file(ALICE, "Faster checkout")
    tell.does(CAROL, f"presses Approve on the card of {change}")
    office.press(CAROL, change, "change:approve")
    branch = f"{change.lower()}-faster-checkout"
    tell.does(ALICE, f"edits on her laptop, on the new branch {branch}")
    laptop.new_branch(branch)
    title = laptop.edit("faster_checkout")
    sha = laptop.commit(title, change)
    laptop.push()
    tell.does(ALICE, f"has committed {laptop.last_commit!r} and pushed the branch")
    release = office.start(ALICE, change, branch)
    tell.does(ALICE, f"has started {release} by the form, with {change} and {branch}")
    office.acknowledge(ALICE, release)
    tell.does(ALICE, "has acknowledged the governance check by name")
    tell.does(ALICE, f"runs slipway preflight --change {change} in her checkout")
    proved = laptop.preflight("--change", change)
    tell.does("laptop", f"{proved.output.rstrip()}\n(exit code {proved.code})")
    office.until_state(release, "RUNNING · Push", 20)
    tell.does(ALICE, "presses Push")
    office.press(ALICE, release, "release:push")
    office.until_state(release, "COMPLETE", 60)
    office.until(f"{change} RELEASED", lambda: "RELEASED" in office.card(change)["text"], 10, change)
    office.until(f"COMPLETE in the thread of {release}", lambda: "COMPLETE" in office.thread(release), 20, release)
    tell.rest()
    return release, change, sha


def _is_new(office: Office) -> bool:
    """Whether this world has not seen a release yet: in a kept one, what production serves is adopted already."""
    return "No release yet" in office.ask(CAROL, "/release list")


def verified(office: Office, release: str, change: str, sha: str) -> list[str]:
    """What is not as it should be at the end of a good day."""
    versions = set(office.world.production.versions(6))
    head = office.world.github.head_of(office.world.config.branch)
    problems = [] if versions == {sha} else [f"production serves {', '.join(sorted(versions))}, not {sha}"]
    if head != sha:
        problems.append(f"{office.world.config.branch} is at {head}, not at {sha}")
    for thing, word in ((release, "COMPLETE"), (change, "RELEASED")):
        if word not in shown(office.card(thing)):
            problems.append(f"the card of {thing} does not say {word}")
    return problems
