// What a phone keeps is closed twice: in an envelope that only the server opens (core/envelopes.py), which is what it sends, and under a key
// of this phone that no script can take out, so that its writer reads and corrects it until it has arrived.
import { MARKS, transact } from "./store.js";

const INFO = new TextEncoder().encode("yijiaan outbox 1");
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const serverKey = () => (self.document ? document.querySelector('meta[name="yj-seal"]')?.content ?? "" : "");
export const sealName = () => serverKey().split(".")[0];
export const canSeal = () => Boolean(self.crypto && self.crypto.subtle && serverKey());

const fromBase64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part.buffer ?? part, part.byteOffset ?? 0, part.byteLength), at);
    at += part.byteLength;
  }
  return whole;
}

// The form as the server will read it, closed for this deed alone: context is its key and where it goes.
export async function closeEnvelope(form, context) {
  const [name, point] = serverKey().split(".");
  const ours = fromBase64(point);
  const body = new Response(form);
  const content = joined(encoder.encode(`${body.headers.get("Content-Type")}\n`), new Uint8Array(await body.arrayBuffer()));
  const pair = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const mine = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const peer = await crypto.subtle.importKey("raw", ours, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: peer }, pair.privateKey, 256);
  const base = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: joined(mine, ours), info: INFO }, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const closed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: encoder.encode(context) }, key, content);
  return joined(encoder.encode(name), mine, nonce, new Uint8Array(closed)).buffer;
}

// A key of this phone by name, made at first use; null when there is none and none is to be made.
export async function phoneKey(name, isMade = true) {
  const known = await transact([MARKS], "readonly", (marks) => marks.get(`key:${name}`));
  if (known || !isMade) return known ?? null;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  let kept = fresh;
  await transact([MARKS], "readwrite", (marks) => {
    const request = marks.get(`key:${name}`); // another tab may have been faster
    request.onsuccess = () => {
      if (request.result) {
        kept = request.result;
        return;
      }
      try {
        marks.put(fresh, `key:${name}`);
      } catch {
        request.transaction.abort(); // a full phone: whoever asked goes on without
      }
    };
  });
  return kept;
}

export const dropPhoneKey = (name) => transact([MARKS], "readwrite", (marks) => marks.delete(`key:${name}`));

export async function lock(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, value) };
}

export const unlock = (key, { iv, data }) => crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data);

// What somebody may want to read again: words as JSON behind their length, then the files one behind the other.
async function packed({ title, facts, fields, files, beside }) {
  const about = files.map(({ name, file }) => ({ name, called: file.name || name, type: file.type, size: file.size }));
  const words = encoder.encode(JSON.stringify({ title, facts, fields, beside: beside || [], files: about }));
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, words.byteLength);
  const bytes = await Promise.all(files.map(async ({ file }) => new Uint8Array(await file.arrayBuffer())));
  return joined(head, words, ...bytes);
}

function unpacked(buffer) {
  const size = new DataView(buffer).getUint32(0);
  const said = JSON.parse(decoder.decode(new Uint8Array(buffer, 4, size)));
  let at = 4 + size;
  const files = said.files.map(({ name, called, type, size: length }) => {
    const file = new File([buffer.slice(at, at + length)], called, { type });
    at += length;
    return { name, file };
  });
  return { ...said, files };
}

export async function keepReadable(row) {
  return lock(await phoneKey(`outbox:${row.owner}`), await packed(row));
}

export async function readKept(row) {
  const key = await phoneKey(`outbox:${row.owner}`, false);
  return key ? unpacked(await unlock(key, row.kept)) : null;
}
