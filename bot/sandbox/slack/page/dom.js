// The only place that makes elements. Text goes in as text nodes: nothing a person wrote is ever parsed as HTML.

const ICONS = {
  hash: "M9 4 7 20M17 4l-2 16M4.5 9h16M3.5 15h16",
  lock: "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
  close: "M6 6l12 12M18 6 6 18",
  chevron: "M6 9l6 6 6-6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  reply: "M4 5h16v11H10l-4 4v-4H4z",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3 12h18M12 3c3 3 4 6 4 9s-1 6-4 9c-3-3-4-6-4-9s1-6 4-9",
  send: "M4 12 20 4l-5 16-4-6zM11 14l9-10",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 10h.01M15 10h.01M8 14.5c1 1.3 2.4 2 4 2s3-.7 4-2",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l4.5 4.5",
  people: "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M2.5 20c0-3.5 3-5.5 6.5-5.5s6.5 2 6.5 5.5M16 5.5a3 3 0 0 1 0 6M17.5 14.7c2.4.6 4 2.4 4 5.3",
  down: "M12 5v14M6 13l6 6 6-6",
  back: "M15 5l-7 7 7 7",
  ship: "M3 14h18l-3 6H6zM12 3v8M12 4l6 7H6z",
};

/** An element. `props`: class, on… listeners, dataset, and attributes (false, null and undefined are left out). */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(node, name, value);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "dataset") Object.assign(node.dataset, value);
  else if (name === "value") node.value = value;
  else node.setAttribute(name, value === true ? "" : value);
}

/** A line icon from the table above, hidden from screen readers. */
export function icon(name, size = 16) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  const attributes = { viewBox: "0 0 24 24", width: size, height: size, class: `icon icon-${name}`, "aria-hidden": "true" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that is only a sign; `label` says what it does. */
export function iconButton(label, sign, onclick, size = 18) {
  return h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick }, icon(sign, size));
}

/** What stands in a button: a spinner while it waits, and its words. */
export const buttonWords = (busy, words) => [busy ? spinner() : null, h("span", { class: "button-words" }, words)];

/** The link's address when it is one we let people click, else null. */
export function safeUrl(address) {
  try {
    const url = new URL(address, location.origin);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function link(address, ...children) {
  const href = safeUrl(address);
  if (href === null) return h("span", { class: "dead-link" }, ...children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

const drawn = new WeakMap();

/**
 * Makes `root`'s children show `items`, touching only what changed, so that focus, typed text and open menus survive.
 * `key(item)` names an item; `stamp(item)` changes when it must be drawn again; `build(item)` draws it;
 * `update(node, item)`, when given, mends a node in place of drawing it anew.
 */
export function patch(root, items, { key, stamp, build, update }) {
  const before = drawn.get(root) ?? new Map();
  const after = new Map();
  const held = holdFocus(root);
  for (const item of items) after.set(key(item), draw(before.get(key(item)), item, { stamp, build, update }));
  for (const [name, { node }] of before) if (after.get(name)?.node !== node) node.remove();
  let place = root.firstChild;
  for (const { node } of after.values()) {
    if (node === place) place = place.nextSibling;
    else root.insertBefore(node, place);
  }
  drawn.set(root, after);
  held();
}

function draw(old, item, { stamp, build, update }) {
  const mark = stamp(item);
  if (old && old.mark === mark) return old;
  if (old && update) {
    update(old.node, item);
    return { node: old.node, mark };
  }
  return { node: build(item), mark };
}

/** Remembers which `data-focus` element inside root has the focus; the function returned puts it back if it was redrawn. */
export function holdFocus(root) {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !root.contains(active) || !active.dataset.focus) return () => {};
  const { focus, action } = active.dataset;
  const range = "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  return () => {
    if (active.isConnected) return;
    const twin = findFocus(root, focus, action);
    if (!twin) return;
    twin.focus({ preventScroll: true });
    if (range && range[0] !== null && twin.setSelectionRange) twin.setSelectionRange(...range);
  };
}

/** The element that stands for this one now; by its action alone when its block came back with another id. */
export function findFocus(root, focus, action) {
  const exact = root.querySelector(`[data-focus="${CSS.escape(focus)}"]`);
  return exact ?? (action ? root.querySelector(`[data-action="${CSS.escape(action)}"]`) : null);
}

/** Two letters of a name on a colour that stays the same for that id. */
export function avatar(person, size = "") {
  if (person.is_bot) return h("span", { class: `avatar avatar-bot ${size}`, "aria-hidden": "true" }, icon("ship", 20));
  const name = person.real_name || person.name || "?";
  const words = name.split(/\s+/).filter(Boolean);
  const initials = ((words[0]?.[0] ?? "?") + (words[1]?.[0] ?? "")).toUpperCase();
  return h("span", { class: `avatar hue-${hueOf(person.id ?? name)} ${size}`, "aria-hidden": "true" }, initials);
}

function hueOf(text) {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % 8;
}

export const spinner = () => h("span", { class: "spinner", "aria-hidden": "true" });
