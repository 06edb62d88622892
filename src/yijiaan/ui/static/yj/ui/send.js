// The one sender: page, other tabs and the service worker take turns. A row is done only when the server names its key.
import { announce, allRows, changeRow, closed, formOf, isUnsent, opened, PUBLIC } from "./outbox.js";
import { keepReadable, sealName } from "./seal.js";
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

const SEALED = "application/vnd.yijiaan.sealed";
const PART = 192 * 1024; // bytes of a piece: what a bad line carries before it breaks
const HEADERS = { "X-Outbox": "1", Accept: "application/json" };

async function ask(address, size, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE + size / SLOWEST_LINE);
  try {
    const answer = await fetch(address, { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: stop.signal, ...options });
    const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    return { status: answer.status, wait: Number(answer.headers.get("Retry-After")) || 0, type: answer.type, body: isJson ? await answer.json() : null };
  } finally {
    clearTimeout(timer);
  }
}

// Pieces that have arrived are not sent again: a line that breaks after each still brings all of them over.
async function sendParts(row) {
  const address = `/outbox/${row.key}/`;
  const count = Math.ceil(row.sealed.byteLength / PART);
  const known = await ask(address, 0, { headers: HEADERS });
  if (known.status !== 200 || !known.body) return { count, failed: known };
  const there = new Set(known.body.parts);
  for (let number = 0; number < count; number += 1) {
    if (there.has(number)) continue;
    const body = row.sealed.slice(number * PART, (number + 1) * PART);
    const answer = await ask(`${address}${number}/`, PART, { method: "POST", headers: { ...HEADERS, "Content-Type": SEALED }, body });
    if (answer.status !== 200) return { count, failed: answer };
  }
  return { count, failed: null };
}

async function postSealed(row, isWatched, token) {
  const headers = { ...HEADERS, "Content-Type": SEALED, "X-CSRFToken": token, "X-Outbox-Key": row.key };
  if (isWatched) headers["X-Outbox-Watched"] = "1";
  let body = row.sealed;
  if (body.byteLength > PART) {
    const { count, failed } = await sendParts(row);
    if (failed) return failed;
    headers["X-Outbox-Parts"] = String(count);
    body = null;
  }
  headers["X-Outbox-Sent"] = String(Date.now());
  return ask(row.action, body ? body.byteLength : 0, { method: "POST", headers, body });
}

async function post(row, isWatched, token) {
  if (row.sealed) return postSealed(row, isWatched, token);
  const body = formOf(row);
  body.set("sent_at", String(Date.now()));
  if (isWatched) body.set("watched", "1");
  const size = row.files.reduce((sum, { file }) => sum + file.size, 0);
  return ask(row.action, size, { method: "POST", body, headers: { ...HEADERS, "X-CSRFToken": token } });
}

const refusal = (message) => ({ state: "fix", errors: [{ field: "", message }] });

// What the answer makes of the row.
function judge(row, { status, type, wait, body }) {
  if ((status === 200 || status === 201) && body && body.client_key === row.key) {
    return { state: "sent", number: body.number, url: body.url, refused: body.refused || [], beside: body.beside || [], clock: body.clock || "", sentAt: Date.now(), fields: [], files: [], sealed: null, errors: [] };
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

// What is left of a row that arrived: how it is called and what stood in it, for a week, with what the office made of it meanwhile;
// its files are not kept twice. What is closed stays so; where this phone cannot close it any more only how many differ is kept.
async function slim(row, { beside }) {
  if (!row.kept) return {};
  const open = await opened(row);
  if (open.isClosed) return { kept: null, title: open.title, beside: [], differ: beside.length };
  return { kept: await keepReadable({ ...open, beside, fields: [], files: [] }), title: "", beside: [] };
}

// Closed for a server that has other keys now: closed anew where the page knows them and this phone can still read it.
async function closedAnew(row) {
  if (!row.sealed || !sealName() || row.seal === sealName()) return null;
  const open = await opened(row);
  if (open.isClosed) return null;
  const { sealed, seal, kept } = await closed({ ...open, kept: undefined, sealed: undefined });
  return sealed ? { sealed, seal, kept, state: "waiting", errors: [], code: "" } : null;
}

async function settle(row, { wait, isSilent, ...became }) {
  const more = became.state === "sent" ? await slim(row, became) : (became.code === "cannot_open" && (await closedAnew(row))) || {};
  const tries = (row.tries || 0) + 1;
  const next = Date.now() + (more.seal ? 0 : wait ? wait * 1000 : pauseAfter(tries));
  await changeRow(row.key, (now) => ({ ...now, ...became, ...more, tries, next, told: Boolean(wait) }));
  return more.state || became.state;
}

const MANY = 5;
const MOST_AT_ONCE = 60;
const MOST_BYTES = 3 * 1024 * 1024;

// Many small deeds that waited for days go in one request; each is answered for itself.
async function sendTogether(rows) {
  const parcel = [];
  let size = 0;
  for (const row of rows) {
    if (parcel.length === MOST_AT_ONCE || size + row.sealed.byteLength > MOST_BYTES) break;
    parcel.push(row);
    size += row.sealed.byteLength;
  }
  const list = parcel.map(({ key, action, sealed }) => ({ key, action, sent: Date.now(), length: sealed.byteLength }));
  const body = new Blob([`${JSON.stringify(list)}\n`, ...parcel.map(({ sealed }) => sealed)]);
  const token = await tokenFor(parcel[0], false);
  const { status, body: said } = await ask("/outbox/sync/", size, { method: "POST", body, headers: { ...HEADERS, "Content-Type": SEALED, "X-CSRFToken": token } });
  if (status !== 200 || !said) return [];
  const answers = new Map(said.answers.map((answer) => [answer.key, answer]));
  return parcel.filter(({ key }) => answers.has(key)).map((row) => [row, judge(row, { type: "basic", ...answers.get(row.key) })]);
}

// Where order matters a row waits for the earlier ones of its chain.
const isHeld = (row, rows) => Boolean(row.chain) && rows.some((other) => other.chain === row.chain && other.at < row.at && other.state !== "sent");

async function pass({ force = false, viewer = null, watch = "" }) {
  const rows = (await allRows()).filter(isUnsent);
  const mine = rows.filter((row) => row.state !== "fix" && (viewer === null || row.owner === PUBLIC || row.owner === viewer));
  mine.sort((one, other) => (other.key === watch) - (one.key === watch) || (one.tries || 0) - (other.tries || 0) || one.at - other.at);
  const settled = async (row, became) => {
    row.state = await settle(row, became);
    return row.state;
  };
  let together = mine.filter((row) => row.sealed && row.key !== watch && row.sealed.byteLength <= PART && isDue(row, force) && !row.chain);
  while (together.length >= MANY) {
    const answered = await sendTogether(together).catch(() => []);
    for (const [row, became] of answered) await settled(row, became);
    if (!answered.length) break; // one by one then
    const done = new Set(answered.map(([row]) => row.key));
    together = together.filter((row) => !done.has(row.key));
    for (const row of mine) if (done.has(row.key)) row.isAnswered = true;
  }
  let left = 0;
  for (const row of mine) {
    if (row.isAnswered || isHeld(row, rows) || !isDue(row, force)) {
      if (row.state !== "sent" && row.state !== "fix") left += 1;
      continue;
    }
    const became = await sendRow(row, row.key === watch);
    const state = await settled(row, became);
    if (state !== "sent" && state !== "fix") left += 1;
    if (became.isSilent) break; // a line that swallows one swallows the next
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
