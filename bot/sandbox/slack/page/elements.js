// Interactive elements: buttons, overflow menus and choices; text fields and pickers are in inputs.js, menus in select.js.

import { confirmDialog } from "./dialog.js";
import { buttonWords, findFocus, h, icon, safeUrl, spinner } from "./dom.js";
import { dateField, datetimeField, richField, textField, timeField } from "./inputs.js";
import { textNodes, textOf } from "./mrkdwn.js";
import { openListbox } from "./popup.js";
import { selectField } from "./select.js";
import { keyOf } from "./values.js";

const ELEMENTS = {
  button,
  overflow,
  checkboxes: (context) => choices(context, "checkbox"),
  radio_buttons: (context) => choices(context, "radio"),
  image: ({ element }) => h("img", { class: "kit-thumb", src: safeUrl(element.image_url), alt: element.alt_text }),
  plain_text_input: (context) => textField(context),
  email_text_input: (context) => textField(context, "email"),
  url_text_input: (context) => textField(context, "url"),
  number_input: (context) => textField(context, "number"),
  rich_text_input: richField,
  datepicker: dateField,
  timepicker: timeField,
  datetimepicker: datetimeField,
  workflow_button: button,
};
for (const kind of ["static_select", "external_select", "users_select", "channels_select", "conversations_select"]) {
  ELEMENTS[kind] = (context) => selectField(context, false);
  ELEMENTS[`multi_${kind}`] = (context) => selectField(context, true);
}

/** One element. `words`: its label, and the ids of label and description when an input block gives it some. */
export function elementNode(element, block, surface, words = {}) {
  const draw = ELEMENTS[element.type];
  if (!draw) return h("span", { class: "kit-unknown" }, `This page cannot show a “${element.type}”.`);
  const context = {
    element, block, surface, words,
    focus: keyOf(block, element),
    confirmed: () => confirmed(element.confirm),
    chosen: (value) => chosen(element, block, surface, value),
  };
  const failure = element.action_id ? surface.failure(block, element) : null;
  const node = draw(context);
  if (!failure) return node;
  return h("div", { class: "with-failure" }, node, h("div", { class: "act-error", role: "alert" }, `⚠️ ${failure}`));
}

/** Asks what the element's confirm object asks; true at once when it has none. */
async function confirmed(ask) {
  if (!ask) return true;
  return confirmDialog({
    title: textOf(ask.title),
    body: textNodes(ask.text),
    yes: textOf(ask.confirm) || "Yes",
    no: textOf(ask.deny) || "Cancel",
    danger: ask.style === "danger",
  });
}

/** A new value: kept, and told to the bot where Slack tells it (anywhere but an input block that does not dispatch). */
async function chosen(element, block, surface, value) {
  if (!(await confirmed(element.confirm))) {
    surface.redraw(block.block_id); // what was ticked without being confirmed goes back
    return;
  }
  surface.change(block, element, value);
  if (block.type !== "input" || block.dispatch_action) await surface.act(block, element, value);
}

function button({ element, block, surface, focus, confirmed: ask }) {
  const pending = surface.isPending(block, element);
  const press = async () => {
    if (!surface.isPending(block, element) && (await ask())) {
      surface.act(block, element, { text: element.text, ...(element.value === undefined ? {} : { value: element.value }) });
    }
  };
  const props = {
    class: `button ${element.style ?? ""}${pending ? " pending" : ""}`, dataset: { focus, action: element.action_id },
    "aria-label": element.accessibility_label ?? null, "aria-busy": pending ? "true" : null, onclick: press,
  };
  const inside = buttonWords(pending, textNodes(element.text));
  if (!element.url) return h("button", { ...props, type: "button" }, inside);
  return h("a", { ...props, href: safeUrl(element.url), target: "_blank", rel: "noopener noreferrer" }, inside);
}

function overflow({ element, block, surface, focus, confirmed: ask }) {
  const pending = surface.isPending(block, element);
  const options = element.options.map((option, at) => ({
    id: String(at), label: textOf(option.text), detail: textOf(option.description), option,
  }));
  const choose = (item) => {
    const href = item.option.url && safeUrl(item.option.url);
    if (href) window.open(href, "_blank", "noopener,noreferrer");
    ask().then((yes) => yes && surface.act(block, element, { selected_option: item.option }));
    return false;
  };
  const anchor = () => findFocus(surface.root, focus, element.action_id);
  const open = () => openListbox({ anchor, label: "More actions", load: () => ({ items: options }), choose, search: false });
  return h("button", {
    type: "button", class: "button overflow", dataset: { focus, action: element.action_id },
    "aria-label": "More actions", "aria-haspopup": "listbox", onclick: open,
  }, pending ? spinner() : icon("more", 18));
}

function choices({ element, block, surface, words, focus, chosen: tell }, kind) {
  const value = surface.value(block, element);
  const on = new Set((value.selected_options ?? [value.selected_option]).filter(Boolean).map((option) => option.value));
  const name = `${focus}-${Math.random().toString(36).slice(2, 8)}`;
  const change = (option) => {
    if (kind === "radio") return tell({ selected_option: option });
    if (!on.delete(option.value)) on.add(option.value);
    return tell({ selected_options: element.options.filter((one) => on.has(one.value)) });
  };
  const rows = element.options.map((option, at) => {
    const box = h("input", {
      type: kind, name, dataset: { focus: `${focus}-${at}`, action: element.action_id }, onchange: () => change(option),
    });
    box.checked = on.has(option.value);
    return h("label", { class: "choice" }, box,
      h("span", { class: "choice-words" }, h("span", null, textNodes(option.text)),
        option.description ? h("span", { class: "choice-detail" }, textNodes(option.description)) : null));
  });
  return h("div", {
    class: "choices", role: kind === "radio" ? "radiogroup" : "group",
    "aria-labelledby": words.labelledby ?? null, "aria-describedby": words.describedby || null,
  }, rows, surface.isPending(block, element) ? spinner() : null);
}
