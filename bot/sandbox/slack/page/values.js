// What each kind of element holds: how it starts, and whether it is filled in well enough to be sent.

import { directory } from "./directory.js";

/** Names an element within its surface. */
export const keyOf = (block, element) => `${block.block_id}\n${element.action_id}`;

const allOptions = (element) => [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];

const same = (a, b) => a?.value === b?.value;

/** The initial option as it stands in the list of options, when it stands there. */
const listed = (element, option) => (option ? (allOptions(element).find((one) => same(one, option)) ?? option) : null);

const current = (element) => (element.default_to_current_conversation && directory.current) || null;

const START = {
  plain_text_input: (e) => ({ value: e.initial_value ?? null }),
  email_text_input: (e) => ({ value: e.initial_value ?? null }),
  url_text_input: (e) => ({ value: e.initial_value ?? null }),
  number_input: (e) => ({ value: e.initial_value ?? null }),
  rich_text_input: (e) => ({ rich_text_value: e.initial_value ?? null }),
  static_select: (e) => ({ selected_option: listed(e, e.initial_option) }),
  external_select: (e) => ({ selected_option: e.initial_option ?? null }),
  radio_buttons: (e) => ({ selected_option: listed(e, e.initial_option) }),
  checkboxes: (e) => ({ selected_options: (e.initial_options ?? []).map((one) => listed(e, one)) }),
  multi_static_select: (e) => ({ selected_options: (e.initial_options ?? []).map((one) => listed(e, one)) }),
  multi_external_select: (e) => ({ selected_options: e.initial_options ?? [] }),
  users_select: (e) => ({ selected_user: e.initial_user ?? null }),
  multi_users_select: (e) => ({ selected_users: e.initial_users ?? [] }),
  channels_select: (e) => ({ selected_channel: e.initial_channel ?? null }),
  multi_channels_select: (e) => ({ selected_channels: e.initial_channels ?? [] }),
  conversations_select: (e) => ({ selected_conversation: e.initial_conversation ?? current(e) }),
  multi_conversations_select: (e) => ({ selected_conversations: e.initial_conversations ?? [] }),
  datepicker: (e) => ({ selected_date: e.initial_date ?? null }),
  timepicker: (e) => ({ selected_time: e.initial_time ?? null }),
  datetimepicker: (e) => ({ selected_date_time: e.initial_date_time ?? null }),
};

/** The value an element starts with, with its type; null for elements that hold none (buttons, images, overflow). */
export const initialValue = (element) => (START[element.type] ? { type: element.type, ...START[element.type](element) } : null);

/** The one thing a value holds: text, option, id, list of them, or null. */
export const held = (value) => Object.entries(value).find(([name]) => name !== "type" && name !== "timezone")?.[1] ?? null;

const empty = (content) => content === null || content === "" || (Array.isArray(content) && content.length === 0);

/** What Slack's own client says before sending anything, by block_id; {} when all is well. */
export function problems(surface) {
  const found = {};
  for (const [block, element] of surface.inputs()) {
    if (block.type !== "input") continue;
    const words = problem(block, element, held(surface.value(block, element)));
    if (words) found[block.block_id] = words;
  }
  return found;
}

function problem(block, element, content) {
  if (empty(content)) return block.optional ? null : "Please complete this required field.";
  const { length } = typeof content === "string" ? content : [];
  if (element.type === "plain_text_input" && element.min_length > length) {
    return `Must be at least ${element.min_length} characters.`;
  }
  if (element.max_length && length > element.max_length) return `Must be less than ${element.max_length + 1} characters.`;
  return (FORMATS[element.type] ?? (() => null))(content, element);
}

const FORMATS = {
  email_text_input: (text) => (/^\S+@\S+\.\S+$/.test(text) ? null : "Please enter a valid email address."),
  url_text_input: (text) => (/^https?:\/\/\S+$/i.test(text) ? null : "Please enter a valid URL."),
  number_input: (text, element) => {
    if (!Number.isFinite(Number(text))) return "Please enter a valid number.";
    if (!element.is_decimal_allowed && !Number.isInteger(Number(text))) return "Please enter a whole number.";
    const { min_value: least = -Infinity, max_value: most = Infinity } = element;
    if (Number(text) < Number(least)) return `Must be at least ${least}.`;
    if (Number(text) > Number(most)) return `Must be at most ${most}.`;
    return null;
  },
};
