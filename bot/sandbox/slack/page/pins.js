// The pinned messages of a channel: a count in the head that opens their list.

import { api } from "./api.js";
import { clock, dayLabel } from "./dates.js";
import { directory, nameOf } from "./directory.js";
import { h } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { openListbox } from "./popup.js";

/** The button in the head, or null where nothing is pinned. `goTo(message)` shows one. */
export function pinsButton(channel, goTo) {
  const count = channel.pin_count;
  if (!count) return null;
  const label = count === 1 ? "1 pinned message" : `${count} pinned messages`;
  const load = async () => {
    const answer = await api.pins(directory.me, channel.id);
    return answer.ok ? { items: answer.messages.map(itemOf) } : { error: answer.message ?? answer.error };
  };
  const choose = ({ message }) => {
    goTo(message);
    return false;
  };
  const node = h("button", {
    type: "button", class: "head-pins", "aria-label": label, title: label, "aria-haspopup": "listbox", dataset: { focus: "head-pins" },
    onclick: () => openListbox({ anchor: () => document.querySelector(".head-pins"), label: "Pinned messages", search: false, load, choose }),
  }, h("span", { class: "emoji", "aria-hidden": "true" }, "📌"), String(count));
  return node;
}

function itemOf(message) {
  const moment = Number(message.ts);
  const detail = `${nameOf(message.user)} · ${dayLabel(moment)} ${clock(moment)} · pinned by ${nameOf(message.pinned_info.pinned_by)}`;
  return { id: message.ts, label: firstWords(message), detail, message };
}

/** The beginning of what a message says, as bare words. */
function firstWords(message) {
  const block = message.blocks?.find((one) => one.text?.text);
  const words = plain(message.text || block?.text.text || "(a message)").replaceAll(/<[^|>]*\|([^>]*)>/g, "$1").replaceAll(/[*_~`]/g, "");
  return words.length > 120 ? `${words.slice(0, 119)}…` : words;
}
