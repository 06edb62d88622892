// A form with data-outbox is kept in the phone before anything is sent: within a second its writer sees that it is safe. The markup
// around it: ui/kit/saved.html. Where the phone keeps nothing, it is sent from memory, or stays filled with the reason above it.
import { resumeDraft, restore, saveDraft, stopDraft } from "./draft.js";
import { dropRow, newKey, onChange, PUBLIC, rowOf, saveRow } from "./outbox.js";
import { flush, sendRow } from "./send.js";
import { paintSaved } from "./saved.js";

const HOLD = 800; // milliseconds for the answer, before the phone's own receipt is shown
const SKIPPED = new Set(["csrfmiddlewaretoken", "client_key"]);
const viewer = () => {
  const meta = document.querySelector('meta[name="yj-viewer"]');
  return meta ? meta.content : PUBLIC;
};

// Label and what was entered, for the receipt and for the file of what was not sent.
function factsOf(form) {
  const facts = [];
  const words = (element) => (element ? element.textContent.trim() : "");
  for (const input of form.querySelectorAll("[data-fact]")) {
    let value = "";
    if (input.type === "file") value = input.files.length ? `${input.files.length} ${input.dataset.unit || "个"}` : "";
    else if (input.type === "radio") value = input.checked ? words(form.querySelector(`label[for="${input.id}"]`) || input.parentElement) : "";
    else if (input.tagName === "SELECT") value = input.value ? words(input.selectedOptions[0]) : "";
    else value = input.value.trim();
    if (value) facts.push([input.dataset.fact, value]);
  }
  return facts;
}

function rowFrom(form, key) {
  const fields = [];
  const files = [];
  for (const [name, value] of new FormData(form)) {
    if (SKIPPED.has(name)) continue;
    if (typeof value === "string") fields.push([name, value]);
    else if (value.size) files.push({ name, file: value });
  }
  const address = location.pathname + location.search;
  const facts = factsOf(form);
  const text = (fields.find(([name]) => name === (form.dataset.words || "text")) || ["", ""])[1].trim();
  const instead = form.dataset.title || (files.some(({ name }) => name === "voice") ? "说了一段话" : "拍了照片");
  return {
    key, owner: viewer(), kind: form.dataset.outbox, action: address, page: address, title: text || instead, fields, files, facts,
    chain: form.dataset.chain || "", at: Date.now(), state: "waiting", tries: 0, next: 0, errors: [],
  };
}

// The same message below its field, as the server draws it.
function mark(form, field, message) {
  const input = form.querySelector(`#id_${field}`);
  const box = input && input.closest(".fd");
  if (!box) return;
  const line = document.createElement("p");
  line.className = "em";
  line.id = `id_${field}_error`;
  line.textContent = message;
  box.classList.add("bad");
  box.append(line);
  input.setAttribute("aria-invalid", "true");
}

// Says above the form what must be changed, each line leading to its field, or why nothing was sent.
function complain(form, errors, heading) {
  for (const old of form.querySelectorAll(".errs, .em")) old.remove();
  for (const old of form.querySelectorAll(".bad")) old.classList.remove("bad");
  for (const old of form.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
  for (const { field, message } of errors) if (field) mark(form, field, message);
  const box = document.createElement("div");
  box.className = "errs";
  box.setAttribute("role", "alert");
  box.tabIndex = -1;
  const title = document.createElement("h2");
  title.textContent = heading || `有 ${errors.length} 处要改，其余都还在`;
  const list = document.createElement("ol");
  for (const { field, message } of errors) {
    const target = field ? form.querySelector(`#id_${field}`) : null;
    const line = document.createElement(target ? "a" : "span");
    line.textContent = message;
    if (target) line.href = `#${target.id}`;
    const item = document.createElement("li");
    item.append(line);
    list.append(item);
  }
  box.append(title, list);
  (form.querySelector("[data-draft-note]") || form.firstElementChild).after(box);
  box.scrollIntoView({ block: "center" });
  box.focus();
}

function lacksEverything(form) {
  const text = form.elements.text;
  const hasFile = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
  return Boolean(text) && !text.value.trim() && !hasFile;
}

async function putBack(form, key) {
  const row = await rowOf(key);
  if (!row || row.state !== "fix") return null;
  const values = {};
  for (const [name, value] of row.fields) values[name] = values[name] === undefined ? value : values[name];
  for (const input of form.querySelectorAll("input[type=radio], input[type=checkbox]")) {
    values[input.name] = row.fields.filter(([name]) => name === input.name).map(([, value]) => value);
  }
  for (const { name, file } of row.files) values[name] = [...(values[name] || []), file];
  restore(form, values);
  complain(form, row.errors);
  return row;
}

function watch(form) {
  const corrected = new URLSearchParams(location.search).get("fix");
  if (corrected) form.removeAttribute("data-draft");
  let fixing = null;
  let key = newKey();
  let isBusy = false;
  let isShown = false;
  const button = form.querySelector("button[type=submit]:not([data-plain])");

  const ready = corrected
    ? putBack(form, corrected).then((row) => {
      fixing = row;
      if (row && row.code !== "conflict") ({ key } = row);
    }).catch(() => {})
    : Promise.resolve();

  function show(row) {
    if (isShown) return;
    isShown = true;
    form.hidden = true;
    paintSaved(row, true);
  }

  // the server draws the form again with what must be changed, each message at its field
  async function hand(draftRow) {
    form.elements.client_key.value = key;
    resumeDraft(form);
    await saveDraft(form);
    if (draftRow) await dropRow(key).catch(() => {});
    form.submit();
  }

  async function follow() {
    const row = await rowOf(key);
    if (!row) return;
    if (row.state === "sent") {
      if (!document.hidden) location.assign(row.url);
    } else if (row.state === "fix" && !isShown && !fixing) {
      await hand(row);
    } else if (row.state === "fix" && !isShown) {
      fixing = row;
      complain(form, row.errors);
    } else {
      show(row);
    }
  }

  async function sendFromMemory(row, error) {
    const answer = await sendRow(row, true);
    if (answer.state === "sent") {
      location.assign(answer.url);
      return;
    }
    if (answer.state === "fix") {
      await hand(null);
      return;
    }
    resumeDraft(form);
    const isFull = error && error.name === "QuotaExceededError";
    const message = isFull
      ? "手机存满了，存不下这一条，也没能传上去。请删掉些照片或应用腾出空间，再点提交；或者到有信号的地方再点"
      : "这台手机不让网页存东西，也没能传上去。请到有信号的地方再点提交";
    complain(form, [{ field: "", message }], "没有交上去，写的都还在");
  }

  async function submit() {
    await ready;
    const draft = await stopDraft(form);
    const row = rowFrom(form, key);
    if (fixing) Object.assign(row, { at: fixing.at, action: fixing.action, page: fixing.page });
    form.elements.client_key.value = key;
    try {
      await saveRow(row, { draft, replaces: fixing ? fixing.key : "" });
    } catch (error) {
      await sendFromMemory(row, error);
      return;
    }
    wakeWorker();
    const timer = setTimeout(() => show(row), navigator.onLine ? HOLD : 0);
    await flush({ force: true, viewer: viewer(), watch: key });
    clearTimeout(timer);
    await follow();
  }

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || (event.submitter && event.submitter.hasAttribute("data-plain"))) return; // that button goes straight
    event.preventDefault();
    if (isBusy) return;
    if (lacksEverything(form)) {
      complain(form, [{ field: "text", message: form.dataset.lacks }]);
      return;
    }
    isBusy = true;
    if (button) button.setAttribute("aria-disabled", "true");
    submit().finally(() => {
      isBusy = false;
      if (button) button.removeAttribute("aria-disabled");
    });
  });
  onChange(() => isShown && rowOf(key).then((row) => {
    if (row && row.state === "sent" && !document.hidden) location.assign(row.url);
    else if (row) paintSaved(row, false);
  }).catch(() => {}));
  // a page that comes back from the browser's memory would send under a key that is used up
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
}

async function wakeWorker() {
  try {
    const worker = await navigator.serviceWorker.getRegistration();
    await worker.sync.register("yj-outbox");
  } catch {
    // no worker, or one that cannot be woken: the pages send by themselves
  }
}

export function startOutboxForms(root) {
  if (!window.indexedDB || !window.fetch || !window.crypto) return;
  for (const form of root.querySelectorAll("form[data-outbox]")) watch(form);
}
