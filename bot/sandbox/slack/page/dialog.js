// Dialogs over the page, with the focus kept inside; small questions; toasts.

import { h, iconButton } from "./dom.js";

const FOCUSABLE = "a[href],:is(button,input,textarea,select):not([disabled]),[tabindex='0']";

/** A native dialog, shown. `onEscape` runs on Esc instead of the browser's own closing. */
export function showDialog(className, labelledby, onEscape, ...children) {
  const dialog = h("dialog", { class: className, "aria-labelledby": labelledby, "aria-modal": "true" }, ...children);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      onEscape();
    }
    if (event.key === "Tab") wrap(event, dialog);
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Everything inside a dialog or pane that Tab reaches, in order. */
export const focusables = (root) => [...root.querySelectorAll(FOCUSABLE)].filter((node) => node.offsetParent !== null);

function wrap(event, dialog) {
  const stops = focusables(dialog);
  const [first, last] = [stops[0], stops.at(-1)];
  const active = document.activeElement;
  if (event.shiftKey ? active === first || active === dialog : active === last) {
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }
}

/** Asks; resolves to true for yes. `danger` colours the yes. */
export function confirmDialog({ title, body, yes = "Yes", no = "Cancel", danger = false }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const answer = (value) => {
      dialog.close();
      dialog.remove();
      before?.focus?.({ preventScroll: true });
      resolve(value);
    };
    const dialog = showDialog(
      "ask", "ask-title", () => answer(false),
      h("h2", { id: "ask-title" }, title),
      h("div", { class: "ask-body" }, body),
      h("div", { class: "ask-buttons" },
        h("button", { class: "button", type: "button", onclick: () => answer(false) }, no),
        h("button", { class: `button ${danger ? "danger solid" : "primary"}`, type: "button", onclick: () => answer(true) }, yes)),
    );
    // Enter must not carry out what is dangerous without a look at it.
    dialog.querySelector(`.ask-buttons button:${danger ? "first" : "last"}-child`).focus();
  });
}

/** A sentence at the bottom of the page for some seconds. */
export function toast(words, bad = false) {
  const shelf = document.getElementById("toasts");
  const close = () => note.remove();
  const note = h("div", { class: `toast${bad ? " toast-bad" : ""}`, role: bad ? "alert" : "status" },
    h("span", null, words),
    iconButton("Dismiss", "close", close, 14));
  shelf.append(note);
  while (shelf.children.length > 3) shelf.firstChild.remove();
  setTimeout(close, bad ? 9000 : 5000);
}
