// What a phone keeps until the server has confirmed it. A row is one deed: its form's values and files, under a key of its own
// by which the server knows a repeat. States: waiting, signin (send again after signing in), fix (must be corrected), sent.
// Where the browser can, a row is closed (seal.js): `sealed` is what is sent, `kept` what its writer may read; else both stand open in it.
import { canSeal, closeEnvelope, keepReadable, readKept, sealName } from "./seal.js";
import { DRAFTS, OUTBOX, transact } from "./store.js";

export const PUBLIC = "public";
export const WEEK = 7 * 24 * 3600 * 1000;
const CHANNEL = "yj-outbox";

const channel = self.BroadcastChannel ? new BroadcastChannel(CHANNEL) : null;

// Tells this page and the others that rows changed.
export function announce() {
  if (channel) channel.postMessage("changed");
  self.dispatchEvent(new Event(CHANNEL));
}

export function onChange(listen) {
  self.addEventListener(CHANNEL, listen);
  if (self.BroadcastChannel) new BroadcastChannel(CHANNEL).addEventListener("message", listen);
}

export function newKey() {
  if (self.crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain HTTP and older browsers lack randomUUID
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// What is sent of an open row, all but what is only known then.
export function formOf({ key, at, owner, fields, files }) {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  for (const { name, file } of files) form.append(name, file, file.name || name);
  form.set("client_key", key);
  form.set("occurred_at", String(at));
  form.set("owner", owner);
  return form;
}

// An open row closed; as it is where the browser or the page cannot close it.
export async function closed(row) {
  if (!canSeal()) return row;
  try {
    const sealed = await closeEnvelope(formOf(row), `${row.key} ${row.action}`);
    const kept = await keepReadable(row);
    return { ...row, sealed, seal: sealName(), kept, title: "", facts: [], fields: [], files: [] };
  } catch {
    return row;
  }
}

// A row as its writer may read it. isClosed: this phone's key is gone, it can only be sent.
export async function opened(row) {
  if (!row || !row.kept) return row;
  try {
    const said = await readKept(row);
    if (said) return { ...row, ...said };
  } catch {
    // a key of an earlier life of this phone
  }
  return { ...row, title: "一条封好的，等上传", isClosed: true };
}

// Keeps a row and forgets the draft it came from, both or neither: a page killed in between would send it twice. replaces: the
// row that this one corrects under another key.
export async function saveRow(open, { draft = "", replaces = "" } = {}) {
  const row = await closed(open);
  await transact([OUTBOX, DRAFTS], "readwrite", (rows, drafts) => {
    if (draft) drafts.delete(draft);
    if (replaces && replaces !== row.key) rows.delete(replaces);
    return rows.put(row);
  });
  announce();
}

export const rowOf = async (key) => opened(await transact([OUTBOX], "readonly", (rows) => rows.get(key)));

export async function allRows() {
  const rows = await transact([OUTBOX], "readonly", (store) => store.getAll());
  return rows.sort((one, other) => one.at - other.at);
}

export const openRows = async () => Promise.all((await allRows()).map(opened));

// Changes a row as it stands now; a row deleted meanwhile stays deleted.
export async function changeRow(key, change) {
  await transact([OUTBOX], "readwrite", (rows) => {
    const request = rows.get(key);
    request.onsuccess = () => request.result && rows.put(change(request.result));
  });
  announce();
}

export async function dropRow(key) {
  await transact([OUTBOX], "readwrite", (rows) => rows.delete(key));
  announce();
}

export const isUnsent = (row) => row.state !== "sent";
export const isOverdue = (row) => isUnsent(row) && Date.now() - row.at > WEEK;

// What was confirmed is shown for a week and then forgotten.
export async function tidyRows() {
  for (const row of await allRows()) {
    if (!isUnsent(row) && Math.abs(Date.now() - row.sentAt) > WEEK) await dropRow(row.key);
  }
}
