// 指挥台: draws the map, asks for the numbers every ten seconds, and puts them in place without moving anything.
import { drawCounts, fetchBorders } from "../ui/map.js";
import { startWorklist } from "./worklist.js";

const EVERY = 10_000;
const LAYERS = ["未办结（件）", "已超时（件）", "将到期（件）", "待派单（件）"];
const rows = document.getElementById("rows");
const known = JSON.parse(document.getElementById("board-map").textContent);
const worklist = startWorklist(rows);
let map = null;
let etag = "";

async function startMap() {
  const element = document.querySelector("[data-board-map]");
  const note = document.querySelector("[data-map-note]");
  const [borders, outlines] = await Promise.all([known.shapes, known.outlines].map((address) => fetchBorders(address).catch(() => null)));
  if (!borders?.features.length) {
    element.hidden = true;
    note.textContent = borders ? "这里还没有画网格，没有地图；件数看旁边的列表。" : "地图暂时打不开，件数看旁边的列表。";
    return;
  }
  map = drawCounts(element, borders, { steps: known.steps, counts: known.counts, outlines: outlines?.features ?? [], onPick });
  const layers = document.querySelector("[data-layers]");
  layers.hidden = false;
  layers.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    for (const each of layers.children) each.setAttribute("aria-pressed", String(each === button));
    map.choose(Number(button.dataset.layer));
    document.querySelector("[data-legend-label]").textContent = LAYERS[button.dataset.layer];
  });
}

// a tap on the map shows the same place in the list, where its numbers open
function onPick({ code }) {
  for (const row of document.querySelectorAll("[data-place]")) {
    const isIt = row.dataset.place === code;
    row.classList.toggle("chosen", isIt);
    if (isIt) row.scrollIntoView({ block: "nearest" });
  }
}

function put(state) {
  document.getElementById("as-of").textContent = `数字截止 ${state.at}`;
  for (const [code, { value, note }] of Object.entries(state.figures)) {
    const card = document.querySelector(`[data-figure="${code}"]`);
    card.querySelector(".v").firstChild.data = value;
    card.querySelector(".d").textContent = note;
  }
  for (const [tab, count] of Object.entries(state.tabs)) document.querySelector(`[data-tab="${tab}"] b`).textContent = count;
  for (const row of document.querySelectorAll("[data-place]")) {
    const [open = 0, late = 0] = state.counts[row.dataset.place] ?? [];
    const [first, second] = row.querySelectorAll("td");
    (first.querySelector("a") ?? first).textContent = open;
    second.textContent = late;
    second.classList.toggle("late", late > 0);
  }
  map?.show(state.counts);
  const alarm = document.querySelector("[data-emergencies]");
  if (state.emergencies > Number(alarm.dataset.emergencies)) alarm.hidden = false;
  worklist.compare(state.numbers);
}

async function poll() {
  if (document.hidden) return;
  const asked = new URLSearchParams({ tab: rows.dataset.tab, area: rows.dataset.area, show: worklist.shown(), work: "1" });
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(`/board/state/?${asked}`, { headers, credentials: "same-origin" }).catch(() => null);
  if (answer?.status === 200 && !answer.redirected) {
    etag = answer.headers.get("ETag");
    put(await answer.json());
  } else if (answer?.status !== 304) {
    const stamp = document.getElementById("as-of");
    const words = answer?.redirected ? "，登录过期了，请刷新页面" : "，之后连不上了";
    stamp.textContent = stamp.textContent.split("，")[0] + words;
    etag = "";
  }
}

startMap();
setInterval(poll, EVERY);
document.addEventListener("visibilitychange", poll);
document.addEventListener("board:stale", poll);
