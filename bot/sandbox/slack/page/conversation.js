// The messages of one channel, direct message or thread, kept up to date while it is on show.

import { api } from "./api.js";
import { Composer } from "./composer.js";
import { dayKey, dayLabel } from "./dates.js";
import { directory } from "./directory.js";
import { h, icon, patch, spinner } from "./dom.js";
import { messageNode, updateMessage } from "./messages.js";

const TOGETHER = 300; // seconds within which one person's messages stand under one name

export class Conversation {
  /** `acts`: {openThread(ts), seen(channel)}; `thread` is true for the side pane. */
  constructor({ root, thread = false, acts }) {
    Object.assign(this, { root, thread, acts, channel: "", ts: null, messages: new Map(), stuck: true, turn: 0, early: null });
    this.list = h("div", { class: "message-list", role: "list", "aria-label": thread ? "Thread" : "Messages" });
    this.note = h("div", { class: "list-note" });
    this.scroller = h("div", { class: "message-scroller", tabindex: 0, "aria-label": "Message history" }, this.note, this.list);
    const pill = { type: "button", class: "new-pill", hidden: true, onclick: () => this.toBottom() };
    this.pill = h("button", pill, icon("down", 14), "New messages");
    this.composer = new Composer({ target: () => ({ channel: this.channel, ...(this.ts ? { thread_ts: this.ts } : {}) }), thread });
    root.replaceChildren(h("div", { class: "message-frame" }, this.scroller, this.pill), this.composer.root);
    this.scroller.addEventListener("scroll", () => this.scrolled());
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.list);
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.scroller);
  }

  /** Shows a channel, or with `ts` a thread of it. */
  async open(channel, ts = null) {
    Object.assign(this, { channel, ts, messages: new Map(), stuck: true });
    patch(this.list, [], {});
    this.note.replaceChildren(h("div", { class: "list-loading" }, spinner(), "Loading…"));
    this.composer.open(channel, ts);
    await this.refresh();
  }

  close() {
    this.channel = "";
    this.turn += 1;
  }

  /** Asks for everything again; what arrives meanwhile is put on top of the answer. */
  async refresh() {
    if (!this.channel) return;
    const turn = (this.turn += 1);
    this.early = [];
    const { me } = directory;
    const answer = this.ts ? await api.thread(me, this.channel, this.ts) : await api.history(me, this.channel);
    if (turn !== this.turn) return;
    const late = this.early;
    this.early = null;
    if (!answer.ok) return this.failed(answer);
    this.messages = new Map(answer.messages.map((message) => [message.ts, message]));
    for (const event of late) this.apply(event);
    this.note.replaceChildren(this.beginning());
    this.draw();
    this.acts.seen?.(this.channel);
  }

  failed(answer) {
    this.note.replaceChildren(h("div", { class: "list-failed", role: "alert" }, `⚠️ ${answer.message ?? answer.error}`,
      h("button", { type: "button", class: "button", onclick: () => this.refresh() }, "Try again")));
  }

  beginning() {
    const channel = directory.channels.get(this.channel);
    if (this.thread || !channel) return "";
    const here = channel.is_im ? "your messages here" : `#${channel.name}`;
    const words = `This is the very beginning of ${here}.`;
    return h("p", { class: "list-begin" }, words, channel.purpose ? h("span", null, ` ${channel.purpose}`) : null);
  }

  /** One live event: message, message_changed or message_deleted. */
  heard(event) {
    if (event.channel !== this.channel) return;
    if (this.early) this.early.push(event);
    else if (this.apply(event)) {
      this.draw();
      if (event.type === "message") this.arrived(event.message);
    }
  }

  /** Takes an event into the messages; true when it concerns what stands here. */
  apply({ type, ts, message }) {
    if (type === "message_deleted") return this.messages.delete(ts);
    if (!this.belongs(message)) return false;
    this.messages.set(message.ts, message);
    return true;
  }

  belongs(message) {
    const root = message.thread_ts ?? message.ts;
    if (this.ts) return root === this.ts;
    return root === message.ts || message.subtype === "thread_broadcast";
  }

  arrived(message) {
    if (message.user === directory.me) this.toBottom();
    else if (!this.stuck) this.pill.hidden = false;
    if (this.stuck) this.acts.seen?.(this.channel);
  }

  draw() {
    const acts = { openThread: (ts) => this.acts.openThread(ts) };
    patch(this.list, this.items(), {
      key: (item) => item.key,
      stamp: (item) => JSON.stringify(item),
      build: (item) => (item.message ? messageNode(item, acts) : dividerNode(item)),
      update: (node, item) => (item.message ? updateMessage(node, item) : node.querySelector("span").replaceChildren(item.label)),
    });
    if (this.stuck) this.toBottom();
  }

  items() {
    const items = [];
    let before = null;
    const sorted = [...this.messages.values()].sort((a, b) => Number(a.ts) - Number(b.ts));
    for (const [at, message] of sorted.entries()) {
      const day = dayKey(Number(message.ts));
      if (!this.thread && (!before || dayKey(Number(before.ts)) !== day)) {
        items.push({ key: `day-${day}`, label: dayLabel(Number(message.ts)) });
        before = null;
      }
      items.push({ key: message.ts, message, compact: compact(before, message), channel: this.channel, inThread: this.thread });
      before = message;
      if (this.thread && at === 0 && sorted.length > 1) {
        items.push({ key: "replies", label: sorted.length === 2 ? "1 reply" : `${sorted.length - 1} replies` });
        before = null;
      }
    }
    return items;
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.stuck = scrollHeight - scrollTop - clientHeight < 40;
    if (this.stuck && !this.pill.hidden) {
      this.pill.hidden = true;
      this.acts.seen?.(this.channel);
    }
  }

  /** Brings a message into view and lets it stand out for a moment. */
  reveal(ts) {
    const node = this.list.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
    if (!node) return;
    this.stuck = false;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("revealed");
    requestAnimationFrame(() => node.classList.add("revealed"));
  }

  toBottom() {
    this.stuck = true;
    this.pill.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

/** Whether a message needs no name of its own: same author, soon after, and neither is a card. */
function compact(before, message) {
  if (!before || before.user !== message.user || Boolean(before.ephemeral) !== Boolean(message.ephemeral)) return false;
  return !message.blocks?.length && !message.bot_id && !message.subtype && Number(message.ts) - Number(before.ts) < TOGETHER;
}

const dividerNode = (item) => h("div", { class: "divider", role: "separator" }, h("span", null, item.label));
