// Text fields and date pickers. While someone types nothing is drawn again, so the caret stays where it is.

import { localOf, unixOf } from "./dates.js";
import { zone } from "./directory.js";
import { h, spinner } from "./dom.js";
import { textOf } from "./mrkdwn.js";
import { held } from "./values.js";

const MODES = { email: "email", url: "url", number: "decimal" };

function shared({ element, block, surface, words, focus }) {
  return {
    dataset: { focus, action: element.action_id },
    "aria-labelledby": words.labelledby ?? null,
    "aria-describedby": words.describedby || null,
    "aria-label": words.labelledby ? null : textOf(element.placeholder) || element.action_id,
    "aria-invalid": surface.errors[block.block_id] ? "true" : null,
    "aria-required": block.type === "input" && !block.optional ? "true" : null,
  };
}

/** A mistake shown under a field goes away when the field is mended, without drawing the field again. */
function forgive(node) {
  const box = node.closest(".kit-input");
  box?.classList.remove("has-error");
  box?.querySelector(".block-error")?.remove();
  node.removeAttribute("aria-invalid");
}

/** plain_text_input, and the e-mail, URL and number inputs. */
export function textField(context, kind = "text") {
  const { element, block, surface } = context;
  const most = element.max_length ?? (kind === "text" ? 3000 : null);
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const dispatches = (trigger) => block.dispatch_action && triggers.includes(trigger);
  const tell = () => surface.act(block, element, surface.value(block, element));
  const counter = h("span", { class: "counter", "aria-hidden": "true" });
  let typing = 0;
  const typed = () => {
    surface.change(block, element, { value: field.value === "" ? null : field.value }, { quiet: true });
    forgive(field);
    count(counter, field.value, element, most);
    clearTimeout(typing);
    if (dispatches("on_character_entered")) typing = setTimeout(tell, 300);
  };
  const pressed = (event) => {
    if (event.key !== "Enter" || event.isComposing || (element.multiline && !(event.metaKey || event.ctrlKey))) return;
    event.preventDefault();
    if (dispatches("on_enter_pressed")) tell();
    else surface.onSubmit?.();
  };
  const field = h(element.multiline ? "textarea" : "input", {
    ...shared(context), class: "field", placeholder: textOf(element.placeholder), maxlength: most, autocomplete: "off",
    type: element.multiline ? null : "text", rows: element.multiline ? 4 : null, inputmode: MODES[kind] ?? null,
    oninput: typed, onkeydown: pressed,
  });
  field.value = held(surface.value(block, element)) ?? "";
  count(counter, field.value, element, most);
  const side = surface.isPending(block, element) ? spinner() : counter;
  return h("div", { class: "field-wrap" }, field, side);
}

function count(counter, text, element, most) {
  const left = (most ?? Infinity) - text.length;
  const short = (element.min_length ?? 0) - text.length;
  counter.textContent = text && short > 0 ? `${short} more` : left <= most * 0.2 ? `${left}` : "";
  counter.hidden = counter.textContent === "";
}

/** rich_text_input: plain words here, sent as one rich_text section. */
export function richField(context) {
  const { element, block, surface } = context;
  const value = held(surface.value(block, element));
  const words = (value?.elements ?? []).flatMap((part) => part.elements ?? []).map((part) => part.text ?? "").join("");
  const typed = () => {
    const section = { type: "rich_text_section", elements: [{ type: "text", text: field.value }] };
    const rich = field.value ? { type: "rich_text", elements: [section] } : null;
    surface.change(block, element, { rich_text_value: rich }, { quiet: true });
    forgive(field);
  };
  const placeholder = textOf(element.placeholder);
  const field = h("textarea", { ...shared(context), class: "field", rows: 4, placeholder, oninput: typed });
  field.value = words;
  return field;
}

function picker(context, type, { toField, fromField, ready = () => true }) {
  const { block, element, surface, chosen } = context;
  const take = () => {
    const value = field.value ? fromField(field.value) : null;
    if (value === null || !ready(field.value)) return;
    chosen(value);
  };
  const clear = () => chosen(fromField(""));
  const shown = () => toField(held(surface.value(block, element)));
  /** What was deleted by keyboard is gone; a half deleted value, or one that is required, comes back. */
  const settle = () => {
    if (field.value || !shown()) return;
    if (block.optional && !field.validity.badInput) clear();
    else field.value = shown();
  };
  const field = h("input", { ...shared(context), class: "field picker", type, onchange: take, onblur: settle });
  field.value = shown();
  return h("div", { class: "picker-wrap" }, field,
    block.optional && field.value ? h("button", { type: "button", class: "quiet-button", onclick: clear }, "Clear") : null,
    surface.isPending(block, element) ? spinner() : null);
}

// A year typed by hand passes through 0002, 0020 and 0202.
const wholeYear = (text) => Number(text.slice(0, 4)) >= 1900;

export const dateField = (context) =>
  picker(context, "date", {
    toField: (date) => date ?? "",
    fromField: (text) => ({ selected_date: text || null }),
    ready: wholeYear,
  });

export const timeField = (context) =>
  picker(context, "time", {
    toField: (time) => time ?? "",
    fromField: (text) => {
      const { timezone } = context.element;
      return { selected_time: text || null, ...(timezone ? { timezone } : {}) };
    },
  });

/** Date and time on the wall of the person acted as; the bot receives unix seconds. */
export const datetimeField = (context) =>
  h("div", { class: "datetime" },
    picker(context, "datetime-local", {
      toField: (unix) => (unix ? localOf(unix) : ""),
      fromField: (text) => ({ selected_date_time: text ? unixOf(text) : null }),
      ready: wholeYear,
    }),
    h("span", { class: "zone-note" }, zone()));
