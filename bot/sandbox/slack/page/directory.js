// Who and what there is, as the person acted as sees it: filled from /_page/state, read by everything that shows a name.

import { api } from "./api.js";

const NOBODY = { id: "", name: "unknown", real_name: "Unknown", title: "", tz: "UTC", is_bot: false };
const SLACKBOT = { id: "USLACKBOT", name: "slackbot", real_name: "Slackbot", title: "", tz: "UTC", is_bot: true };

export const directory = {
  me: "",
  team: { id: "", name: "" },
  users: new Map(),
  groups: new Map(),
  channels: new Map(),
  others: [], // public channels this person is not in
  commands: [],
  shortcuts: [], // what the app adds to a message's menu
  app: { id: "", name: "Slipway", bot_user: "" },
  world: false,
  current: "", // the channel on show: what "default to the current conversation" means
};

/** Asks the server again; false with the reason shown by the caller when it cannot answer. */
export async function refreshDirectory(user) {
  const state = await api.state(user);
  if (!state.ok) return state;
  directory.me = state.me;
  directory.team = state.team;
  directory.users = new Map(state.users.map((person) => [person.id, person]));
  directory.groups = new Map((state.usergroups ?? []).map((group) => [group.id, group]));
  directory.channels = new Map(state.channels.map((channel) => [channel.id, channel]));
  directory.others = state.others ?? [];
  directory.commands = state.commands;
  directory.shortcuts = state.message_shortcuts ?? [];
  directory.app = state.app ?? directory.app;
  directory.world = state.world;
  return state;
}

export function person(id) {
  if (id === SLACKBOT.id) return SLACKBOT;
  return directory.users.get(id) ?? { ...NOBODY, id, real_name: id || NOBODY.real_name };
}

export const me = () => person(directory.me);
export const zone = () => me().tz || "UTC";
export const nameOf = (id) => person(id).real_name || person(id).name;

export function channelName(id) {
  const channel = directory.channels.get(id);
  if (!channel) return id;
  return channel.is_im ? nameOf(channel.peer) : channel.name;
}

/** The direct message between the person acted as and the app, or undefined. */
export function appChannel() {
  return [...directory.channels.values()].find((channel) => channel.is_im && channel.peer === directory.app.bot_user);
}

export const people = () => [...directory.users.values()].filter((one) => !one.deleted && !one.is_bot && one.id !== SLACKBOT.id);

export const isSlackbot = (id) => id === SLACKBOT.id;
