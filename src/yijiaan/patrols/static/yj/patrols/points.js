// A walk without a signal: each point's form is kept in the phone's outbox and sent once, under its own key; the page stays as it is,
// so that the next point can be written down at once. Without scripts or storage each form is sent as it stands.
import { newKey, onChange, rowOf, saveRow } from "../ui/outbox.js";
import { flush } from "../ui/send.js";

const meta = document.querySelector('meta[name="yj-viewer"]');
const viewer = meta ? meta.content : "";
const LABELS = { ok: ["正常", "done"], hazard: ["有隐患", "late"], not_reachable: ["到不了", "soon"] };

function rowFrom(form, key) {
  const fields = [];
  const files = [];
  for (const [name, value] of new FormData(form)) {
    if (name === "csrfmiddlewaretoken" || name === "client_key") continue;
    if (typeof value === "string") fields.push([name, value]);
    else if (value.size) files.push({ name, file: value });
  }
  const said = Object.fromEntries(fields);
  const title = `${form.dataset.point}：${(LABELS[said.result] || ["还没有选"])[0]}`;
  return {
    key, owner: viewer, kind: "patrol", action: new URL(form.action).pathname, page: location.pathname, title, fields, files,
    facts: [["巡查点", title], ["说明", said.text]].filter((pair) => pair[1]), at: Date.now(), state: "waiting", tries: 0, next: 0, errors: [],
  };
}

function tell(form, words) {
  form.querySelector("[data-told]").textContent = words;
}

// The same on the map: shape, colour, title, and how many of each there are.
function markStop(form, words, kind) {
  const number = form.dataset.point.split(".")[0];
  const stop = document.querySelector(`[data-stop="${number}"]`);
  if (stop) {
    stop.setAttribute("class", `stop ${kind}`);
    stop.querySelector("use").setAttribute("href", `#stop-${kind}`);
    stop.querySelector("title").textContent = `${form.dataset.point}：${words}`;
  }
  const states = [...document.querySelectorAll("[data-state] > .pill:first-child")];
  for (const count of document.querySelectorAll("[data-stop-count]")) {
    count.textContent = states.filter((pill) => pill.classList.contains(count.dataset.stopCount)).length;
  }
}

function mark(form, result, note) {
  const [words, kind] = LABELS[result];
  const pill = document.createElement("span");
  pill.className = `pill ${kind}`;
  pill.textContent = words;
  const state = form.closest("section").querySelector("[data-state]");
  state.textContent = "";
  state.append(pill, note ? ` ${note}` : "");
  markStop(form, words, kind);
}

function openNext(form) {
  const here = form.closest("section");
  here.querySelector("details").open = false;
  const next = here.nextElementSibling && here.nextElementSibling.querySelector(":scope > details");
  if (!next || !next.querySelector("form[data-point]")) return;
  next.open = true;
  next.querySelector("summary").focus();
}

async function follow(form, key, result) {
  const row = await rowOf(key);
  if (!row) return;
  if (row.state === "sent") mark(form, result, row.refused && row.refused.length ? row.refused.join("；") : "已上传");
  else if (row.state === "fix") {
    const why = row.errors.map(({ message }) => message).join("；");
    mark(form, result, "要改一改");
    tell(form, why);
    form.closest("details").open = true;
  } else mark(form, result, "已存到手机，有信号自动上传");
}

// What is still in the phone for this point is overtaken by what is written now.
async function unsent(last) {
  const row = last ? await rowOf(last.key) : null;
  return row && row.state !== "sent" ? row.key : "";
}

function watch(form, corrected) {
  let last = corrected;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = new FormData(form);
    const result = said.get("result");
    if (!result) {
      tell(form, "请选正常、有隐患或到不了");
      return;
    }
    if (result !== "ok" && !said.get("text").trim()) {
      tell(form, result === "hazard" ? "请写是什么隐患" : "请写为什么到不了");
      form.elements.text.focus();
      return;
    }
    const key = newKey();
    unsent(last).catch(() => "").then((replaces) => saveRow(rowFrom(form, key), { replaces })).then(() => {
      last = { key, result };
      tell(form, "");
      mark(form, result, "正在上传");
      openNext(form);
      return flush({ force: true, viewer }).then(() => follow(form, key, result));
    }).catch(() => form.submit()); // nothing can be kept here: send it as it stands
  });
  onChange(() => last && last.result && follow(form, last.key, last.result).catch(() => {}));
}

// A point touched on the map opens below; with a keyboard the list itself is the way.
const wayMap = document.querySelector("[data-way]");
if (wayMap) {
  wayMap.addEventListener("click", (event) => {
    const stop = event.target.closest("[data-stop]");
    const box = stop && document.querySelector(`#point_${stop.dataset.stop} > details`);
    if (!box) return;
    for (const other of document.querySelectorAll("[id^=point_] > details")) other.open = other === box;
    box.scrollIntoView({ block: "center" });
  });
}

// A row that must be corrected, opened from the list of what waits: its point shows what was written.
async function putBack(key) {
  const row = key ? await rowOf(key) : null;
  const form = row && [...document.querySelectorAll("form[data-point]")].find((one) => new URL(one.action).pathname === row.action);
  if (!form) return null;
  for (const [name, value] of row.fields) {
    if (name === "result") for (const input of form.querySelectorAll("input[name=result]")) input.checked = input.value === value;
    else if (form.elements[name]) form.elements[name].value = value;
  }
  for (const box of document.querySelectorAll("[id^=point_] > details")) box.open = box.contains(form);
  tell(form, row.errors.map(({ message }) => message).join("；"));
  form.scrollIntoView({ block: "center" });
  return { form, key };
}

if (viewer && window.indexedDB && window.fetch) {
  putBack(new URLSearchParams(location.search).get("fix")).catch(() => null).then((back) => {
    for (const form of document.querySelectorAll("form[data-point]")) watch(form, back && back.form === form ? { key: back.key } : null);
  });
}
