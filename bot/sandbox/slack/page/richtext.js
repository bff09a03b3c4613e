// rich_text blocks: what Slack's own composer makes, and what bots may send.

import { fillDate } from "./dates.js";
import { channelName } from "./directory.js";
import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { groupMention, mention } from "./mrkdwn.js";

const INLINE = {
  text: (part) => part.text,
  link: (part) => link(part.url, part.text || part.url),
  emoji: (part) => emoji(part.name) ?? `:${part.name}:`,
  user: (part) => mention(part.user_id),
  usergroup: (part) => groupMention(part.usergroup_id),
  channel: (part) => h("span", { class: "mention" }, `#${channelName(part.channel_id)}`),
  broadcast: (part) => h("span", { class: "mention mention-me" }, `@${part.range}`),
  date: dateNode,
  color: (part) => part.value,
};

function dateNode(part) {
  const words = fillDate(part.timestamp, part.format) ?? part.fallback ?? String(part.timestamp);
  return part.url ? link(part.url, words) : h("time", null, words);
}

const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u", highlight: "mark", code: "code" };

function styled(part) {
  const draw = INLINE[part.type];
  let node = draw ? draw(part) : (part.text ?? "");
  for (const [style, tag] of Object.entries(STYLES)) if (part.style?.[style]) node = h(tag, null, node);
  return lines(node);
}

/** Line ends inside a text element become breaks, as in Slack. */
function lines(node) {
  if (typeof node !== "string") return [node];
  return node.split("\n").flatMap((line, at) => (at ? [h("br"), line] : [line]));
}

const parts = (elements) => (elements ?? []).flatMap(styled);

const SECTIONS = {
  rich_text_section: (block) => h("p", { class: "rich-section" }, parts(block.elements)),
  rich_text_quote: (block) => h("blockquote", null, parts(block.elements)),
  rich_text_preformatted: (block) => h("pre", { tabindex: 0 }, (block.elements ?? []).map((part) => part.text ?? part.url ?? "")),
  rich_text_list: list,
};

function list(block) {
  const props = { class: `rich-list indent-${Math.min(block.indent ?? 0, 5)}${block.border ? " bordered" : ""}` };
  if (block.style === "ordered") props.start = (block.offset ?? 0) + 1;
  const items = (block.elements ?? []).map((item) => h("li", null, parts(item.elements)));
  return h(block.style === "ordered" ? "ol" : "ul", props, items);
}

export const richText = (block) => h("div", { class: "rich" }, (block.elements ?? []).map((one) => SECTIONS[one.type]?.(one)));
