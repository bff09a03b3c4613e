// The app's Home tab.

import { api } from "./api.js";
import { directory } from "./directory.js";
import { h, icon, spinner } from "./dom.js";
import { Surface } from "./surface.js";

export class Home {
  constructor(root) {
    this.root = root;
    this.view = null;
    this.blocks = h("div", { class: "blocks" });
    this.surface = new Surface({ root: this.blocks, container: () => ({ type: "view", view_id: this.view?.id }) });
    this.note = h("div", { class: "home-note" });
    root.replaceChildren(h("div", { class: "home-page" }, this.note, this.blocks));
  }

  /** Opens the tab, which tells the bot so; what it publishes then arrives as an event. */
  async open() {
    this.view = null;
    this.blocks.hidden = true;
    this.note.replaceChildren(h("div", { class: "list-loading" }, spinner(), "Loading…"));
    const answer = await api.home(directory.me);
    if (!answer.ok) this.say("warning", answer.message ?? answer.error);
    else if (answer.view) this.show(answer.view);
    else if (!this.view) this.say("ship", `${directory.app.name} has put nothing here yet.`);
  }

  show(view) {
    this.view = view;
    this.note.replaceChildren();
    this.blocks.hidden = false;
    this.surface.render(view.blocks);
  }

  say(sign, words) {
    this.note.replaceChildren(h("div", { class: "home-empty", role: sign === "warning" ? "alert" : "status" },
      sign === "warning" ? "⚠️" : icon(sign, 32), h("p", null, words)));
  }
}
