// The one sender: page, other tabs and the service worker take turns. A row is done only when the server names its key.
import { announce, allRows, changeRow, isUnsent, PUBLIC } from "./outbox.js";
import { MARKS, transact } from "./store.js";

const LOCK = "yj-outbox";
const LOCK_PATIENCE = 60 * 1000;
const LEASE = 5 * 60 * 1000;
const LONGEST_PAUSE = 5 * 60 * 1000;
const PATIENCE = 30 * 1000; // for the answer, beside the time a slow line needs for the files
const SLOWEST_LINE = 8; // bytes a millisecond
const LATER = [408, 425, 429];
const SIGN_IN = [401, 403];
const UNKNOWN_DOOR = [404, 405, 410];
const TOO_LARGE = 413;

const cookie = () => {
  const all = self.document ? document.cookie.split("; ") : [];
  const pair = all.find((one) => one.startsWith("csrftoken="));
  return pair ? pair.slice("csrftoken=".length) : "";
};

// Read when it is sent, never stored: signing in renews it. The worker has no cookies to read, so it asks for the form.
async function tokenFor(row, afresh) {
  const known = afresh ? "" : cookie();
  if (known) return known;
  const answer = await fetch(row.page, { credentials: "same-origin", cache: "no-store", redirect: "manual" });
  const page = answer.ok ? await answer.text() : "";
  const found = page.match(/name="csrfmiddlewaretoken" value="([^"]+)"/);
  return found ? found[1] : "";
}

function bodyOf(row, isWatched) {
  const body = new FormData();
  for (const [name, value] of row.fields) body.append(name, value);
  for (const { name, file } of row.files) body.append(name, file, file.name || name);
  body.set("client_key", row.key);
  body.set("occurred_at", String(row.at));
  body.set("sent_at", String(Date.now()));
  body.set("owner", row.owner);
  if (isWatched) body.set("watched", "1");
  return body;
}

async function post(row, isWatched, token) {
  const size = row.files.reduce((sum, { file }) => sum + file.size, 0);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE + size / SLOWEST_LINE);
  try {
    const answer = await fetch(row.action, {
      method: "POST",
      body: bodyOf(row, isWatched),
      headers: { "X-Outbox": "1", "X-CSRFToken": token, Accept: "application/json" },
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: stop.signal,
    });
    const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    return { status: answer.status, wait: Number(answer.headers.get("Retry-After")) || 0, type: answer.type, body: isJson ? await answer.json() : null };
  } finally {
    clearTimeout(timer);
  }
}

const refusal = (message) => ({ state: "fix", errors: [{ field: "", message }] });

// What the answer makes of the row.
function judge(row, { status, type, wait, body }) {
  if ((status === 200 || status === 201) && body && body.client_key === row.key) {
    return { state: "sent", number: body.number, url: body.url, refused: body.refused || [], clock: body.clock || "", sentAt: Date.now(), fields: [], files: [], errors: [] };
  }
  if (SIGN_IN.includes(status) || (type === "opaqueredirect" && row.owner !== PUBLIC)) {
    return row.owner === PUBLIC ? { state: "waiting" } : { state: "signin" };
  }
  if (LATER.includes(status)) return { state: "waiting", wait };
  if (UNKNOWN_DOOR.includes(status)) return refusal("这个入口已经停用，请换一个入口重新报，或者打电话");
  if (status === TOO_LARGE) return refusal("照片和录音加起来太大，请去掉几张再交");
  if (status >= 400 && status < 500) {
    const told = body && body.errors && body.errors.length ? body.errors : null;
    return told ? { state: "fix", errors: told, code: body.code } : refusal("没有收下，请看看哪里要改，再交一次");
  }
  return { state: "waiting" };
}

// Sends one row from memory and says what became of it; no answer counts as waiting.
export async function sendRow(row, isWatched = false) {
  try {
    let answer = await post(row, isWatched, await tokenFor(row, false));
    if (answer.status === 403 && !answer.body) answer = await post(row, isWatched, await tokenFor(row, true));
    return judge(row, answer);
  } catch (error) {
    return { state: "waiting", isSilent: error.name === "AbortError" };
  }
}

const pauseAfter = (tries) => Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(tries, 10));

function isDue(row, force) {
  const left = (row.next || 0) - Date.now();
  return left <= 0 || left > LONGEST_PAUSE * 4 || (force && !row.told); // a clock set back must not hold it for a day
}

async function pass({ force = false, viewer = null, watch = "" }) {
  const rows = (await allRows()).filter((row) => isUnsent(row) && row.state !== "fix");
  const mine = rows.filter((row) => viewer === null || row.owner === PUBLIC || row.owner === viewer);
  mine.sort((one, other) => (other.key === watch) - (one.key === watch) || (one.tries || 0) - (other.tries || 0) || one.at - other.at);
  let left = 0;
  for (const row of mine) {
    if (!isDue(row, force)) {
      left += 1;
      continue;
    }
    const { wait, isSilent, ...became } = await sendRow(row, row.key === watch);
    const tries = (row.tries || 0) + 1;
    const next = Date.now() + (wait ? wait * 1000 : pauseAfter(tries));
    await changeRow(row.key, (now) => ({ ...now, ...became, tries, next, told: Boolean(wait) }));
    if (became.state !== "sent" && became.state !== "fix") left += 1;
    if (isSilent) break; // a line that swallows one swallows the next
  }
  return { left };
}

// For browsers without locks: whoever writes his name into the free lease sends. Should two do so, the server still keeps one.
async function withLease(work) {
  const mine = Math.random().toString(36);
  let isMine = false;
  await transact([MARKS], "readwrite", (marks) => {
    const request = marks.get("sender");
    request.onsuccess = () => {
      const lease = request.result;
      isMine = !lease || Math.abs(Date.now() - lease.since) > LEASE;
      if (isMine) marks.put({ holder: mine, since: Date.now() }, "sender");
    };
  });
  if (!isMine) return null;
  try {
    return await work();
  } finally {
    await transact([MARKS], "readwrite", (marks) => marks.delete("sender"));
  }
}

// A tab that the phone froze may hold the lock for ever: after a minute we go on without it.
async function alone(work) {
  if (!self.navigator.locks) return withLease(work);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), LOCK_PATIENCE);
  try {
    return await navigator.locks.request(LOCK, { signal: stop.signal }, () => {
      clearTimeout(timer);
      return work();
    });
  } catch (error) {
    if (error.name !== "AbortError") throw error;
    return work();
  }
}

let running = null;
let queued = null;
let wanted = {};

// Sends what is due. force: also what waits out a pause. viewer: the account of the page (null: all, the server knows who it is).
// watch: the row that somebody waits for. A second call while one runs follows it.
export function flush(options = {}) {
  wanted = { ...wanted, ...options, force: Boolean(wanted.force || options.force), watch: options.watch || wanted.watch || "" };
  if (running) {
    queued = queued || running.then(() => {
      queued = null;
      return begin();
    });
    return queued;
  }
  return begin();
}

function begin() {
  const options = wanted;
  wanted = {};
  running = alone(() => pass(options))
    .catch(() => null) // storage that cannot be opened: there is nothing to send
    .then((outcome) => {
      running = null;
      announce();
      return outcome;
    });
  return running;
}
