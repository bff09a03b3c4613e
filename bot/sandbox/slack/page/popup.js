// One floating menu at a time: a list of options under the thing that opened it, worked by mouse or keys.

import { h, icon, spinner } from "./dom.js";

let open = null;
let count = 0;

export const closePopup = () => open?.close();

/**
 * Opens a listbox under `anchor()` (asked again and again, since what opened it may be redrawn meanwhile).
 * `load(typed)` gives, now or later, {items} or {error} or {note}; an item is {id, label, nodes?, detail?, group?, lead?}.
 * `isChosen(item)` marks items; `choose(item)` returns true to keep the menu open; `onClose` runs once.
 */
export function openListbox({ anchor, label, load, isChosen = () => false, choose, search = true, placeholder = "Search", onClose }) {
  const again = open?.opener === anchor();
  closePopup();
  if (again) return;
  const menu = { items: [], active: -1, typed: "", asked: 0, id: `menu-${(count += 1)}` };
  const list = h("div", { class: "menu-list", role: "listbox", id: menu.id, "aria-label": label, tabindex: search ? null : -1 });
  const field = search ? searchField(menu, label, placeholder) : null;
  const box = h("div", { class: "menu" }, field && h("div", { class: "menu-search" }, icon("search", 14), field), list);
  const focusable = field ?? list;
  const host = anchor()?.closest("dialog") ?? document.body;
  const stop = keepPlaced(box, anchor, () => close());

  function close(refocus = false) {
    if (open !== self) return;
    open = null;
    stop();
    box.remove();
    document.removeEventListener("pointerdown", outside, true);
    if (refocus) anchor()?.focus({ preventScroll: true });
    onClose?.();
  }
  const outside = (event) => {
    if (!box.contains(event.target) && !anchor()?.contains(event.target)) close();
  };
  const take = (item) => {
    if (!item || item.disabled) return;
    if (choose(item)) refresh();
    else close(true);
  };
  const refresh = () => fill(menu, list, focusable, { load, isChosen, take, again: () => open === self });
  const self = { close, opener: anchor() };
  open = self;
  host.append(box);
  document.addEventListener("pointerdown", outside, true);
  box.addEventListener("keydown", (event) => onKey(event, menu, list, focusable, take, close));
  field?.addEventListener("input", () => {
    menu.typed = field.value;
    menu.active = -1;
    refresh();
  });
  refresh();
  focusable.focus({ preventScroll: true });
}

function searchField(menu, label, placeholder) {
  return h("input", {
    type: "text", class: "menu-field", placeholder, role: "combobox", "aria-expanded": "true", "aria-controls": menu.id,
    "aria-autocomplete": "list", "aria-label": label, autocomplete: "off", spellcheck: "false",
  });
}

async function fill(menu, list, focusable, { load, isChosen, take, again }) {
  const turn = (menu.asked += 1);
  const loading = load(menu.typed);
  if (loading instanceof Promise) list.replaceChildren(h("div", { class: "menu-note" }, spinner(), " Loading…"));
  const answer = await loading;
  if (turn !== menu.asked || !again()) return;
  menu.items = answer.items ?? [];
  const nodes = [];
  let group = null;
  for (const [at, item] of menu.items.entries()) {
    if (item.group && item.group !== group) nodes.push(h("div", { class: "menu-group", role: "presentation" }, item.group));
    group = item.group ?? null;
    nodes.push(optionNode(menu, list, focusable, item, at, isChosen(item), take));
  }
  const note = answer.error ?? answer.note ?? (menu.items.length ? null : "No matches");
  if (note) nodes.push(h("div", { class: `menu-note${answer.error ? " menu-error" : ""}`, role: answer.error ? "alert" : null }, note));
  list.replaceChildren(...nodes);
  const chosen = menu.items.findIndex(isChosen);
  activate(menu, list, focusable, menu.active >= 0 ? menu.active : Math.max(chosen, 0));
}

function optionNode(menu, list, focusable, item, at, chosen, take) {
  return h(
    "div",
    {
      class: `menu-option${item.danger ? " menu-danger" : ""}`, role: "option", id: `${menu.id}-${at}`, "aria-selected": String(chosen),
      "aria-disabled": item.disabled ? "true" : null,
      onpointermove: () => menu.active !== at && activate(menu, list, focusable, at, false),
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => take(item),
    },
    item.lead ?? null,
    h("span", { class: "menu-words" },
      h("span", { class: "menu-label" }, item.nodes ?? item.label),
      item.detail ? h("span", { class: "menu-detail" }, item.detail) : null),
    chosen ? icon("check", 15) : null,
  );
}

function activate(menu, list, focusable, at, scroll = true) {
  menu.active = menu.items.length ? Math.min(at, menu.items.length - 1) : -1;
  for (const option of list.querySelectorAll(".active")) option.classList.remove("active");
  const option = menu.active < 0 ? null : list.querySelector(`#${menu.id}-${menu.active}`);
  if (!option) return focusable.removeAttribute("aria-activedescendant");
  option.classList.add("active");
  focusable.setAttribute("aria-activedescendant", option.id);
  if (scroll) option.scrollIntoView({ block: "nearest" });
  return undefined;
}

function onKey(event, menu, list, focusable, take, close) {
  const last = menu.items.length - 1;
  const step = { ArrowDown: menu.active >= last ? 0 : menu.active + 1, ArrowUp: menu.active <= 0 ? last : menu.active - 1 };
  if (event.key in step) activate(menu, list, focusable, step[event.key]);
  else if (event.key === "Home" && focusable === list) activate(menu, list, focusable, 0);
  else if (event.key === "End" && focusable === list) activate(menu, list, focusable, last);
  else if (event.key === "Enter" || (event.key === " " && focusable === list)) take(menu.items[menu.active]);
  else if (event.key === "Escape") close(true);
  else if (event.key === "Tab") return close(true);
  else return undefined;
  event.preventDefault();
  event.stopPropagation();
  return undefined;
}

/** Keeps a box under (or, without room, over) its anchor; gives up when the anchor is gone. Returns what stops it. */
function keepPlaced(box, anchor, gone) {
  let frame = 0;
  const place = () => {
    const target = anchor();
    if (!target?.isConnected) return gone();
    const at = target.getBoundingClientRect();
    const size = box.getBoundingClientRect();
    box.style.minWidth = `${Math.min(Math.max(at.width, 200), 560)}px`;
    const roomBelow = innerHeight - at.bottom - 12;
    const up = roomBelow < size.height && at.top > roomBelow;
    const top = up ? Math.max(8, at.top - size.height - 6) : at.bottom + 6;
    box.style.top = `${Math.min(top, Math.max(8, innerHeight - size.height - 8))}px`;
    box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
    frame = requestAnimationFrame(place);
    return undefined;
  };
  frame = requestAnimationFrame(place);
  return () => cancelAnimationFrame(frame);
}
