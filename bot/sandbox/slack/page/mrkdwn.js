// Slack's mrkdwn as DOM nodes.

import { fillDate } from "./dates.js";
import { channelName, directory, nameOf } from "./directory.js";
import { h, link } from "./dom.js";
import { emoji, withEmoji } from "./emoji.js";

const MARKS = { "*": "strong", _: "em", "~": "s" };
const URL_TEXT = /^https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}*_~]/;
const BROADCASTS = ["here", "channel", "everyone"];

/** The three entities Slack decodes, and no others. */
export const decode = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** mrkdwn text as nodes. `verbatim` leaves bare addresses unlinked, as Slack does. */
export function mrkdwn(text, { verbatim = false } = {}) {
  return text.split(/(```[\s\S]+?```)/).flatMap((part) => {
    if (part.length > 6 && part.startsWith("```") && part.endsWith("```")) return [preformatted(part.slice(3, -3))];
    return part === "" ? [] : paragraphs(part, verbatim);
  });
}

/** A plain_text object's text: entities decoded, shortcodes replaced, nothing else. */
export const plain = (text, emojis = true) => (emojis ? withEmoji(decode(text)) : decode(text));

/** A text object of either type as nodes. */
export function textNodes(object) {
  if (!object) return [];
  if (typeof object === "string") return [plain(object)];
  return object.type === "mrkdwn" ? mrkdwn(object.text, object) : [plain(object.text, object.emoji !== false)];
}

/** A text object as bare words, for labels that screen readers say. */
export const textOf = (object) => (object ? plain(typeof object === "string" ? object : object.text) : "");

const preformatted = (text) => h("pre", { tabindex: 0 }, inline(text.replace(/^\n|\n$/g, ""), { bare: true }));

function paragraphs(text, verbatim) {
  const nodes = [];
  let quoted = [];
  const flush = () => {
    if (quoted.length) nodes.push(h("blockquote", null, joinLines(quoted, verbatim)));
    quoted = [];
  };
  let words = [];
  const say = () => {
    if (words.length) nodes.push(...joinLines(words, verbatim));
    words = [];
  };
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    const rest = line.match(/^(?:&gt;|>)(?:&gt;&gt;|>>)?\s?(.*)$/);
    if (rest) {
      say();
      if (/^(?:&gt;|>){3}/.test(line)) {
        quoted.push(rest[1], ...lines.slice(at + 1));
        break;
      }
      quoted.push(rest[1]);
    } else {
      flush();
      words.push(line);
    }
  }
  flush();
  say();
  return nodes;
}

function joinLines(lines, verbatim) {
  return lines.flatMap((line, at) => [...(at ? [h("br")] : []), ...inline(line, { verbatim })]);
}

/** One line. `bare`: inside code, where only tokens and entities mean anything. */
function inline(text, { bare = false, verbatim = false } = {}) {
  const nodes = [];
  let words = "";
  const flush = () => {
    if (words) nodes.push(decode(words));
    words = "";
  };
  for (let at = 0; at < text.length; ) {
    const found = tokenAt(text, at) ?? (bare ? null : formatAt(text, at, verbatim));
    if (found) {
      flush();
      nodes.push(found.node);
      at += found.length;
    } else {
      words += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

const formatAt = (text, at, verbatim) => spanAt(text, at, verbatim) ?? emojiAt(text, at) ?? urlAt(text, at, verbatim);

function tokenAt(text, at) {
  if (text[at] !== "<") return null;
  const end = text.indexOf(">", at);
  if (end < 0 || text.slice(at + 1, end).includes("<")) return null;
  const inner = text.slice(at + 1, end);
  const node = inner ? token(inner) : null;
  return node === null ? null : { node, length: end + 1 - at };
}

function token(inner) {
  const cut = inner.indexOf("|");
  const target = cut < 0 ? inner : inner.slice(0, cut);
  const label = cut < 0 ? null : decode(inner.slice(cut + 1));
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${label || channelName(target.slice(1))}`);
  if (target.startsWith("!")) return special(target.slice(1), label);
  if (/^(https?:|mailto:)/i.test(target)) {
    const address = decode(target);
    return link(address, label ? withEmoji(label) : address.replace(/^mailto:/i, ""));
  }
  return /^[a-z][a-z0-9+.-]*:/i.test(target) ? h("span", { class: "dead-link" }, label ?? decode(target)) : null;
}

export function mention(id, label) {
  const mine = id === directory.me ? " mention-me" : "";
  const known = directory.users.has(id) || !label;
  return h("span", { class: `mention${mine}` }, `@${known ? nameOf(id) : label}`);
}

export function groupMention(id, label) {
  const group = directory.groups.get(id);
  const mine = group?.users?.includes(directory.me) ? " mention-me" : "";
  return h("span", { class: `mention${mine}` }, group ? `@${group.handle}` : (label ?? `@${id}`));
}

function special(target, label) {
  if (target.startsWith("date^")) return date(target.slice(5), label);
  if (target.startsWith("subteam^")) return groupMention(target.slice(8), label);
  if (BROADCASTS.includes(target)) return h("span", { class: "mention mention-me" }, `@${target}`);
  return h("span", null, label ?? `<!${target}>`);
}

function date(target, fallback) {
  const [unix, template = "", address] = target.split("^");
  const words = fillDate(Number(unix), decode(template)) ?? fallback ?? target;
  const node = h("time", { datetime: isoOf(unix), title: fillDate(Number(unix), "{date_long} {time_secs}") }, words);
  return address ? link(decode(address), node) : node;
}

function isoOf(unix) {
  const moment = new Date(Number(unix) * 1000);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}

const edge = (letter) => letter === undefined || !/[\p{L}\p{N}]/u.test(letter);
// A zero-width character just inside a mark is how bots keep a person's text from being formatted.
const FORMATTED = /^[^\s\u200b\u2060](.*[^\s\u200b\u2060])?$/;

/** `*bold*` and its kin: opened at a word's start, closed at its end, on one line, never across a token. */
function spanAt(text, at, verbatim) {
  const mark = text[at];
  if (mark !== "`" && !MARKS[mark]) return null;
  if (!edge(text[at - 1])) return null;
  for (let end = text.indexOf(mark, at + 1); end > 0; end = text.indexOf(mark, end + 1)) {
    const inner = text.slice(at + 1, end);
    if (mark === "`" ? inner.length === 0 : !FORMATTED.test(inner)) continue;
    if (!edge(text[end + 1]) || insideToken(inner)) continue;
    const node = mark === "`" ? h("code", null, inline(inner, { bare: true })) : h(MARKS[mark], null, inline(inner, { verbatim }));
    return { node, length: end + 1 - at };
  }
  return null;
}

const insideToken = (inner) => inner.lastIndexOf("<") > inner.lastIndexOf(">");

function emojiAt(text, at) {
  const code = text[at] === ":" ? text.slice(at).match(/^:([\w+-]+)(?:::skin-tone-\d)?:/) : null;
  const sign = code && emoji(code[1]);
  return sign ? { node: h("span", { class: "emoji", title: `:${code[1]}:` }, sign), length: code[0].length } : null;
}

function urlAt(text, at, verbatim) {
  if (verbatim || text[at] !== "h" || !edge(text[at - 1])) return null;
  const found = text.slice(at).match(URL_TEXT);
  return found ? { node: link(decode(found[0]), decode(found[0])), length: found[0].length } : null;
}
