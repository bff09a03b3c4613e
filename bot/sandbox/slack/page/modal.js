// The stack of modal views. The server holds it; this shows the top one and keeps what was typed in those beneath.

import { api } from "./api.js";
import { focusables, showDialog } from "./dialog.js";
import { directory } from "./directory.js";
import { buttonWords, h, icon, iconButton, patch } from "./dom.js";
import { textOf } from "./mrkdwn.js";
import { closePopup } from "./popup.js";
import { Surface } from "./surface.js";
import { problems } from "./values.js";

export class Modals {
  constructor() {
    this.stack = [];
    this.sheets = new Map(); // view id -> Sheet
    this.dialog = null;
    this.turn = 0;
  }

  /** Shows this stack, bottom first. */
  show(stack) {
    this.turn += 1;
    this.stack = stack;
    const ids = new Set(stack.map((view) => view.id));
    for (const id of this.sheets.keys()) if (!ids.has(id)) this.sheets.delete(id);
    const top = stack.at(-1);
    if (!top) return this.leave();
    if (!this.dialog) this.enter();
    const sheet = this.sheetFor(top);
    sheet.update(top, stack.length > 1);
    if (sheet.root.parentNode !== this.dialog) {
      closePopup();
      this.dialog.replaceChildren(sheet.root);
      this.dialog.setAttribute("aria-labelledby", sheet.titleId);
      sheet.focusFirst();
    }
    return undefined;
  }

  /** Asks the server for the stack, unless it tells of a newer one first. */
  async refresh() {
    const { turn } = this;
    const answer = await api.views(directory.me);
    if (answer.ok && turn === this.turn) this.show(answer.stack);
  }

  sheetFor(view) {
    if (!this.sheets.has(view.id)) this.sheets.set(view.id, new Sheet(view, this));
    return this.sheets.get(view.id);
  }

  enter() {
    this.before = document.activeElement;
    this.dialog = showDialog("modal", "modal-title", () => this.back());
  }

  leave() {
    if (!this.dialog) return;
    closePopup();
    this.dialog.close();
    this.dialog.remove();
    this.dialog = null;
    this.before?.focus?.({ preventScroll: true });
  }

  /** One view back: Esc, or the view's own close button. */
  async back() {
    const top = this.stack.at(-1);
    if (top) await this.tell(top, api.close({ user: directory.me, view_id: top.id }));
  }

  /** The whole stack away: the cross. */
  async clear() {
    const top = this.stack.at(-1);
    if (top) await this.tell(top, api.close({ user: directory.me, view_id: top.id, cleared: this.stack.length > 1 }));
  }

  async tell(view, call) {
    const answer = await call;
    if (answer.ok) await this.refresh();
    else this.sheets.get(view.id)?.complain(answer.message ?? answer.error);
  }
}

let count = 0;

/** One view of the stack on the page. */
class Sheet {
  constructor(view, modals) {
    this.view = view;
    this.modals = modals;
    this.busy = false;
    this.titleId = `modal-title-${(count += 1)}`;
    this.title = h("h2", { id: this.titleId });
    this.banner = h("div", { class: "modal-banner", role: "alert", hidden: true });
    this.blocks = h("div", { class: "blocks" });
    this.body = h("div", { class: "modal-body" }, this.banner, this.blocks);
    this.foot = h("footer", { class: "modal-foot" });
    this.surface = new Surface({
      root: this.blocks,
      container: () => ({ type: "view", view_id: this.view.id }),
      onSubmit: () => this.view.submit && this.submit(),
    });
    const cross = iconButton("Close", "close", () => modals.clear());
    const mark = h("span", { class: "modal-mark" }, icon("ship", 18));
    const header = h("header", { class: "modal-head" }, mark, this.title, cross);
    this.root = h("div", { class: "modal-sheet", onkeydown: (event) => this.pressed(event) }, header, this.body, this.foot);
  }

  update(view, stacked) {
    this.view = view;
    this.title.textContent = textOf(view.title);
    this.surface.render(view.blocks);
    this.drawFoot(stacked);
  }

  drawFoot(stacked = this.stacked) {
    this.stacked = stacked;
    const { view, busy } = this;
    const close = textOf(view.close) || (view.submit ? "Cancel" : "Close");
    const buttons = [{ id: "close", label: close, back: stacked && !view.submit }];
    if (view.submit) buttons.push({ id: "submit", label: textOf(view.submit), busy });
    patch(this.foot, buttons, {
      key: ({ id }) => id,
      stamp: (one) => JSON.stringify(one),
      build: (one) => (one.id === "close" ? this.closeButton(one) : this.submitButton(one)),
    });
  }

  closeButton({ label }) {
    const back = () => this.modals.back();
    return h("button", { type: "button", class: "button", dataset: { focus: "modal-close" }, onclick: back }, label);
  }

  submitButton({ label, busy }) {
    return h("button", {
      type: "button", class: `button primary${busy ? " pending" : ""}`, dataset: { focus: "modal-submit" },
      "aria-busy": busy ? "true" : null, onclick: () => this.submit(),
    }, buttonWords(busy, label));
  }

  pressed(event) {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && this.view.submit) {
      event.preventDefault();
      this.submit();
    }
  }

  async submit() {
    if (this.busy) return;
    this.banner.hidden = true;
    const wrong = problems(this.surface);
    this.surface.showErrors(wrong);
    if (Object.keys(wrong).length) return this.focusError();
    this.working(true);
    const answer = await api.submit({ user: directory.me, view_id: this.view.id, state: this.surface.state() });
    this.working(false);
    if (!answer.ok) return this.complain(answer.message ?? answer.error);
    if (answer.result === "errors") {
      this.surface.showErrors(answer.errors ?? {});
      return this.focusError();
    }
    return this.modals.refresh();
  }

  working(busy) {
    this.busy = busy;
    this.root.setAttribute("aria-busy", String(busy));
    this.drawFoot();
  }

  complain(words) {
    this.banner.textContent = `⚠️ ${words}`;
    this.banner.hidden = false;
    this.body.scrollTop = 0;
  }

  focusError() {
    const box = this.root.querySelector(".has-error");
    const field = box && focusables(box)[0];
    (field ?? this.banner).focus();
    box?.scrollIntoView({ block: "nearest" });
  }

  /** The element that asks for it, else the first field, else whatever can be reached; a form is shown from its top. */
  focusFirst() {
    const wanted = this.view.blocks.find((block) => (block.element ?? block.accessory)?.focus_on_load);
    const asked = wanted && this.root.querySelector(`[data-block="${CSS.escape(wanted.block_id)}"] [data-action]`);
    const first = focusables(this.blocks)[0] ?? this.foot.querySelector("button:last-child");
    if (asked) asked.focus();
    else first?.focus({ preventScroll: true });
    if (!asked) this.body.scrollTop = 0;
  }
}
