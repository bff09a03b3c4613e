// Every kind of select: single and multi; of options, people, channels, conversations, or asked of the bot while typing.

import { channelName, directory, isSlackbot, nameOf, person } from "./directory.js";
import { avatar, findFocus, h, icon, spinner } from "./dom.js";
import { plain, textNodes, textOf } from "./mrkdwn.js";
import { openListbox } from "./popup.js";
import { held } from "./values.js";

const optionItem = (option, group) => ({
  id: option.value, label: textOf(option.text), nodes: textNodes(option.text), detail: textOf(option.description),
  group: group && textOf(group), value: option,
});

function optionItems(source) {
  if (source.option_groups?.length) return source.option_groups.flatMap((one) => one.options.map((o) => optionItem(o, one.label)));
  return (source.options ?? []).map((option) => optionItem(option));
}

const personItem = (one) => ({
  id: one.id, label: one.real_name || one.name, detail: one.title, lead: avatar(one, "tiny"), value: one.id,
});
const channelItem = (one) => ({
  id: one.id, label: one.is_im ? nameOf(one.peer) : `${one.is_private ? "🔒 " : "#"}${one.name}`, value: one.id,
});

const choosable = (one) => !one.deleted && !isSlackbot(one.id);
const allChannels = (keep) => [...directory.channels.values()].filter((one) => !one.is_archived && keep(one)).map(channelItem);
const kindOf = (channel) => (channel.is_im ? "im" : channel.is_private ? "private" : "public");

/** Where a select's items come from and which field of its value they fill. */
const KINDS = {
  static_select: { field: "option", items: (element) => optionItems(element) },
  external_select: { field: "option", items: (element) => optionItems(element), asks: true },
  users_select: { field: "user", items: () => [...directory.users.values()].filter(choosable).map(personItem) },
  channels_select: { field: "channel", items: () => allChannels((one) => !one.is_im && !one.is_private) },
  conversations_select: { field: "conversation", items: conversations },
};

function conversations(element) {
  const { include, exclude_bot_users: noBots } = element.filter ?? {};
  const wanted = (one) => (!include || include.includes(kindOf(one))) && !(noBots && one.is_im && person(one.peer).is_bot);
  return allChannels(wanted);
}

/** A value (option or id) as the item that shows it. */
function itemOf(kind, value) {
  if (kind.field === "option") return optionItem(value);
  if (kind.field === "user") return personItem(person(value));
  const known = directory.channels.get(value);
  return known ? channelItem(known) : { id: value, label: channelName(value), value };
}

export function selectField(context, multi) {
  const { element, block, surface, words, focus, chosen } = context;
  const kind = KINDS[element.type.replace("multi_", "")];
  const fieldName = `selected_${kind.field}${multi ? "s" : ""}`;
  const now = () => [held(surface.value(block, element)) ?? []].flat();
  const picked = now().map((value) => itemOf(kind, value));
  const anchor = () => findFocus(surface.root, focus, element.action_id);
  const set = (values) => chosen({ [fieldName]: multi ? values : (values[0] ?? null) });
  const idOf = (value) => value.value ?? value;
  const choose = (item) => {
    if (!multi) {
      set([item.value]);
      return false;
    }
    const rest = now().filter((value) => idOf(value) !== item.id);
    const adding = rest.length === now().length;
    if (!adding || now().length < (element.max_selected_items ?? Infinity)) set(adding ? [...rest, item.value] : rest);
    return true;
  };
  const open = () => openListbox({
    anchor, choose, label: words.label ?? (textOf(element.placeholder) || "Options"),
    isChosen: (item) => now().some((value) => idOf(value) === item.id),
    load: loader(context, kind, multi ? () => now().length : null),
    placeholder: kind.asks ? "Type to search" : "Filter",
  });
  const trigger = triggerNode(context, picked, multi, open);
  const clear = !multi && block.optional && picked.length
    ? h("button", { type: "button", class: "quiet-button", onclick: () => set([]) }, "Clear") : null;
  const chips = multi && picked.length ? picked.map((item) => chip(item, () => choose(item))) : null;
  const busy = surface.isPending(block, element) ? spinner() : null;
  const row = h("div", { class: "select-row" }, trigger, clear, busy);
  return h("div", { class: "select-wrap" }, chips && h("div", { class: "chips" }, chips), row);
}

function triggerNode({ element, block, surface, words, focus }, picked, multi, open) {
  const shown = !multi && picked.length ? picked[0] : null;
  const hint = textOf(element.placeholder) || (multi ? "Add…" : "Choose an option");
  const byKey = (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    open();
  };
  return h("button", {
    type: "button", class: `select${shown ? "" : " empty"}`, dataset: { focus, action: element.action_id },
    "aria-haspopup": "listbox", "aria-label": words.labelledby ? null : `${hint}${shown ? `: ${shown.label}` : ""}`,
    "aria-labelledby": words.labelledby ? `${words.labelledby} ${words.labelledby}-value` : null,
    "aria-describedby": words.describedby || null,
    "aria-invalid": surface.errors[block.block_id] ? "true" : null, onclick: open, onkeydown: byKey,
  },
  shown?.lead ?? null,
  h("span", { class: "select-words", id: words.labelledby && `${words.labelledby}-value` }, shown?.nodes ?? shown?.label ?? hint),
  icon("chevron", 14));
}

function chip(item, remove) {
  const props = { type: "button", class: "chip-remove", "aria-label": `Remove ${item.label}`, onclick: remove };
  return h("span", { class: "chip" }, item.label, h("button", props, icon("close", 11)));
}

/** What the open menu shows for the typed words. `count`, for multi-selects, tells how many are chosen by now. */
function loader({ element, block, surface }, kind, count) {
  const most = element.max_selected_items;
  const full = () => (count && most && count() >= most ? `You can choose ${most} at most.` : null);
  if (kind.asks) return asked(element, block, surface, full);
  const items = kind.items(element);
  return (typed) => {
    const needle = typed.trim().toLowerCase();
    const fits = (item) => item.label.toLowerCase().includes(needle) || item.detail?.toLowerCase().includes(needle);
    return { items: items.filter(fits), ...(full() ? { note: full() } : {}) };
  };
}

/** An external select asks the bot, once typing pauses, for at least min_query_length letters (3 unless told, as Slack). */
function asked(element, block, surface, full) {
  const least = element.min_query_length ?? 3;
  const answers = new Map();
  let turn = 0;
  const ask = async (typed) => {
    const mine = (turn += 1);
    await new Promise((done) => setTimeout(done, typed ? 180 : 0));
    if (mine !== turn) return { items: [] };
    const answer = await surface.suggest(block, element, typed);
    if (!answer.ok) return { error: `⚠️ ${answer.message ?? answer.error}` };
    const found = { items: optionItems(answer), ...(full() ? { note: full() } : {}) };
    answers.set(typed, found);
    return found;
  };
  return (typed) => {
    if (typed.length < least) return { note: plain(`Type ${least === 1 ? "a letter" : `${least} letters or more`} to search`) };
    return answers.get(typed) ?? ask(typed);
  };
}
