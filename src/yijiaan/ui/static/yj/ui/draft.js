// What was typed survives a call, a crash, a dead battery, a session that ended. A form with data-draft="name" is kept per viewer;
// the page that follows a successful deed names it in <meta name="yj-draft-done">, and only then it is forgotten.
import { draftKeys, dropDraft, keepDraft, readDraft } from "./store.js";

const WEEK = 7 * 24 * 3600 * 1000;
const SKIPPED = new Set(["csrfmiddlewaretoken", "client_key"]);
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
const keyOf = (name) => `${meta("yj-viewer") || "public"}:${name}`;

const inputs = (form) => [...form.elements].filter(
  (input) => input.name && !SKIPPED.has(input.name) && !["password", "submit", "button"].includes(input.type) && input.dataset.draft !== "no",
);

function values(form) {
  const kept = {};
  for (const input of inputs(form)) {
    if (input.type === "file") kept[input.name] = [...input.files];
    else if (input.type === "radio" || input.type === "checkbox") {
      kept[input.name] = kept[input.name] || [];
      if (input.checked) kept[input.name].push(input.value);
    } else kept[input.name] = input.value;
  }
  return kept;
}

function putFiles(input, files) {
  if (!files.length || !window.DataTransfer) return;
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new CustomEvent("photos:restored", { bubbles: true }));
}

// Puts kept values back: name → text, list of chosen values, or list of files.
export function restore(form, kept, onlyFiles = false) {
  for (const input of inputs(form)) {
    const value = kept[input.name];
    if (value === undefined || (onlyFiles && input.type !== "file")) continue;
    if (input.type === "file") putFiles(input, value);
    else if (input.type === "radio" || input.type === "checkbox") input.checked = value.includes(input.value);
    else input.value = value;
  }
  if (!onlyFiles) form.closest("details")?.setAttribute("open", "");
  form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function say(form, text) {
  const status = document.querySelector("[data-draft-status]");
  if (status) status.textContent = text;
}

function offerFresh(form, key, empty) {
  const note = document.createElement("p");
  note.className = "kept";
  note.setAttribute("role", "status");
  const words = document.createElement("span");
  words.textContent = "上次没写完的内容还在，接着写就行。";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "清空重写";
  button.addEventListener("click", async () => {
    await dropDraft(key);
    restore(form, empty);
    location.reload();
  });
  note.append(words, button);
  (form.querySelector("[data-draft-note]") ?? form).prepend(note);
}

const watched = new WeakMap();

// The key of a form's draft, once nothing more is written to it: for whoever keeps the form elsewhere from now on.
export async function stopDraft(form) {
  const draft = watched.get(form);
  if (!draft) return form.dataset.draft ? keyOf(form.dataset.draft) : "";
  draft.isOver = true;
  clearTimeout(draft.timer);
  await draft.saving;
  return draft.key;
}

// Takes it up again, when that did not work.
export function resumeDraft(form) {
  const draft = watched.get(form);
  if (draft) draft.isOver = false;
}

export async function saveDraft(form) {
  const draft = watched.get(form);
  if (draft) await draft.save();
}

async function watch(form) {
  const key = keyOf(form.dataset.draft);
  const empty = values(form);
  const draft = { key, isOver: false, timer: 0, saving: null };
  draft.save = () => {
    clearTimeout(draft.timer);
    if (draft.isOver) return null;
    draft.saving = keepDraft(key, { at: Date.now(), values: values(form) }).then(() => say(form, "已自动保存"));
    return draft.saving;
  };
  watched.set(form, draft);
  const kept = await readDraft(key);
  // a form that came back with messages carries what was just sent; only its photos cannot come back that way
  if (kept && form.hasAttribute("data-returned")) restore(form, kept.values, true);
  else if (kept && Date.now() - kept.at < WEEK && same(values(form), empty) && !same(kept.values, empty)) {
    restore(form, kept.values);
    offerFresh(form, key, empty);
    say(form, "接着上次写");
  }
  const soon = () => {
    clearTimeout(draft.timer);
    draft.timer = setTimeout(draft.save, 400);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) draft.save();
  });
}

async function tidy() {
  for (const name of meta("yj-draft-done").split(" ").filter(Boolean)) await dropDraft(keyOf(name));
  for (const key of (await draftKeys()) ?? []) {
    const kept = await readDraft(key);
    if (kept && Date.now() - kept.at > WEEK) await dropDraft(key);
  }
}

export async function startDrafts(root) {
  if (!window.indexedDB) return;
  await tidy();
  for (const form of root.querySelectorAll("form[data-draft]")) watch(form);
}
