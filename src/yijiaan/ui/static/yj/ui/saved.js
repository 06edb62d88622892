// The phone's own receipt: what was kept, and what else waits. Markup: ui/kit/saved.html.
import { isUnsent, openRows } from "./outbox.js";
import { stateOf, whenWords } from "./outbox_words.js";

const part = (name) => document.querySelector(`[data-saved-${name}]`);

function line(row) {
  const cell = document.createElement("div");
  cell.className = "cell";
  const title = document.createElement("strong");
  title.textContent = row.title;
  const when = document.createElement("small");
  when.textContent = whenWords(row.at);
  const { words, kind } = stateOf(row);
  const pill = document.createElement("span");
  pill.className = `pill ${kind}`;
  pill.textContent = words;
  cell.append(title, when, pill);
  return cell;
}

export async function paintSaved(row, isFirst) {
  const box = document.querySelector("[data-saved]");
  if (!box) return;
  const unsent = (await openRows()).filter((each) => isUnsent(each) && each.owner === row.owner);
  box.hidden = false;
  part("state").textContent = `${unsent.length} 条待上传，${navigator.onLine ? "正在上传" : "有信号自动上传"}，关机也不丢`;
  if (row.state === "signin") part("state").textContent = "登录过期了，登录后自动上传，关机也不丢";
  if (row.state === "fix") part("state").textContent = `要改一改才能收：${row.errors.map(({ message }) => message).join("；")}`;
  part("title").textContent = row.title;
  const facts = [...row.facts, ["时间", whenWords(row.at)]];
  const list = part("facts");
  list.textContent = "";
  for (const [name, value] of facts) {
    const pair = document.createElement("div");
    const term = document.createElement("dt");
    const words = document.createElement("dd");
    term.textContent = name;
    words.textContent = value;
    pair.append(term, words);
    list.append(pair);
  }
  const others = unsent.filter((each) => each.key !== row.key);
  part("others").hidden = !others.length;
  part("count").textContent = `${others.length} 条`;
  const cells = part("list");
  cells.textContent = "";
  cells.append(...others.map(line));
  if (!isFirst) return;
  window.scrollTo(0, 0);
  const heading = part("heading");
  heading.focus();
}
