// The wall: new figures every minute without a flash, and the map turns from one layer to the next with them.
import { drawCounts, fetchBorders } from "../ui/map.js";

const EVERY = 60_000;
const LAYERS = [[0, "各网格未办结"], [3, "各网格待派单"], [2, "各网格 24 小时内到期"]];
const page = document.querySelector("[data-state]");
const known = JSON.parse(document.getElementById("board-map").textContent);
let map = null;
let etag = "";
let turn = 0;

async function startMap() {
  const element = document.querySelector("[data-board-map]");
  const [borders, outlines] = await Promise.all([known.shapes, known.outlines].map((address) => fetchBorders(address).catch(() => null)));
  if (borders?.features.length) {
    map = drawCounts(element, borders, { steps: known.steps, counts: known.counts, outlines: outlines?.features ?? [], still: true });
    return;
  }
  element.hidden = true;
  document.querySelector("[data-map-note]").textContent = borders ? "还没有画网格。" : "地图暂时打不开。";
}

function line(title, words) {
  const item = document.createElement("li");
  const name = document.createElement("b");
  const told = document.createElement("span");
  name.textContent = title;
  told.textContent = words;
  item.append(name, told);
  return item;
}

function put(state) {
  document.getElementById("as-of").textContent = state.today;
  for (const [code, { value }] of Object.entries(state.figures)) document.querySelector(`[data-figure="${code}"] b`).textContent = value;
  const worries = state.worries.length ? state.worries : [{ title: "没有特别要紧的", words: "没有哪里积下超时的事，也没有哪类事突然增多" }];
  document.querySelector("[data-worries]").replaceChildren(...worries.map(({ title, words }) => line(title, words)));
  map?.show(state.counts);
}

async function refresh() {
  const stale = document.querySelector("[data-stale]");
  const answer = await fetch(page.dataset.state, { headers: etag ? { "If-None-Match": etag } : {}, credentials: "same-origin" }).catch(() => null);
  if (answer?.status === 200 && !answer.redirected) {
    etag = answer.headers.get("ETag");
    put(await answer.json());
    stale.textContent = "";
  } else if (answer?.status !== 304) stale.textContent = "连不上服务器，数字停在上面的时间";
}

function rotate() {
  turn = (turn + 1) % LAYERS.length;
  const [layer, title] = LAYERS[turn];
  map?.choose(layer);
  document.querySelector("[data-layer-title]").textContent = title;
}

startMap();
setInterval(() => { rotate(); refresh(); }, EVERY);
