// The World panel: the laptop, CI and production of this machine, and the switches that break them.

import { api } from "./api.js";
import { confirmDialog, toast } from "./dialog.js";
import { directory } from "./directory.js";
import { buttonWords, h, iconButton, link, patch, spinner } from "./dom.js";

const EVERY = 2000;
const KEPT = "world-kept";

export class World {
  constructor({ root, onClose }) {
    this.root = root;
    this.shown = false;
    this.timer = 0;
    this.busy = new Set();
    this.kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}"); // what this window alone has chosen
    this.typed = new Map(); // words in a text control that were not sent yet
    this.sections = [];
    this.note = h("div", { class: "world-note" });
    this.list = h("div", { class: "world-sections" });
    root.replaceChildren(
      h("header", { class: "pane-head" },
        h("div", { class: "pane-title" }, h("h2", null, "World"), h("p", null, "What is outside of Slack: laptop, CI, production")),
        iconButton("Close the World panel", "close", onClose)),
      h("div", { class: "world-body" }, this.note, this.list));
  }

  show(shown) {
    this.shown = shown;
    clearTimeout(this.timer);
    if (shown) this.poll();
  }

  async poll() {
    await this.refresh();
    clearTimeout(this.timer);
    if (this.shown) this.timer = setTimeout(() => this.poll(), EVERY);
  }

  async refresh() {
    if (!this.shown) return;
    const answer = await api.panel(this.kept);
    const wrong = answer.ok ? null : `⚠️ ${answer.message ?? "The world does not answer."}`;
    this.note.replaceChildren(wrong ? h("p", { role: "status" }, wrong) : "");
    if (wrong) return;
    this.sections = answer.sections;
    this.draw();
  }

  draw() {
    patch(this.list, this.sections, {
      key: (section) => section.id,
      stamp: (section) => JSON.stringify(section) + [...this.busy].join(),
      build: (section) => this.update(sectionNode(section), section),
      update: (node, section) => this.update(node, section),
    });
  }

  update(node, section) {
    const [title, lines, controls, log] = node.children;
    title.firstChild.textContent = section.title;
    const numbered = (section.status_lines ?? []).map((line, at) => ({ ...line, at }));
    patch(lines, numbered, { key: (line) => line.at, stamp: (line) => JSON.stringify(line), build: lineNode });
    patch(controls, section.controls ?? [], {
      key: (control) => control.id,
      stamp: (control) => JSON.stringify(control) + this.busy.has(`${section.id}/${control.id}`),
      build: (control) => this.controlNode(section, control),
    });
    controls.hidden = !section.controls?.length;
    updateLog(log, section.log);
    return node;
  }

  controlNode(section, control) {
    const key = `${section.id}/${control.id}`;
    const does = (value) => this.change(section, control, value);
    const typed = { get: () => this.typed.get(key), set: (text) => this.typed.set(key, text) };
    const props = { busy: this.busy.has(key), focus: `world-${key}`, typed };
    const node = (CONTROLS[control.kind] ?? CONTROLS.button)(control, does, props);
    const hint = control.hint && control.kind !== "text" ? h("p", { class: "control-hint" }, control.hint) : null;
    return h("div", { class: `control control-${control.kind}${hint ? " with-hint" : ""}` }, node, hint);
  }

  async change(section, control, value) {
    const key = `${section.id}/${control.id}`;
    if (this.busy.has(key)) return;
    if (control.kept) return this.keep(control.kept, value);
    if (control.confirm && !(await this.asked(control))) return this.putBack(section, control);
    this.busy.add(key);
    this.draw();
    const body = { section: section.id, control: control.id, user: directory.me, ...this.kept, ...(value === undefined ? {} : { value }) };
    const answer = await api.change(body);
    this.busy.delete(key);
    if (answer.ok) this.typed.delete(key);
    if (answer.message) toast(answer.ok ? answer.message : `⚠️ ${answer.message}`, !answer.ok);
    else if (!answer.ok) toast("⚠️ The world did not do that.", true);
    this.draw();
    await this.refresh();
  }

  keep(name, value) {
    this.kept = { ...this.kept, [name]: value };
    sessionStorage.setItem(KEPT, JSON.stringify(this.kept));
    return this.refresh();
  }

  asked({ label, confirm, kind }) {
    const body = typeof confirm === "string" ? confirm : "Do this now?";
    return confirmDialog({ title: label, body, yes: kind === "button" ? label : "Change it" });
  }

  /** A switch that was moved and then not confirmed goes back to where it stood. */
  putBack(section, control) {
    for (const busy of [true, false]) {
      if (busy) this.busy.add(`${section.id}/${control.id}`);
      else this.busy.delete(`${section.id}/${control.id}`);
      this.draw();
    }
  }
}

function sectionNode() {
  return h("section", { class: "world-section" }, h("h3", null, ""), h("dl", { class: "status-lines" }),
    h("div", { class: "controls" }), h("pre", { class: "log", tabindex: 0, "aria-label": "Log", hidden: true }));
}

function lineNode(line) {
  const value = line.href ? link(line.href, line.value) : line.value;
  return h("div", { class: `status-line tone-${line.tone ?? "plain"}` },
    h("dt", null, line.label),
    h("dd", null, h("span", { class: "tone-dot", "aria-hidden": "true" }), h("span", { class: "status-value" }, value)));
}

function updateLog(node, lines) {
  node.hidden = !lines?.length;
  const text = (lines ?? []).join("\n");
  if (node.textContent === text) return;
  const atEnd = node.scrollHeight - node.scrollTop - node.clientHeight < 30;
  node.textContent = text;
  if (atEnd) node.scrollTop = node.scrollHeight;
}

const CONTROLS = {
  button: (control, does, { busy, focus }) =>
    h("button", {
      type: "button", class: `button small${busy ? " pending" : ""}`, dataset: { focus }, "aria-busy": busy ? "true" : null,
      onclick: () => does(),
    }, buttonWords(busy, control.label)),

  switch: (control, does, { busy, focus }) => {
    const on = control.value === true || control.value === "true" || control.value === "on";
    const node = h("button", {
      type: "button", role: "switch", class: "switch", "aria-checked": String(on), dataset: { focus }, "aria-label": control.label,
      onclick: () => does(!on),
    }, h("span", { class: "switch-knob" }));
    return h("label", { class: "switch-row" }, h("span", null, control.label), busy ? spinner() : null, node);
  },

  select: (control, does, { busy, focus }) => {
    const options = (control.options ?? []).map((one) => h("option", { value: one.value }, one.label));
    const node = h("select", {
      class: "field small", dataset: { focus }, "aria-label": control.label, onchange: () => does(node.value),
    }, options);
    node.value = control.value ?? "";
    return h("label", { class: "select-line" }, h("span", null, control.label), busy ? spinner() : null, node);
  },

  text: (control, does, { busy, focus, typed }) => {
    const field = h("input", {
      type: "text", class: "field small", dataset: { focus }, "aria-label": control.label, placeholder: control.hint,
      oninput: () => typed.set(field.value),
    });
    field.value = typed.get() ?? control.value ?? "";
    const send = (event) => {
      event.preventDefault();
      does(field.value);
    };
    const button = h("button", { type: "submit", class: `button small${busy ? " pending" : ""}` }, buttonWords(busy, control.label));
    return h("form", { class: "text-line", onsubmit: send }, field, button);
  },
};
