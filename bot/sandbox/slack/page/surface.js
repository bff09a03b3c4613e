// A surface is one message, modal view or Home tab: its blocks on the page, what was chosen in them, and the way to the bot.

import { api } from "./api.js";
import { blockNode } from "./blocks.js";
import { directory } from "./directory.js";
import { patch } from "./dom.js";
import { initialValue, keyOf } from "./values.js";

export class Surface {
  /** `container()` names this surface to the server; `root` receives the blocks. `onSubmit` runs on Enter in a one-line field. */
  constructor({ root, container, onSubmit = null }) {
    this.root = root;
    this.container = container;
    this.onSubmit = onSubmit;
    this.blocks = [];
    this.values = new Map();
    this.types = new Map();
    this.pending = new Set();
    this.failures = new Map();
    this.errors = {};
    this.turns = new Map();
  }

  /** Shows these blocks. What was typed or chosen stays where block_id, action_id and type are the same, as in Slack. */
  render(blocks) {
    this.blocks = (blocks ?? []).map((block, at) => ({ ...block, block_id: block.block_id ?? `block-${at}` }));
    this.failures.clear();
    const kept = new Set();
    for (const [block, element] of this.inputs()) kept.add(this.remember(block, element));
    for (const key of this.values.keys()) if (!kept.has(key)) this.values.delete(key);
    this.draw();
  }

  draw() {
    patch(this.root, this.blocks, {
      key: (block) => block.block_id,
      stamp: (block) => `${this.turns.get(block.block_id) ?? 0}${JSON.stringify(block)}`,
      build: (block) => blockNode(block, this),
    });
  }

  /** Draws one block again although its JSON is the same: something chosen, pending or wrong in it has changed. */
  redraw(blockId) {
    this.turns.set(blockId, (this.turns.get(blockId) ?? 0) + 1);
    this.draw();
  }

  /** Every [block, element] here that carries a value. */
  inputs() {
    return this.blocks.flatMap((block) => {
      const elements = [block.element, block.accessory, ...(block.type === "actions" ? block.elements : [])];
      return elements.filter((one) => one && initialValue(one)).map((one) => [block, one]);
    });
  }

  remember(block, element) {
    const key = keyOf(block, element);
    if (!this.values.has(key) || this.types.get(key) !== element.type) this.values.set(key, initialValue(element));
    this.types.set(key, element.type);
    return key;
  }

  value(block, element) {
    return this.values.get(keyOf(block, element)) ?? initialValue(element);
  }

  /** Stores a new value, e.g. {selected_option: …}; the block is drawn again unless `quiet` (while typing). */
  change(block, element, value, { quiet = false } = {}) {
    this.values.set(keyOf(block, element), { type: element.type, ...value });
    delete this.errors[block.block_id];
    this.failures.delete(keyOf(block, element));
    if (!quiet) this.redraw(block.block_id);
  }

  /** All values as the payloads of Slack carry them: {values: {block_id: {action_id: {type, …}}}}. */
  state() {
    const values = {};
    for (const [block, element] of this.inputs()) {
      values[block.block_id] ??= {};
      values[block.block_id][element.action_id] = this.value(block, element);
    }
    return { values };
  }

  isPending = (block, element) => this.pending.has(keyOf(block, element));

  failure = (block, element) => this.failures.get(keyOf(block, element));

  /** Tells the bot; a spinner stands on the element until the server has answered, a sentence when it could not. */
  async act(block, element, details) {
    const key = keyOf(block, element);
    if (this.pending.has(key)) return;
    this.pending.add(key);
    this.failures.delete(key);
    this.redraw(block.block_id);
    const answer = await api.act({
      user: directory.me,
      container: this.container(),
      block_id: block.block_id,
      action: { type: element.type, action_id: element.action_id, block_id: block.block_id, ...details },
      state: this.state(),
    });
    this.pending.delete(key);
    if (!answer.ok) this.failures.set(key, answer.message ?? answer.error);
    this.redraw(block.block_id);
  }

  suggest(block, element, value) {
    const { me: user } = directory;
    return api.suggest({ user, container: this.container(), block_id: block.block_id, action_id: element.action_id, value });
  }

  showErrors(errors) {
    const touched = new Set([...Object.keys(this.errors), ...Object.keys(errors)]);
    this.errors = { ...errors };
    for (const blockId of touched) this.redraw(blockId);
  }
}
