// Layout blocks.

import { elementNode } from "./elements.js";
import { h, safeUrl } from "./dom.js";
import { textNodes, textOf } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const BLOCKS = {
  header: (block) => h("h3", { class: "kit-header" }, textNodes(block.text)),
  section,
  divider: () => h("hr", { class: "kit-divider" }),
  context: (block) => h("div", { class: "kit-context" }, block.elements.map(contextPart)),
  actions: (block, surface) => h("div", { class: "kit-actions" }, block.elements.map((one) => elementNode(one, block, surface))),
  image,
  input,
  rich_text: richText,
  video: (block) => h("div", { class: "kit-unknown" }, textOf(block.title)),
};

/** One block as a node; blocks of a kind the page does not know say so rather than vanish. */
export function blockNode(block, surface) {
  const draw = BLOCKS[block.type];
  const unknown = () => h("div", { class: "kit-unknown" }, `This page cannot show a “${block.type}” block.`);
  const node = draw ? draw(block, surface) : unknown();
  return h("div", { class: `kit kit-${block.type}-block`, dataset: { block: block.block_id } }, node);
}

function section(block, surface) {
  const fields = block.fields?.map((field) => h("div", { class: "kit-field" }, textNodes(field)));
  const words = h("div", { class: "kit-words" },
    block.text ? h("div", { class: "kit-text" }, textNodes(block.text)) : null,
    fields ? h("div", { class: "kit-fields" }, fields) : null);
  if (!block.accessory) return h("div", { class: "kit-section" }, words);
  const side = h("div", { class: "kit-accessory" }, elementNode(block.accessory, block, surface));
  return h("div", { class: "kit-section" }, words, side);
}

function contextPart(part) {
  if (part.type === "image") return h("img", { class: "kit-context-image", src: safeUrl(part.image_url), alt: part.alt_text });
  return h("span", { class: "kit-context-text" }, textNodes(part));
}

function image(block) {
  const src = safeUrl(block.image_url ?? block.slack_file?.url ?? "");
  return h("figure", { class: "kit-image" },
    block.title ? h("figcaption", null, textNodes(block.title)) : null,
    h("img", { src, alt: block.alt_text, loading: "lazy" }));
}

function input(block, surface) {
  const id = `field-${CSS.escape(block.block_id)}-${Math.random().toString(36).slice(2, 8)}`;
  const error = surface.errors[block.block_id];
  const describedby = [error && `${id}-error`, block.hint && `${id}-hint`].filter(Boolean).join(" ");
  const words = { label: textOf(block.label), labelledby: `${id}-label`, describedby };
  return h("div", { class: `kit-input${error ? " has-error" : ""}` },
    h("div", { class: "kit-label", id: words.labelledby },
      textNodes(block.label), block.optional ? h("span", { class: "kit-optional" }, " (optional)") : null),
    elementNode(block.element, block, surface, words),
    error ? h("div", { class: "block-error", id: `${id}-error`, role: "alert" }, error) : null,
    block.hint ? h("div", { class: "kit-hint", id: `${id}-hint` }, textNodes(block.hint)) : null);
}
