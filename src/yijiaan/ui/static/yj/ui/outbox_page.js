// The list of what this phone keeps: each with its state, a way to correct it, and a file of it all for the worst case.
import { dropRow, isUnsent, onChange, openRows, PUBLIC } from "./outbox.js";
import { exportRows } from "./outbox_export.js";
import { stateOf, whenWords } from "./outbox_words.js";
import { flush } from "./send.js";
import { drawSides } from "./sides.js";

const MOST_TRIES = 5;
const PAUSE = 300; // ms
const list = document.querySelector("[data-outbox-list]");
const meta = document.querySelector('meta[name="yj-viewer"]');
const viewer = meta ? meta.content : PUBLIC;
const part = (name) => document.querySelector(`[data-outbox-${name}]`);

function make(tag, kind, text) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (text) element.textContent = text;
  return element;
}

function wayTo(row) {
  const [path, query] = row.page.split("?");
  const asked = new URLSearchParams(query || "");
  asked.set("fix", row.key);
  return `${path}?${asked}`;
}

function deedsOf(row) {
  const deeds = make("p", "deeds");
  const change = make("a", "btn sm pri", row.code === "conflict" ? "当另一件报" : "改一改");
  change.href = wayTo(row);
  const drop = make("button", "btn sm", "不报了，删掉");
  drop.type = "button";
  drop.addEventListener("click", () => {
    if (window.confirm(`删掉“${row.title}”？删了就没有了。`)) dropRow(row.key);
  });
  if (row.isClosed) change.hidden = true;
  deeds.append(change, drop);
  return deeds;
}

function lineOf(row) {
  const { words, kind, more } = stateOf(row);
  const item = make("li", `kept-row ${kind}`);
  const cell = make(row.state === "sent" ? "a" : "div", "cell");
  if (row.state === "sent") cell.href = row.url;
  const small = make("small", "", [whenWords(row.at), more].filter(Boolean).join(" · "));
  cell.append(make("strong", "", row.title), small, make("span", `pill ${kind}`, words));
  item.append(cell);
  const told = [...(row.refused || []), row.clock].filter(Boolean);
  if (told.length) item.append(make("p", "hint", told.join("；")));
  if (row.beside && row.beside.length) item.append(drawSides(row.beside));
  else if (row.differ) item.append(make("p", "hint", `有 ${row.differ} 项和后来登记的不一样，两边都在“我提的变更”里。`));
  if (row.state === "fix") item.append(deedsOf(row));
  return item;
}

async function paint() {
  const rows = await openRows();
  const mine = rows.filter((row) => row.owner === viewer);
  const foreign = rows.filter((row) => row.owner !== viewer && row.owner !== PUBLIC && isUnsent(row));
  const unsent = mine.filter(isUnsent);
  list.textContent = "";
  list.append(...unsent.map(lineOf), ...mine.filter((row) => !isUnsent(row)).reverse().map(lineOf));
  part("empty").hidden = mine.length > 0;
  part("empty").textContent = "没有待上传的事，都传上去了。";
  part("box").hidden = !mine.length;
  part("count").textContent = unsent.length ? `${unsent.length} 条待上传` : "都传上了";
  part("deeds").hidden = !unsent.length;
  part("foreign").hidden = !foreign.length;
  part("foreign").textContent = `另有 ${foreign.length} 条是别的账号存的，等那个账号登录后上传。`;
  part("signin").hidden = !unsent.some((row) => row.state === "signin");
  part("net").hidden = navigator.onLine;
}

if (list && window.indexedDB) {
  // a phone that writes at the same moment may refuse a read: what it keeps must not look like nothing
  const repaint = (tries = 0) => paint().catch((error) => {
    if (tries < MOST_TRIES) {
      setTimeout(repaint, PAUSE, tries + 1);
      return;
    }
    part("empty").hidden = false;
    part("empty").textContent = `这台手机存的一时读不出来（${error.name}），没有丢，请过一会儿再开这一页。`;
  });
  const again = () => repaint();
  onChange(again);
  window.addEventListener("online", again);
  window.addEventListener("offline", again);
  part("now").addEventListener("click", () => flush({ force: true, viewer }));
  part("export").addEventListener("click", async () => exportRows((await openRows()).filter((row) => row.owner === viewer && isUnsent(row))));
  repaint();
}
