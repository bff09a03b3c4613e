// Times as the person acted as would read them: in that person's zone, 24 hours, English.

import { zone } from "./directory.js";

const formats = new Map();

function format(timeZone, options) {
  const key = timeZone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone, ...options }));
  return formats.get(key);
}

function partsOf(unix, tz) {
  const options = {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  };
  const parts = format(tz, options).formatToParts(new Date(unix * 1000));
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}

const monthName = (unix, tz, month) => format(tz, { month }).format(new Date(unix * 1000)).replace("Sept", "Sep");
const weekday = (unix, tz) => format(tz, { weekday: "long" }).format(new Date(unix * 1000));

function ordinal(day) {
  const tail = day % 100;
  if (tail >= 11 && tail <= 13) return `${day}th`;
  return `${day}${["th", "st", "nd", "rd"][day % 10] ?? "th"}`;
}

/** Whole days from today to that moment, both counted in the zone: -1 is yesterday. */
function daysAway(unix, tz) {
  const day = (at) => {
    const { year, month, day: date } = partsOf(at, tz);
    return Date.UTC(year, month - 1, date) / 86400000;
  };
  return day(unix) - day(Date.now() / 1000);
}

const pretty = (unix, tz) => ({ [-1]: "yesterday", 0: "today", 1: "tomorrow" })[daysAway(unix, tz)];

function ago(unix) {
  const seconds = unix - Date.now() / 1000;
  const units = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

const TOKENS = {
  date_num: (u, z, p) => `${p.year}-${p.month}-${p.day}`,
  date_slash: (u, z, p) => `${p.day}/${p.month}/${p.year}`,
  date: (u, z, p) => `${monthName(u, z, "long")} ${ordinal(+p.day)}, ${p.year}`,
  date_short: (u, z, p) => `${monthName(u, z, "short")} ${+p.day}, ${p.year}`,
  date_long: (u, z, p) => `${weekday(u, z)}, ${TOKENS.date(u, z, p)}`,
  date_long_full: (u, z, p) => `${monthName(u, z, "long")} ${+p.day}, ${p.year}`,
  date_pretty: (u, z, p) => pretty(u, z) ?? TOKENS.date(u, z, p),
  date_short_pretty: (u, z, p) => pretty(u, z) ?? TOKENS.date_short(u, z, p),
  date_long_pretty: (u, z, p) => pretty(u, z) ?? TOKENS.date_long(u, z, p),
  day_divider_pretty: (u, z) => pretty(u, z) ?? dayOfYear(u, z),
  time: (u, z, p) => `${p.hour}:${p.minute}`,
  time_secs: (u, z, p) => `${p.hour}:${p.minute}:${p.second}`,
  ago: (u) => ago(u),
};

function dayOfYear(unix, tz) {
  const parts = partsOf(unix, tz);
  const words = `${weekday(unix, tz)}, ${monthName(unix, tz, "long")} ${ordinal(+parts.day)}`;
  return parts.year === partsOf(Date.now() / 1000, tz).year ? words : `${words}, ${parts.year}`;
}

/** A Slack date template with its tokens filled in; null when it holds a token Slack does not know. */
export function fillDate(unix, template, tz = zone()) {
  if (!Number.isFinite(unix)) return null;
  const parts = partsOf(unix, tz);
  let known = true;
  const text = template.replace(/\{(\w+)\}/g, (whole, token, at) => {
    if (!TOKENS[token]) known = false;
    const words = TOKENS[token]?.(unix, tz, parts) ?? whole;
    return at === 0 ? words[0].toUpperCase() + words.slice(1) : words;
  });
  return known ? text : null;
}

export const clock = (unix) => fillDate(unix, "{time}");
export const fullTime = (unix) => `${fillDate(unix, "{date_long} at {time_secs}")} (${zone()})`;
export const dayLabel = (unix) => fillDate(unix, "{day_divider_pretty}");
export const dayKey = (unix) => fillDate(unix, "{date_num}");

/** "2026-05-01T14:30" on the wall of that zone, as unix seconds. */
export function unixOf(local, tz = zone()) {
  const wall = Date.parse(`${local}:00Z`) / 1000;
  if (!Number.isFinite(wall)) return null;
  let guess = wall;
  // Twice: the first guess may lie on the other side of a change to summer time.
  for (let round = 0; round < 2; round += 1) guess = wall - (wallOf(guess, tz) - guess);
  return guess;
}

function wallOf(unix, tz) {
  const p = partsOf(unix, tz);
  return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) / 1000;
}

/** Unix seconds as the value a datetime-local field wants, on the wall of that zone. */
export function localOf(unix, tz = zone()) {
  const p = partsOf(unix, tz);
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
}
