// One message: who, when, what, and what hangs on it.

import { clock, fillDate, fullTime } from "./dates.js";
import { directory, isSlackbot, person } from "./directory.js";
import { avatar, h, icon, iconButton, patch } from "./dom.js";
import { drawReactions, moreTool, pinLine, reactTool } from "./marks.js";
import { mrkdwn } from "./mrkdwn.js";
import { Surface } from "./surface.js";

const faces = new WeakMap();
const QUIET = new Set(["channel_join", "channel_leave", "channel_topic", "channel_purpose", "group_join", "group_leave"]);

/** `item`: {message, compact, channel, inThread}. `acts`: {openThread(ts)}. */
export function messageNode(item, acts) {
  const { message } = item;
  const face = {
    acts, item,
    side: h("div", { class: "message-side" }),
    head: h("div", { class: "message-head" }),
    body: h("div", { class: "message-body" }),
    reactions: h("div", { class: "message-reactions", role: "group", "aria-label": "Reactions" }),
    foot: h("div", { class: "message-foot" }),
    tools: h("div", { class: "message-tools" }),
  };
  const main = h("div", { class: "message-main" }, face.head, face.body, face.reactions, face.foot);
  const node = h("article", { role: "listitem", dataset: { ts: message.ts } }, face.side, main, face.tools);
  faces.set(node, face);
  updateMessage(node, item);
  return node;
}

/** Mends a message in place, block by block, so that an edit disturbs nobody who is using it. */
export function updateMessage(node, item) {
  const face = faces.get(node);
  face.item = item;
  const { message, compact } = item;
  const author = authorOf(message);
  const kinds = {
    compact, ephemeral: message.ephemeral, failed: message.error, quiet: QUIET.has(message.subtype), pinned: message.pinned_info,
  };
  node.className = ["message", ...Object.keys(kinds).filter((kind) => kinds[kind])].join(" ");
  node.setAttribute("aria-label", `${author.real_name}, ${clock(Number(message.ts))}`);
  const time = h("time", { class: "message-time", title: fullTime(Number(message.ts)) }, clock(Number(message.ts)));
  face.side.replaceChildren(compact ? time : avatar(author));
  face.head.replaceChildren(...head(message, author, compact ? null : time));
  patch(face.body, parts(item), {
    key: (part) => part.key,
    stamp: (part) => JSON.stringify(part.content),
    build: (part) => buildPart(part, face),
    update: updatePart,
  });
  drawReactions(face.reactions, () => face.item);
  keep(face.foot, [threadLink(face)]);
  keep(face.tools, toolsOf(face));
}

/** Shows these children, leaving each alone while it says the same. */
function keep(root, children) {
  const items = children.filter(Boolean);
  patch(root, items, { key: ({ key }) => key, stamp: ({ stamp }) => stamp, build: ({ build }) => build() });
}

function authorOf(message) {
  const user = person(message.user ?? directory.app.bot_user);
  if (!message.bot_id && !user.is_bot) return user;
  return { ...user, real_name: message.username ?? user.real_name, is_bot: true };
}

function head(message, author, time) {
  const whisper = message.ephemeral ? [h("div", { class: "only-you" }, icon("eye", 13), "Only visible to you")] : [];
  const above = [...whisper, pinLine(message)].filter(Boolean);
  if (!time) return above;
  const badge = author.is_bot && !isSlackbot(author.id) ? h("span", { class: "app-badge" }, "APP") : null;
  return [...above, h("div", { class: "message-who" }, h("span", { class: "message-name" }, author.real_name), badge, time)];
}

/** What a message is made of, each with a key under which it stays itself through edits. */
function parts({ message, channel }) {
  const edited = message.edited ? fullTime(Number(message.edited.ts)) : null;
  const list = [];
  if (message.blocks?.length) list.push({ key: "blocks", content: message.blocks });
  else if (message.text) list.push({ key: "text", content: { text: joined(message, channel) ?? message.text, edited } });
  for (const [at, content] of (message.attachments ?? []).entries()) list.push({ key: `attachment-${at}`, content });
  if (edited && message.blocks?.length) list.push({ key: "edited", content: edited });
  return list;
}

/** How Slack words somebody's coming, in place of the text it stores; null for other messages. */
function joined({ subtype, inviter }, channel) {
  if (subtype !== "channel_join" && subtype !== "group_join") return null;
  return inviter ? `was added to <#${channel}> by <@${inviter}>.` : `joined <#${channel}>.`;
}

const surfaces = new WeakMap();

function containerOf(face) {
  const { message, channel } = face.item;
  return { type: "message", channel, ts: message.ts, is_ephemeral: message.ephemeral };
}

function buildPart({ key, content }, face) {
  if (key === "text") return h("div", { class: "message-text" }, mrkdwn(content.text), editedMark(content.edited));
  if (key === "edited") return editedMark(content);
  const root = h("div", { class: "blocks" });
  const surface = new Surface({ root, container: () => containerOf(face) });
  const node = key === "blocks" ? root : attachmentNode(content, root);
  surfaces.set(node, surface);
  surface.render(key === "blocks" ? content : (content.blocks ?? []));
  return node;
}

function updatePart(node, { key, content }) {
  if (key === "text") node.replaceChildren(...mrkdwn(content.text), editedMark(content.edited) ?? "");
  else if (key === "edited") node.title = content;
  else if (key === "blocks") surfaces.get(node).render(content);
  else {
    attachmentFrame(node, content);
    surfaces.get(node).render(content.blocks ?? []);
  }
}

const editedMark = (when) => (when ? h("span", { class: "edited", title: when }, " (edited)") : null);

function attachmentNode(attachment, root) {
  const node = h("div", { class: "attachment" }, h("div", { class: "attachment-words" }), root);
  attachmentFrame(node, attachment);
  return node;
}

const TONES = { good: "#0a7d66", warning: "#c77a00", danger: "#c4314b" };

function attachmentFrame(node, attachment) {
  const hex = attachment.color?.match(/^#?([0-9a-f]{6})$/i);
  node.style.borderLeftColor = TONES[attachment.color] ?? (hex ? `#${hex[1]}` : "");
  const words = [attachment.pretext, attachment.title && `*${attachment.title}*`, attachment.text].filter(Boolean);
  const shown = words.length || attachment.blocks?.length ? words : [attachment.fallback ?? ""];
  node.firstChild.replaceChildren(...shown.map((text) => h("div", null, mrkdwn(text))));
}

function threadLink(face) {
  const { message, inThread } = face.item;
  if (!message.reply_count || inThread) return null;
  const words = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  const build = () => h("button", {
    type: "button", class: "thread-link", dataset: { focus: `thread-${message.ts}` },
    onclick: () => face.acts.openThread(message.ts),
  },
  (message.reply_users ?? []).slice(0, 4).map((id) => avatar(person(id), "tiny")),
  h("span", { class: "thread-count" }, words),
  h("span", { class: "thread-last" }, message.latest_reply ? lastReply(message) : ""),
  h("span", { class: "thread-open" }, "View thread"));
  return { key: "thread", stamp: `${message.reply_count} ${message.latest_reply}`, build };
}

const lastReply = (message) => fillDate(Number(message.latest_reply), "Last reply {date_short_pretty} at {time}");

/** What stands over a message one points at: react, reply in its thread, its menu. */
function toolsOf(face) {
  const { message, inThread } = face.item;
  if (message.ephemeral || message.subtype === "tombstone") return [];
  const item = () => face.item;
  const reply = () => iconButton("Reply in thread", "reply", () => face.acts.openThread(face.item.message.ts), 16);
  return [
    { key: "react", stamp: "", build: () => reactTool(item) },
    inThread ? null : { key: "reply", stamp: "", build: reply },
    { key: "more", stamp: "", build: () => moreTool(item) },
  ];
}
