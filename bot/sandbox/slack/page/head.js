// The line over the middle: where one is, what it is for, and the switch for the World panel.

import { appChannel, channelName, directory, nameOf, person } from "./directory.js";
import { avatar, h, icon, iconButton, patch } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { pinsButton } from "./pins.js";

/** `onApp`: the app's Home or its messages are on show; then there are tabs. `goTo(message)` shows a pinned message. */
export function drawHead({ root, place, onApp, toggleWorld, goHome, goMessages, goTo }) {
  const title = () => (onApp ? appTitle() : channelTitle(place.channel, goTo));
  const parts = [{ id: "top", build: () => h("div", { class: "head-top" }, title(), worldSwitch(place, toggleWorld)) }];
  if (onApp) parts.push({ id: "tabs", build: () => tabs(place, goHome, goMessages) });
  const stamp = JSON.stringify([place, directory.me, directory.world, directory.channels.get(place.channel), directory.app]);
  patch(root, parts, { key: ({ id }) => id, stamp: () => stamp, build: ({ build }) => build() });
}

/** The line over the thread pane. */
export function drawThreadHead(root, channelId, close) {
  const channel = directory.channels.get(channelId);
  const sign = () => (channel?.is_im ? avatar(person(channel.peer), "tiny") : icon("hash", 13));
  patch(root, ["title", "close"], {
    key: (part) => part,
    stamp: () => `${channelId} ${directory.me}`,
    build: (part) => (part === "title"
      ? h("div", { class: "pane-title" }, h("h2", null, "Thread"), h("p", null, sign(), channelName(channelId)))
      : iconButton("Close thread", "close", close)),
  });
}

function appTitle() {
  const app = directory.app;
  const face = avatar({ id: app.bot_user, is_bot: true }, "tiny");
  return h("div", { class: "head-title" }, h("h1", null, face, app.name, h("span", { class: "app-badge" }, "APP")));
}

function channelTitle(id, goTo) {
  const channel = directory.channels.get(id);
  if (!channel) return h("div", { class: "head-title" }, h("h1", null, ""));
  if (channel.is_im) {
    const peer = person(channel.peer);
    const name = h("h1", null, avatar(peer, "tiny"), peer.real_name);
    return h("div", { class: "head-title" }, name, h("p", { class: "head-topic" }, peer.title));
  }
  const topic = channel.topic || channel.purpose;
  return h("div", { class: "head-title" },
    h("h1", null, icon(channel.is_private ? "lock" : "hash", 18), channelName(id)),
    topic ? h("p", { class: "head-topic", title: plain(topic) }, plain(topic)) : null,
    h("div", { class: "head-side" }, pinsButton(channel, goTo), members(channel)));
}

function members(channel) {
  const ids = channel.members ?? [];
  const names = ids.map(nameOf).join(", ");
  const label = `${ids.length} members: ${names}`;
  return h("span", { class: "head-members", title: names, "aria-label": label }, icon("people", 15), String(ids.length));
}

function worldSwitch(place, toggle) {
  if (!directory.world) return null;
  const on = place.world && place.thread === null;
  return h("button", {
    type: "button", class: `world-switch${on ? " on" : ""}`, dataset: { focus: "world-switch" }, "aria-pressed": String(on),
    onclick: toggle,
  }, icon("globe", 16), "World");
}

function tabs(place, goHome, goMessages) {
  const tab = (label, on, onclick) =>
    h("button", { type: "button", role: "tab", "aria-selected": String(on), dataset: { focus: `tab-${label}` }, onclick }, label);
  const messages = appChannel() ? tab("Messages", !place.home, goMessages) : null;
  return h("div", { class: "tabs", role: "tablist" }, tab("Home", place.home, goHome), messages);
}
