"""Rules between fields of menus: options or option groups, and initial choices that are among them."""

from typing import Any

from bot.sandbox.slack.blockkit_objects import MENU_OPTION, OPTION_GROUP
from bot.sandbox.slack.check import array, obj, report

_OPTIONS = array(MENU_OPTION, most=100)
_SUGGESTIONS = obj({}, {"options": _OPTIONS, "option_groups": array(OPTION_GROUP, most=100)})


def options_of(element: dict[str, Any]) -> list[Any]:
    """The options of a menu, in groups or not."""
    groups = [group for group in element.get("option_groups") or [] if isinstance(group, dict)]
    return [*(element.get("options") or []), *(option for group in groups for option in group.get("options") or [])]


def one_source(element: Any, at: str, problems: list[str]) -> None:
    """A static menu has options or option groups, not both and not neither."""
    if isinstance(element, dict) and ("options" in element) == ("option_groups" in element):
        report(problems, "must define either `options` or `option_groups`", at)


def initial_choices(element: Any, at: str, problems: list[str]) -> None:
    """What is chosen at first exactly matches one of the options."""
    if not isinstance(element, dict):
        return
    options = options_of(element)
    if "initial_option" in element and element["initial_option"] not in options:
        report(problems, "initial_option was not found in the options list", at)
    chosen = element.get("initial_options")
    if isinstance(chosen, list):
        if not chosen:
            report(problems, "no less than 1 items required", f"{at}/initial_options")
        if any(option not in options for option in chosen):
            report(problems, "initial_options were not found in the options list", at)


def option_problems(answer: dict[str, Any]) -> list[str]:
    """What is wrong with an answer to a block_suggestion; empty when Slack takes it."""
    problems: list[str] = []
    _SUGGESTIONS(answer, "", problems)
    one_source(answer, "", problems)
    return problems
