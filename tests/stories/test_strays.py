"""X3, S2, rule 2: commits that came around every release are explained, taken over by name, and read by an approver."""

from tests.stories.day import Day


def test_a_stray_push_goes_out_with_the_next_release(new_day: Day) -> None:
    """Nobody rolls it back: the card says by whose word each commit goes out."""
    day = new_day
    day.complete("bigger_discount", title="Bigger bulk discount")
    with day.told.quietly():
        day.world.github.protect(off=True)
        day.controls("ci_never_starts")
        day.bob.laptop.switch("main")
        day.bob.laptop.reset()
        day.bob.commits("", "hurry", "more_results")
        stray = day.bob.pushes_main()
    day.told.says(f"· Bob pushes {stray} to main, without a release")
    day.until("V-1", "OPEN", "no release pushed that")
    with day.told.quietly():
        day.controls("ci_never_starts", on=False)
    day.carol.presses("V-1", "Explain")
    day.carol.fills(reason="The search was broken for a customer on the phone.")
    day.until("V-1", "EXPLAINED")
    change = day.approved()
    with day.told.quietly():
        day.alice.commits(change, "faster")
        day.alice.laptop.rebase()
        day.alice.laptop.push(force=True)
        release = day.alice.starts(change, "faster")
        day.alice.acknowledges(release)
        assert day.alice.preflights(change) == 0
        day.until(release, "HELD · Commits", "[ Take over commits ]")
    day.told.says(f"· {release} of Alice, rebased on what Bob pushed, is HELD in COMMITS")
    day.dave.presses(release, "Take over commits")
    day.alice.presses(release, "Take over commits")
    day.until(release, "HELD · Commits", "1 path outside its areas")
    day.bob.presses(release, "Accept paths")
    day.carol.presses(release, "Accept paths")
    day.carol.reads_form()
    day.carol.fills(reason="I have read it: one more result.")
    day.until(release, "Every gate is green", "2 of 2 commits: 1 references")
    with day.told.quietly():
        day.alice.presses(release, "Push")
        day.until(release, "COMPLETE")
    day.told.says(f"· Alice presses Push; {release} is COMPLETE")
    day.told_as("strays_taken_over")
