// One floating menu at a time: a list of options under the thing that opened it, worked by mouse or keys.

import { h, icon, spinner } from "./dom.js";

let open = null;
let count = 0;

export const closePopup = () => open?.close();

/**
 * Opens a listbox under `anchor()` (asked again and again, since what opened it may be redrawn meanwhile).
 * `load(typed)` gives, now or later, {items} or {error} or {note}; an item is {id, label, nodes?, detail?, group?, lead?}.
 * `isChosen(item)` marks items; `choose(item)` returns true to keep the menu open.
 */
export function openListbox({ anchor, label, load, isChosen = () => false, choose, search = true, placeholder = "Search" }) {
  const again = open?.opener === anchor();
  closePopup();
  if (!again) open = new Menu({ anchor, label, load, isChosen, choose, search, placeholder });
}

class Menu {
  constructor({ anchor, label, load, isChosen, choose, search, placeholder }) {
    const id = `menu-${(count += 1)}`;
    Object.assign(this, { anchor, load, isChosen, choose, id, opener: anchor(), items: [], active: -1, turn: 0 });
    this.list = h("div", { class: "menu-list", role: "listbox", id, "aria-label": label, tabindex: search ? null : -1 });
    this.field = search ? this.searchField(label, placeholder) : null;
    this.focusable = this.field ?? this.list;
    const top = this.field && h("div", { class: "menu-search" }, icon("search", 14), this.field);
    this.box = h("div", { class: "menu", onkeydown: (event) => this.pressed(event) }, top, this.list);
    this.outside = (event) => {
      if (!this.box.contains(event.target) && !anchor()?.contains(event.target)) this.close();
    };
    // Inside a modal dialog nothing outside of it can be used, so the menu goes into it.
    (this.opener?.closest("dialog") ?? document.body).append(this.box);
    document.addEventListener("pointerdown", this.outside, true);
    this.place();
    this.refresh();
    this.focusable.focus({ preventScroll: true });
  }

  searchField(label, placeholder) {
    const search = () => {
      this.active = -1;
      this.refresh();
    };
    return h("input", {
      type: "text", class: "menu-field", placeholder, role: "combobox", "aria-expanded": "true", "aria-controls": this.id,
      "aria-autocomplete": "list", "aria-label": label, autocomplete: "off", spellcheck: "false", oninput: search,
    });
  }

  close(refocus = false) {
    if (open !== this) return;
    open = null;
    cancelAnimationFrame(this.frame);
    this.box.remove();
    document.removeEventListener("pointerdown", this.outside, true);
    if (refocus) this.anchor()?.focus({ preventScroll: true });
  }

  take(item) {
    if (!item) return;
    if (this.choose(item)) this.refresh();
    else this.close(true);
  }

  async refresh() {
    const turn = (this.turn += 1);
    const loading = this.load(this.field?.value ?? "");
    if (loading instanceof Promise) this.list.replaceChildren(h("div", { class: "menu-note" }, spinner(), " Loading…"));
    const answer = await loading;
    if (turn !== this.turn || open !== this) return;
    this.items = answer.items ?? [];
    this.list.replaceChildren(...this.nodes(answer));
    const chosen = this.items.findIndex(this.isChosen);
    this.activate(this.active >= 0 ? this.active : Math.max(chosen, 0));
  }

  nodes({ error, note }) {
    const nodes = [];
    let group = null;
    for (const [at, item] of this.items.entries()) {
      if (item.group && item.group !== group) nodes.push(h("div", { class: "menu-group", role: "presentation" }, item.group));
      group = item.group ?? null;
      nodes.push(this.optionNode(item, at));
    }
    if (error) nodes.push(h("div", { class: "menu-note menu-error", role: "alert" }, error));
    else if (note || !this.items.length) nodes.push(h("div", { class: "menu-note" }, note ?? "No matches"));
    return nodes;
  }

  optionNode(item, at) {
    const chosen = this.isChosen(item);
    const words = h("span", { class: "menu-words" },
      h("span", { class: "menu-label" }, item.nodes ?? item.label),
      item.detail ? h("span", { class: "menu-detail" }, item.detail) : null);
    return h("div", {
      class: "menu-option", role: "option", id: `${this.id}-${at}`, "aria-selected": String(chosen),
      onpointermove: () => this.active !== at && this.activate(at, false),
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => this.take(item),
    }, item.lead ?? null, words, chosen ? icon("check", 15) : null);
  }

  activate(at, scroll = true) {
    this.active = Math.min(at, this.items.length - 1);
    this.list.querySelector(".active")?.classList.remove("active");
    const option = this.active < 0 ? null : this.list.querySelector(`#${this.id}-${this.active}`);
    if (!option) {
      this.focusable.removeAttribute("aria-activedescendant");
      return;
    }
    option.classList.add("active");
    this.focusable.setAttribute("aria-activedescendant", option.id);
    if (scroll) option.scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    const last = this.items.length - 1;
    const step = { ArrowDown: this.active >= last ? 0 : this.active + 1, ArrowUp: this.active <= 0 ? last : this.active - 1 };
    const inList = this.focusable === this.list;
    if (event.key in step) this.activate(step[event.key]);
    else if (inList && event.key === "Home") this.activate(0);
    else if (inList && event.key === "End") this.activate(last);
    else if (event.key === "Enter" || (inList && event.key === " ")) this.take(this.items[this.active]);
    else if (event.key === "Escape") this.close(true);
    else {
      if (event.key === "Tab") this.close(true);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Stays under (or, without room, over) its anchor while open; gives up when the anchor is gone. */
  place() {
    const target = this.anchor();
    if (!target?.isConnected) {
      this.close();
      return;
    }
    const at = target.getBoundingClientRect();
    this.box.style.minWidth = `${Math.min(Math.max(at.width, 200), 560)}px`;
    const size = this.box.getBoundingClientRect();
    const roomBelow = innerHeight - at.bottom - 12;
    const top = roomBelow < size.height && at.top > roomBelow ? at.top - size.height - 6 : at.bottom + 6;
    this.box.style.top = `${Math.max(8, Math.min(top, innerHeight - size.height - 8))}px`;
    this.box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
    this.frame = requestAnimationFrame(() => this.place());
  }
}
