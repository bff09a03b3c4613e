// What people put on messages: reactions under them, and the menus to react, to pin, and to use the app's shortcuts.

import { api } from "./api.js";
import { toast } from "./dialog.js";
import { directory, nameOf } from "./directory.js";
import { h, icon, iconButton, patch } from "./dom.js";
import { emoji, emojiNames } from "./emoji.js";
import { openListbox } from "./popup.js";

const COMMON = ["pushpin", "thumbsup", "eyes", "white_check_mark", "tada", "rotating_light", "fire", "thinking_face"];
const MARKED = new Set(["channel_join", "channel_leave", "group_join", "group_leave", "tombstone"]); // cannot be pinned

const sign = (name) => emoji(name) ?? `:${name}:`;

async function tell(call) {
  const answer = await call;
  if (!answer.ok) toast(answer.message ?? answer.error, true);
}

const mine = (reaction) => reaction.users.includes(directory.me);

/** Puts a reaction on or takes it off, whichever the person has not done yet. */
function toggle({ message, channel }, name) {
  const on = !message.reactions?.some((reaction) => reaction.name === name && mine(reaction));
  tell(api.react({ user: directory.me, channel, ts: message.ts, name, on }));
}

/** The reactions under a message; `item()` gives what the message is now. */
export function drawReactions(root, item) {
  const { message } = item();
  const reactions = message.reactions ?? [];
  const more = reactions.length ? [{ more: true, name: "more", users: [] }] : [];
  patch(root, [...reactions, ...more], {
    key: (one) => (one.more ? "more" : `reaction-${one.name}`),
    stamp: (one) => JSON.stringify([one, directory.me]),
    build: (one) => (one.more ? addButton(item) : reactionButton(one, item)),
  });
  root.hidden = !reactions.length;
}

function reactionButton(reaction, item) {
  const names = reaction.users.map(nameOf).join(", ");
  return h("button", {
    type: "button", class: "reaction", "aria-pressed": String(mine(reaction)), title: `${names} reacted with :${reaction.name}:`,
    "aria-label": `${reaction.count} ${reaction.name}: ${names}`, dataset: { focus: `reaction-${item().message.ts}-${reaction.name}` },
    onclick: () => toggle(item(), reaction.name),
  }, h("span", { class: "emoji" }, sign(reaction.name)), h("span", { class: "reaction-count" }, String(reaction.count)));
}

function addButton(item) {
  const focus = `reaction-add-${item().message.ts}`;
  const node = h("button", {
    type: "button", class: "reaction reaction-add", "aria-label": "Add another reaction", title: "Add another reaction",
    "aria-haspopup": "listbox", dataset: { focus }, onclick: () => openPicker(() => node, item),
  }, icon("smile", 16));
  return node;
}

function openPicker(anchor, item) {
  const load = (typed) => {
    const names = typed ? emojiNames(typed) : COMMON;
    return { items: names.map((name) => ({ id: name, label: `:${name}:`, lead: h("span", { class: "emoji" }, sign(name)) })) };
  };
  const choose = ({ id }) => {
    toggle(item(), id);
    return false;
  };
  openListbox({ anchor, label: "Add a reaction", placeholder: "Search all emoji", load, choose });
}

/** The button that opens the picker from a message's tools. */
export function reactTool(item) {
  const node = iconButton("Add a reaction", "smile", () => openPicker(() => node, item), 16);
  node.setAttribute("aria-haspopup", "listbox");
  return node;
}

/** The button with a message's menu: what one can do with it, and the app's message shortcuts. */
export function moreTool(item) {
  const node = iconButton("Message menu", "more", () => openMenu(() => node, item), 16);
  node.setAttribute("aria-haspopup", "listbox");
  return node;
}

function openMenu(anchor, item) {
  const { message, channel } = item();
  const user = directory.me;
  const { ts } = message;
  const items = [];
  if (!MARKED.has(message.subtype)) {
    const on = !message.pinned_info;
    const label = on ? "Pin to this conversation" : "Unpin from this conversation";
    items.push({ id: "pin", label, lead: h("span", { class: "emoji" }, sign("pushpin")), act: () => api.pin({ user, channel, ts, on }) });
  }
  for (const { name, callback_id, description } of directory.shortcuts) {
    const act = () => api.shortcut({ user, channel, ts, callback_id });
    items.push({ id: callback_id, label: name, detail: description, group: directory.app.name, lead: icon("ship", 16), act });
  }
  const choose = (chosen) => {
    tell(chosen.act());
    return false;
  };
  openListbox({ anchor, label: "Message menu", search: false, load: () => ({ items, note: items.length ? null : "Nothing to do here" }), choose });
}

/** The line over a pinned message, or null. */
export function pinLine(message) {
  if (!message.pinned_info) return null;
  return h("div", { class: "pin-line" }, h("span", { class: "emoji" }, sign("pushpin")), `Pinned by ${nameOf(message.pinned_info.pinned_by)}`);
}
