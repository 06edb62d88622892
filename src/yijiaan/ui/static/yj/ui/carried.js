// What a phone takes along (portal/carried.py): fetched while there is signal, closed under a key of this phone, gone at sign-out, when the
// server no longer knows the session, when another account uses the phone, or after seven days.
import { dropPhoneKey, lock, phoneKey, unlock } from "./seal.js";
import { MARKS, transact } from "./store.js";

const RENEW = 6 * 3600 * 1000;
const WEEK = 7 * 24 * 3600 * 1000;
const PREFIX = "carried:";
const nameOf = (viewer) => `${PREFIX}${viewer}`;

async function known() {
  const names = await transact([MARKS], "readonly", (marks) => marks.getAllKeys());
  return names.filter((name) => name.startsWith(PREFIX));
}

export async function forgetCarried(viewer) {
  await dropPhoneKey(nameOf(viewer)); // first: without it the rest is noise
  await transact([MARKS], "readwrite", (marks) => marks.delete(nameOf(viewer)));
}

async function forgetOthers(viewer) {
  for (const name of await known()) if (name !== nameOf(viewer)) await forgetCarried(name.slice(PREFIX.length));
}

const isOver = ({ kept }) => Date.now() - kept > WEEK || kept - Date.now() > WEEK; // a clock set back must not keep it for ever

// What was taken along for an account; null when there is nothing, or nothing any more.
export async function readCarried(viewer) {
  const row = await transact([MARKS], "readonly", (marks) => marks.get(nameOf(viewer)));
  if (!row) return null;
  if (isOver(row)) {
    await forgetCarried(viewer);
    return null;
  }
  const key = await phoneKey(nameOf(viewer), false);
  if (!key) return null;
  return { kept: row.kept, ...JSON.parse(new TextDecoder().decode(await unlock(key, row))) };
}

// Renews it when it is some hours old. An answer that is no longer for this account deletes it.
export async function renewCarried(viewer, address, force = false) {
  await forgetOthers(viewer);
  const row = await transact([MARKS], "readonly", (marks) => marks.get(nameOf(viewer)));
  if (row && isOver(row)) await forgetCarried(viewer);
  else if (row && !force && Math.abs(Date.now() - row.kept) < RENEW) return;
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    await forgetCarried(viewer);
    return;
  }
  if (!answer.ok) return;
  const text = await answer.text();
  if (JSON.parse(text).viewer !== viewer) {
    await forgetCarried(viewer);
    return;
  }
  const closed = await lock(await phoneKey(nameOf(viewer)), new TextEncoder().encode(text));
  await transact([MARKS], "readwrite", (marks) => marks.put({ ...closed, kept: Date.now() }, nameOf(viewer)));
}
