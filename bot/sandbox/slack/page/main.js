// Joins the parts: who is acted as, what is on show, and what the server tells.

import { api, listen } from "./api.js";
import { Conversation } from "./conversation.js";
import { appChannel, channelName, directory, nameOf, refreshDirectory } from "./directory.js";
import { drawHead, drawThreadHead } from "./head.js";
import { Home } from "./home.js";
import { toast } from "./dialog.js";
import { Modals } from "./modal.js";
import { closePopup } from "./popup.js";
import { Rail } from "./rail.js";
import { World } from "./world.js";

const at = (id) => document.getElementById(id);
const WORLD_OPEN = "slipway.world";
const LAST_ME = "slipway.me";
const SOMEBODY = "U0ALICE"; // who is acted as when the address names nobody

const place = { channel: "", home: false, thread: null, world: false };

const rail = new Rail({ root: at("rail"), acts: { actAs, go, join, goHome }, where: () => place });
const main = new Conversation({ root: at("conversation"), acts: { openThread, seen } });
const thread = new Conversation({ root: at("thread-conversation"), thread: true, acts: { openThread } });
const home = new Home(at("home"));
const modals = new Modals();
const world = new World({ root: at("world"), onClose: () => setWorld(false) });
let hangUp = null;

/** The address names the person, the place and the thread, so that two windows can be two people: #/U1/C1/ts. */
function readAddress() {
  const [user = "", where = "", ts = ""] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { user, where, ts };
}

function writeAddress() {
  const where = place.home ? "home" : place.channel;
  const address = `#/${[directory.me, where, place.thread].filter(Boolean).join("/")}`;
  if (location.hash !== address) history.pushState(null, "", address);
}

async function start() {
  const { user, where, ts } = readAddress();
  const state = await firstAnswer([user, localStorage.getItem(LAST_ME), SOMEBODY].filter(Boolean));
  if (!state.ok) return cannotStart(state);
  place.world = directory.world && (localStorage.getItem(WORLD_OPEN) ?? String(innerWidth >= 1240)) === "true";
  await connect();
  modals.refresh();
  if (where === "home") return goHome();
  return go(directory.channels.has(where) ? where : firstChannel(), ts || null);
}

/** The state as the first of these people whom the server knows sees it. */
async function firstAnswer(ids) {
  let answer = null;
  for (const id of ids) {
    answer = await refreshDirectory(id);
    if (answer.error !== "user_not_found") break;
  }
  return answer;
}

function cannotStart(answer) {
  at("line").hidden = false;
  at("line").textContent = `⚠️ ${answer.message ?? answer.error}`;
  setTimeout(start, 2000);
}

const firstChannel = () => [...directory.channels.values()].find((one) => !one.is_im && !one.is_archived)?.id ?? "";

/** Hangs on to this person's events; resolves when they come in (or cannot), so that nothing asked for later is missed. */
function connect() {
  hangUp?.();
  localStorage.setItem(LAST_ME, directory.me);
  modals.show([]);
  let lost = false;
  return new Promise((resolve) => {
    hangUp = listen(directory.me, heard, (live) => {
      at("line").hidden = live;
      document.body.toggleAttribute("data-live", live);
      if (live && lost) catchUp();
      lost = !live;
      resolve();
    });
  });
}

/** After a line that was down: everything on show is asked for again. */
async function catchUp() {
  await refreshState();
  modals.refresh();
  main.refresh();
  if (place.thread) thread.refresh();
  if (place.home) home.open();
}

async function refreshState() {
  const answer = await refreshDirectory(directory.me);
  if (answer.ok) draw();
}

function heard(event) {
  const handle = {
    message: () => onMessage(event),
    message_changed: () => onMessage(event),
    message_deleted: () => onMessage(event),
    views: () => modals.show(event.stack),
    home: () => place.home && event.view && home.show(event.view),
    state: refreshState,
    world: () => world.refresh(),
  }[event.type];
  handle?.();
}

function onMessage(event) {
  main.heard(event);
  thread.heard(event);
  if (event.type !== "message") return;
  const channel = directory.channels.get(event.channel);
  if (!channel) refreshState();
  else if (counts(event) && place.channel !== event.channel) {
    channel.unread += 1;
    draw();
  }
}

function counts({ message }) {
  const reply = message.thread_ts && message.thread_ts !== message.ts && message.subtype !== "thread_broadcast";
  return !reply && !message.ephemeral && message.user !== directory.me;
}

function seen(channelId) {
  const channel = directory.channels.get(channelId);
  if (document.hidden || !channel || channelId !== place.channel) return;
  channel.unread = 0;
  api.read(directory.me, channelId);
  draw();
}

async function actAs(user) {
  closePopup();
  const state = await refreshDirectory(user);
  if (!state.ok) return;
  await connect();
  modals.refresh();
  const stay = directory.channels.has(place.channel) && !directory.channels.get(place.channel).is_im;
  if (place.home) goHome();
  else go(stay ? place.channel : firstChannel(), stay ? place.thread : null);
}

function go(channel, ts = null) {
  Object.assign(place, { channel, home: false, thread: null });
  directory.current = channel;
  at("home").hidden = true;
  at("conversation").hidden = false;
  main.open(channel);
  if (ts) openThread(ts);
  else thread.close();
  draw();
  writeAddress();
  if (!modals.dialog && !ts) main.composer.field.focus();
}

/** Enters a public channel that the person is not in yet. */
async function join(channel) {
  const answer = await api.join({ user: directory.me, channel });
  if (!answer.ok) return toast(answer.message ?? answer.error, true);
  await refreshState();
  return go(channel);
}

/** Shows a message of this channel: in its thread when it is a reply. */
async function goTo(message) {
  const root = message.thread_ts ?? message.ts;
  if (root === message.ts) return main.reveal(message.ts);
  if (place.thread !== root) await openThread(root);
  return thread.reveal(message.ts);
}

function goHome() {
  Object.assign(place, { channel: "", home: true, thread: null });
  main.close();
  thread.close();
  at("conversation").hidden = true;
  at("home").hidden = false;
  home.open();
  draw();
  writeAddress();
}

function openThread(ts) {
  place.thread = ts;
  const opened = thread.open(place.channel, ts);
  draw();
  writeAddress();
  thread.composer.field.focus();
  return opened;
}

function closeThread() {
  place.thread = null;
  thread.close();
  draw();
  writeAddress();
  main.composer.field.focus();
}

function setWorld(open) {
  place.world = open;
  if (open && place.thread) closeThread();
  localStorage.setItem(WORLD_OPEN, String(open));
  draw();
}

function draw() {
  rail.draw();
  const onApp = place.home || (place.channel !== "" && place.channel === appChannel()?.id);
  const toggleWorld = () => setWorld(place.thread !== null || !place.world);
  drawHead({ root: at("head"), place, onApp, toggleWorld, goHome, goMessages: () => go(appChannel().id), goTo });
  main.composer.allow();
  drawSide();
  const where = place.home || onApp ? directory.app.name : channelName(place.channel);
  const unread = [...directory.channels.values()].reduce((sum, one) => sum + (one.id === place.channel ? 0 : one.unread), 0);
  document.title = `${unread ? `(${unread}) ` : ""}${where} · ${nameOf(directory.me)} · Slipway sandbox`;
}

function drawSide() {
  const onThread = place.thread !== null;
  const onWorld = !onThread && place.world && directory.world;
  at("side").hidden = !onThread && !onWorld;
  at("thread").hidden = !onThread;
  at("world").hidden = !onWorld;
  if (onWorld !== world.shown) world.show(onWorld);
  if (onThread) drawThreadHead(at("thread-head"), place.channel, closeThread);
}

async function followAddress() {
  const { user, where, ts } = readAddress();
  const other = Boolean(user) && user !== directory.me;
  if (other) {
    const state = await refreshDirectory(user);
    if (!state.ok) return;
    await connect();
    modals.refresh();
  }
  if (where === "home") goHome();
  else if (other || where !== place.channel || (ts || null) !== place.thread) {
    go(directory.channels.has(where) ? where : firstChannel(), ts || null);
  }
}

addEventListener("popstate", followAddress);
addEventListener("focus", () => place.channel && main.stuck && seen(place.channel));
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !modals.dialog) {
    event.preventDefault();
    rail.jump();
  }
});

start();
