// Every call to the server. Answers are always objects with `ok`; a call that could not be made is an answer too.

const OFFLINE = { ok: false, error: "offline", message: "The sandbox did not answer. Is it still running?" };

async function ask(path, body) {
  const request = body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  try {
    const response = await fetch(path, request);
    const answer = await response.json();
    if (response.ok) return answer;
    return { ...OFFLINE, message: "The sandbox failed to answer this. Its terminal says why.", ...answer, ok: false };
  } catch {
    return OFFLINE;
  }
}

const query = (values) => new URLSearchParams(values).toString();

export const api = {
  state: (user) => ask(`/_page/state?${query({ user })}`),
  history: (user, channel) => ask(`/_page/history?${query({ user, channel })}`),
  thread: (user, channel, ts) => ask(`/_page/thread?${query({ user, channel, ts })}`),
  pins: (user, channel) => ask(`/_page/pins?${query({ user, channel })}`),
  views: (user) => ask(`/_page/views?${query({ user })}`),
  say: (body) => ask("/_page/say", body),
  act: (body) => ask("/_page/act", body),
  shortcut: (body) => ask("/_page/shortcut", body),
  react: (body) => ask("/_page/react", body),
  pin: (body) => ask("/_page/pin", body),
  join: (body) => ask("/_page/join", body),
  submit: (body) => ask("/_page/submit", body),
  close: (body) => ask("/_page/close", body),
  suggest: (body) => ask("/_page/suggest", body),
  home: (user) => ask("/_page/home", { user }),
  read: (user, channel) => ask("/_page/read", { user, channel }),
  panel: async (kept) => {
    const answer = await ask(`/world/panel?${query(kept)}`);
    return answer.sections ? { ...answer, ok: true } : answer;
  },
  change: (body) => ask("/world/do", body),
};

/** Live events of one person. `heard(event)` for each; `live(connected)` whenever the line goes up or down. */
export function listen(user, heard, live) {
  let source = null;
  const open = () => {
    source = new EventSource(`/_page/events?${query({ user })}`);
    source.onopen = () => live(true);
    source.onerror = () => {
      live(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => source?.readyState === EventSource.CLOSED && open(), 2000);
    };
    source.onmessage = (event) => heard(JSON.parse(event.data));
  };
  // A browser has six connections for one address: a page nobody looks at must not keep one for long.
  let rest = 0;
  const watch = () => {
    clearTimeout(rest);
    if (document.hidden) {
      rest = setTimeout(() => {
        source.close();
        live(false);
      }, 20000);
    } else if (source.readyState === EventSource.CLOSED) open();
  };
  document.addEventListener("visibilitychange", watch);
  open();
  return () => {
    document.removeEventListener("visibilitychange", watch);
    clearTimeout(rest);
    source.close();
    source = null;
  };
}
