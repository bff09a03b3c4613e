// The left rail: who is acted as, where one can go, and what is unread there.

import { clock } from "./dates.js";
import { appChannel, channelName, directory, me, people, person } from "./directory.js";
import { avatar, h, icon, patch } from "./dom.js";
import { openListbox } from "./popup.js";

export class Rail {
  /** `acts`: {actAs(userId), go(channelId), join(channelId), goHome()}; `where()` -> {channel, home}. */
  constructor({ root, acts, where }) {
    Object.assign(this, { root, acts, where });
    this.team = h("div", { class: "team-name" });
    this.switcher = h("button", {
      type: "button", class: "switcher", dataset: { focus: "switcher" }, "aria-haspopup": "listbox",
      onclick: () => this.choosePerson(),
    });
    this.jumper = h("button", { type: "button", class: "jumper", "aria-haspopup": "listbox", onclick: () => this.jump() },
      icon("search", 14), h("span", null, "Jump to…"), h("kbd", null, "Ctrl K"));
    this.lists = h("div", { class: "rail-lists" });
    const name = h("div", { class: "brand-name" }, "Slipway ", h("span", { class: "sandbox-badge" }, "sandbox"));
    root.replaceChildren(
      h("div", { class: "brand" },
        h("span", { class: "brand-mark" }, icon("ship", 20)),
        h("div", { class: "brand-words" }, name, this.team)),
      this.switcher, this.jumper, this.lists);
    setInterval(() => directory.me && this.drawSwitcher(), 20000);
  }

  draw() {
    this.team.textContent = directory.team.name;
    this.drawSwitcher();
    const channels = [...directory.channels.values()].filter((one) => !one.is_archived || one.unread);
    const app = appChannel();
    const rooms = channels.filter((one) => !one.is_im).map((one) => this.channelRow(one));
    const talks = channels.filter((one) => one.is_im && one !== app).map((one) => this.personRow(one));
    const groups = [
      { id: "channels", title: "Channels", rows: rooms },
      { id: "people", title: "Direct messages", rows: talks },
      { id: "apps", title: "Apps", rows: [this.appRow(app)] },
    ];
    patch(this.lists, groups.filter((group) => group.rows.length), {
      key: (group) => group.id, stamp: (group) => JSON.stringify(group), build: (group) => this.groupNode(group),
    });
  }

  drawSwitcher() {
    const mine = me();
    const city = (mine.tz || "UTC").split("/").at(-1).replaceAll("_", " ");
    const words = h("span", { class: "switcher-words" },
      h("span", { class: "switcher-label" }, "Acting as"),
      h("span", { class: "switcher-name" }, mine.real_name),
      h("span", { class: "switcher-zone" }, `${clock(Date.now() / 1000)} in ${city}`));
    this.switcher.replaceChildren(avatar(mine), words, icon("chevron", 16));
    this.switcher.setAttribute("aria-label", `Acting as ${mine.real_name}. Choose another person`);
  }

  channelRow(one) {
    const here = this.where().channel === one.id;
    return { id: one.id, icon: one.is_private ? "lock" : "hash", label: one.name, unread: here ? 0 : one.unread, here };
  }

  personRow(one) {
    return { ...this.channelRow(one), icon: null, person: one.peer, label: channelName(one.id) };
  }

  appRow(channel) {
    const { home, channel: open } = this.where();
    const here = home || (channel && open === channel.id);
    return { id: "home", icon: "ship", label: directory.app.name, unread: here ? 0 : (channel?.unread ?? 0), here };
  }

  groupNode({ id, title, rows }) {
    return h("section", { class: "rail-group", "aria-labelledby": `rail-${id}` },
      h("h2", { id: `rail-${id}` }, title),
      h("ul", null, rows.map((row) => h("li", null, this.rowNode(row)))));
  }

  rowNode(row) {
    const go = () => (row.id === "home" ? this.acts.goHome() : this.acts.go(row.id));
    return h("button", {
      type: "button", class: `rail-row${row.here ? " here" : ""}${row.unread ? " unread" : ""}`,
      dataset: { focus: `rail-${row.id}`, row: row.id },
      "aria-current": row.here ? "page" : null, onclick: go,
    },
    row.person ? avatar(person(row.person), "tiny") : h("span", { class: "rail-icon" }, icon(row.icon, 15)),
    h("span", { class: "rail-label" }, row.label),
    row.unread ? h("span", { class: "unread-count", "aria-label": `${row.unread} unread` }, row.unread) : null);
  }

  choosePerson() {
    const items = people().map((one) => {
      return { id: one.id, label: one.real_name, detail: `${one.title} · ${one.tz}`, lead: avatar(one) };
    });
    openListbox({
      anchor: () => this.switcher, label: "Act as", search: false, load: () => ({ items }),
      isChosen: (item) => item.id === directory.me,
      choose: (item) => {
        this.acts.actAs(item.id);
        return false;
      },
    });
  }

  jump() {
    const places = [...directory.channels.values()].filter((one) => one !== appChannel()).map((one) => ({
      id: one.id, label: one.is_im ? channelName(one.id) : `#${one.name}`, detail: one.topic,
    }));
    const others = directory.others.map((one) => ({
      id: one.id, label: `#${one.name}`, detail: ["You are not in it yet", one.topic].filter(Boolean).join(" · "), join: true,
    }));
    const items = [...places, ...others, { id: "home", label: directory.app.name, detail: "App Home" }];
    openListbox({
      anchor: () => this.jumper, label: "Jump to", placeholder: "Channel or person",
      load: (typed) => ({ items: items.filter((item) => item.label.toLowerCase().includes(typed.toLowerCase())) }),
      choose: (item) => {
        if (item.id === "home") this.acts.goHome();
        else if (item.join) this.acts.join(item.id);
        else this.acts.go(item.id);
        return false;
      },
    });
  }
}
