// Where people write: Enter sends, Shift+Enter makes a line, "/" offers commands.

import { api } from "./api.js";
import { suggestions } from "./completion.js";
import { channelName, directory, nameOf, people } from "./directory.js";
import { avatar, h, icon, spinner } from "./dom.js";

const READ_ONLY = "Sending messages to this app has been turned off.";
const drafts = new Map();
const sent = [];

export class Composer {
  /** `target()` -> {channel, thread_ts?}, where the words go. */
  constructor({ target, thread }) {
    const id = thread ? "thread-offers" : "offers";
    Object.assign(this, { target, thread, id, offers: [], active: -1, moved: false, key: "", back: 0 });
    this.offerList = h("div", { class: "offers", role: "listbox", id: this.id, "aria-label": "Suggestions", hidden: true });
    this.field = h("textarea", {
      class: "composer-field", rows: 1, role: "combobox", "aria-autocomplete": "list", "aria-controls": id,
      "aria-expanded": "false", autocomplete: "off",
      oninput: () => this.typed(), onkeydown: (event) => this.pressed(event), onblur: () => this.offer([]),
    });
    this.sendButton = h("button", {
      type: "button", class: "send", "aria-label": "Send", title: "Send (Enter)", onclick: () => this.send(),
    }, icon("send", 16));
    this.hint = h("span", { class: "composer-hint" });
    this.problem = h("div", { class: "composer-problem", role: "alert", hidden: true });
    const box = h("div", { class: "composer-box" }, this.field, h("div", { class: "composer-bar" }, this.hint, this.sendButton));
    this.closed = h("p", { class: "composer-closed", hidden: true });
    this.box = box;
    this.root = h("div", { class: "composer" }, this.offerList, this.problem, box, this.closed);
  }

  open(channel, ts) {
    this.key = `${directory.me} ${channel} ${ts ?? ""}`;
    this.field.value = drafts.get(this.key) ?? "";
    const conversation = directory.channels.get(channel);
    const name = conversation?.is_im ? channelName(channel) : `#${channelName(channel)}`;
    this.field.placeholder = this.thread ? "Reply…" : `Message ${name}`;
    this.field.setAttribute("aria-label", this.thread ? "Reply in thread" : `Message ${name}`);
    this.problem.hidden = true;
    this.allow();
    this.typed();
    this.offer([]);
  }

  /** Closed where nobody can write: an archived channel, the messages of an app that wants none. */
  allow() {
    const channel = directory.channels.get(this.target().channel);
    const readOnly = channel?.peer === directory.app.bot_user && directory.app.messages_read_only;
    this.closed.textContent = channel?.is_archived ? "This channel is archived." : READ_ONLY;
    this.closed.hidden = !(channel?.is_archived || readOnly);
    this.box.hidden = !this.closed.hidden;
  }

  typed() {
    drafts.set(this.key, this.field.value);
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 240)}px`;
    this.sendButton.disabled = this.field.value.trim() === "";
    this.moved = false;
    const before = this.field.value.slice(0, this.field.selectionStart);
    const known = { commands: directory.commands, people: people(), groups: [...directory.groups.values()] };
    this.offer(suggestions(before, { ...known, inThread: this.thread }));
    this.hint.textContent = this.usage() ?? `${nameOf(directory.me)} · Enter sends, Shift+Enter makes a new line`;
  }

  /** What the command being typed takes, once its name stands. */
  usage() {
    const [word] = this.field.value.split(/\s/);
    const command = !this.thread && directory.commands.find((one) => one.command === word);
    return command ? `${command.command} ${command.usage_hint ?? ""}` : null;
  }

  offer(offers) {
    this.offers = offers;
    this.active = offers.length ? 0 : -1;
    this.offerList.hidden = offers.length === 0;
    this.field.setAttribute("aria-expanded", String(offers.length > 0));
    this.offerList.replaceChildren(...offers.map((one, at) => this.offerNode(one, at)));
    this.mark();
  }

  offerNode(one, at) {
    return h("div", {
      class: "offer", role: "option", id: `${this.id}-${at}`,
      onpointerdown: (event) => event.preventDefault(), onclick: () => this.take(one),
    },
    one.person ? avatar(one.person, "tiny") : null,
    h("span", { class: "offer-words" },
      h("b", null, one.label), one.args ? h("span", { class: "offer-args" }, ` ${one.args}`) : null),
    one.detail ? h("span", { class: "offer-detail" }, one.detail) : null);
  }

  mark() {
    const nodes = [...this.offerList.children];
    for (const [at, node] of nodes.entries()) node.setAttribute("aria-selected", String(at === this.active));
    if (this.active < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
    nodes[this.active]?.scrollIntoView({ block: "nearest" });
  }

  take(one) {
    const rest = this.field.value.slice(this.field.selectionStart);
    const start = this.field.value.slice(0, one.from) + one.insert;
    this.field.value = start + rest.trimStart();
    this.field.setSelectionRange(start.length, start.length);
    this.typed();
    this.field.focus();
  }

  pressed(event) {
    if (event.isComposing) return;
    if (this.offers.length && this.pressedInOffers(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && (this.field.value === "" || this.back)) this.recall(event, 1);
    else if (event.key === "ArrowDown" && this.back) this.recall(event, -1);
    else this.back = 0;
  }

  /** True when the key was for the suggestions. */
  pressedInOffers({ key, shiftKey }) {
    const chosen = this.offers[this.active];
    if (key === "ArrowDown" || key === "ArrowUp") {
      const { length } = this.offers;
      this.active = (this.active + (key === "ArrowDown" ? 1 : length - 1)) % length;
      this.moved = true;
      this.mark();
    } else if (key === "Tab" && !shiftKey) this.take(chosen);
    else if (key === "Enter" && !shiftKey && (this.moved || !this.offers.some((one) => one.exact || one.soft))) this.take(chosen);
    else if (key === "Escape") this.offer([]);
    else return false;
    return true;
  }

  recall(event, step) {
    const mine = sent.filter((one) => one.user === directory.me);
    this.back = Math.max(0, Math.min(this.back + step, mine.length));
    if (!mine.length) return;
    event.preventDefault();
    this.field.value = this.back ? mine.at(-this.back).text : "";
    this.typed();
    this.offer([]);
  }

  async send() {
    const text = this.field.value.trimEnd();
    if (text === "" || this.sendButton.disabled) return;
    const { key } = this;
    sent.push({ user: directory.me, text });
    this.back = 0;
    this.offer([]);
    this.clear();
    this.sendButton.replaceChildren(spinner());
    const answer = await api.say({ user: directory.me, text, ...this.target() });
    this.sendButton.replaceChildren(icon("send", 16));
    if (!answer.ok) this.failed(key, text, answer);
  }

  clear() {
    this.field.value = "";
    this.problem.hidden = true;
    this.typed();
  }

  /** Says what went wrong and gives the words back, unless new ones stand there by now. */
  failed(key, text, answer) {
    if (!drafts.get(key)) drafts.set(key, text);
    if (key !== this.key) return;
    this.problem.textContent = `⚠️ ${answer.message ?? answer.error}`;
    this.problem.hidden = false;
    if (this.field.value) return;
    this.field.value = text;
    this.typed();
    this.offer([]);
  }
}
