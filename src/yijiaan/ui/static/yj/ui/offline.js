// Keeps the phone pages usable without signal: starts the worker, sends what waits when there is a chance, says how things stand,
// and warns before signing out over rows that are not sent.
import { allRows, isOverdue, isUnsent, onChange, PUBLIC, tidyRows } from "./outbox.js";
import { flush } from "./send.js";

const EVERY = 60 * 1000;
const meta = document.querySelector('meta[name="yj-viewer"]');
const viewer = meta ? meta.content : PUBLIC;
const farewells = [];

// What must be forgotten when somebody signs out, or when the server knows his session no more.
export function onForgotten(forget) {
  farewells.push(forget);
}

const forgetAll = () => Promise.all(farewells.map((forget) => forget())).catch(() => {});
const ours = (rows) => rows.filter((row) => (row.owner === viewer || row.owner === PUBLIC) && isUnsent(row));

function say(rows) {
  const strip = document.querySelector("[data-sync]");
  if (!strip) return;
  const fix = rows.filter((row) => row.state === "fix").length;
  const late = rows.some(isOverdue);
  let words = navigator.onLine ? "都传上去了" : "没有信号，可以照常上报";
  if (rows.length) words = `${rows.length} 条待上传，${navigator.onLine ? "正在上传" : "有信号自动上传"}`;
  if (fix) words = `${rows.length} 条没传上，${fix} 条要改一改`;
  if (late) words = `${rows.length} 条没传上，有的超过 7 天`;
  strip.hidden = false;
  strip.className = `sync ${late ? "late" : rows.length || !navigator.onLine ? "soon" : "done"}`;
  const line = strip.querySelector("[data-sync-words]");
  if (line.textContent !== words) line.textContent = words; // a reader is told of changes only
}

async function paint() {
  const rows = ours(await allRows());
  if (rows.some((row) => row.state === "signin")) await forgetAll();
  say(rows);
  for (const link of document.querySelectorAll("[data-waiting-link]")) link.hidden = !rows.length && !link.dataset.always;
}

async function warn(event) {
  const form = event.target.closest("form[data-signout]");
  if (!form) return;
  event.preventDefault();
  const rows = ours(await allRows().catch(() => [])).filter((row) => row.owner === viewer);
  const words = `还有 ${rows.length} 条没有上传。退出以后它们留在这台手机上，等您再登录才上传。现在就退出吗？`;
  if (rows.length && !window.confirm(words)) return;
  const worker = navigator.serviceWorker && navigator.serviceWorker.controller;
  if (worker) worker.postMessage({ type: "forget" });
  await forgetAll();
  form.submit();
}

async function startWorker() {
  if (!navigator.serviceWorker) return;
  const shell = document.querySelector("[data-worker]");
  if (!shell) return;
  await navigator.serviceWorker.register(shell.dataset.worker, { scope: "/", type: "module", updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  const used = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.startsWith(`${location.origin}/static/`));
  active.postMessage({ type: "keep", assets: used, page: location.href, viewer: meta ? viewer : "" });
}

export function startOffline() {
  if (!window.indexedDB || !document.body.classList.contains("phone")) return;
  const go = (force) => flush({ force, viewer }).catch(() => {});
  const repaint = () => paint().catch(() => {});
  onChange(repaint);
  window.addEventListener("online", () => go(true));
  window.addEventListener("offline", repaint);
  document.addEventListener("visibilitychange", () => document.hidden || go(true));
  document.addEventListener("submit", warn);
  setInterval(() => go(false), EVERY);
  tidyRows().catch(() => {}).then(() => go(true));
  const begin = () => startWorker().catch(() => {}); // plain HTTP and old browsers: the pages send by themselves
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
}
