// 随身资料: finds a household or a guide among what the phone took along; a plate that was scanned without signal leads here.
import { readCarried } from "./carried.js";

const MOST = 30;
const meta = document.querySelector('meta[name="yj-viewer"]');
const viewer = meta ? meta.content : "";
const part = (name) => document.querySelector(`[data-carried${name ? `-${name}` : ""}]`);

function make(tag, kind, text) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (text) element.textContent = text;
  return element;
}

const dayWords = (text) => `${Number(text.slice(5, 7))}月${Number(text.slice(8, 10))}日`;
const homeHere = () => (location.pathname.match(/^\/field\/base\/household\/([0-9a-f-]{36})\/$/) || ["", ""])[1];
const plateHere = () => (location.pathname.match(/^\/d\/([^/]+)\/$/) || ["", ""])[1].toUpperCase();

function fact(list, name, value) {
  if (!value) return;
  const pair = make("div");
  pair.append(make("dt", "", name), make("dd", "", value));
  list.append(pair);
}

function showHome(home, areas, forms) {
  part("home").hidden = false;
  part("title").textContent = home.address || `户号 ${home.no}`;
  const facts = part("facts");
  facts.textContent = "";
  fact(facts, "户号", home.no);
  fact(facts, "网格", areas[home.area] || home.area);
  fact(facts, "上次核对", `${home.checked_on.slice(0, 4)}年${dayWords(home.checked_on)}`);
  const members = part("members");
  members.textContent = "";
  for (const person of home.members) {
    const line = make("li", "cell");
    line.append(make("strong", "", person.name), make("small", "", [person.relation, person.sex, person.age].filter(Boolean).join(" · ")));
    for (const kind of person.care) line.append(make("span", "pill doing", kind));
    members.append(line);
  }
  const deeds = part("deeds");
  deeds.textContent = "";
  for (const [words, path] of [["记一次走访", "/field/visits/new/"], ["看最新的", `/field/base/household/${home.id}/`]]) {
    const link = make("a", "btn sm", words);
    link.href = path.endsWith("new/") ? `${path}?household=${home.id}` : path;
    deeds.append(link);
  }
  for (const { id, name, units } of forms) {
    if (!units[home.id]) continue;
    const link = make("a", "btn sm", `补“${name}” ${units[home.id].length} 项`);
    link.href = `/field/forms/${id}/?unit=${home.id}`;
    deeds.append(link);
  }
  part("title").focus();
}

function start(carried) {
  const words = document.getElementById("carried-words");
  const { households, articles, areas, dueBefore, visits = [], forms = [] } = carried;
  const dueOf = new Map(visits.map(({ household, due }) => [household, due]));
  const isDue = (home) => dueOf.has(home.id) || home.checked_on < dueBefore;
  const order = (home) => dueOf.get(home.id) || "9"; // who is to be visited comes first, the longest waiting before all
  const fits = (text, asked) => asked.every((word) => text.includes(word));

  function paint() {
    const asked = words.value.trim().split(/\s+/).filter(Boolean);
    const found = households.filter((home) => (asked.length ? fits(`${home.no} ${home.address} ${areas[home.area] || ""}`, asked) : isDue(home))).sort((one, other) => order(one).localeCompare(order(other)));
    part("count").textContent = `${found.length} 户`;
    const list = part("list");
    list.textContent = "";
    for (const home of found.slice(0, MOST)) {
      const row = make("li");
      const link = make("a", "cell");
      link.href = `#${home.id}`;
      link.append(make("strong", "", home.address || `户号 ${home.no}`), make("small", "", [`${home.members.length} 人`, dueOf.has(home.id) ? `${dayWords(dueOf.get(home.id))}该走访` : `上次核对 ${dayWords(home.checked_on)}`].join(" · ")));
      row.append(link);
      list.append(row);
    }
    if (!found.length) list.append(make("li", "hint", asked.length ? "没有找到，换个写法试试。" : "没有到日子该走访、该核对的住户。"));
    const guides = asked.length ? articles.filter((row) => fits(`${row.title} ${row.aliases} ${row.answer}`, asked)).slice(0, 5) : [];
    part("guides").hidden = !guides.length;
    const box = part("guide-list");
    box.textContent = "";
    for (const row of guides) {
      const about = make("details", "fold");
      about.append(make("summary", "", row.title), make("p", "", row.answer));
      for (const [name, value] of [["谁能办", row.who], ["带什么", row.documents], ["去哪里", row.place], ["多久", row.long], ["电话", row.phone]]) {
        if (value) about.append(make("p", "hint", `${name}：${value}`));
      }
      box.append(about);
    }
  }

  function follow() {
    const plate = plateHere();
    const key = location.hash.slice(1) || homeHere();
    const home = households.find((row) => (key ? row.id === key : plate && row.plate === plate));
    if (home) showHome(home, areas, forms);
    else part("home").hidden = true;
    if (plate && !home && !key) part("state").textContent = "没有信号，这块门牌不在随身资料里；可以先上报，有信号自动上传。";
  }

  words.addEventListener("input", paint);
  window.addEventListener("hashchange", follow);
  part("").hidden = false;
  const made = new Date(carried.kept);
  part("state").textContent = `${made.getMonth() + 1}月${made.getDate()}日 ${String(made.getHours()).padStart(2, "0")}:${String(made.getMinutes()).padStart(2, "0")} 带上的，${households.length} 户、${articles.length} 篇指南`;
  paint();
  follow();
}

if (viewer && window.indexedDB) {
  readCarried(viewer)
    .then((carried) => {
      if (carried) start(carried);
      else part("state").textContent = "这台手机还没有随身资料。有信号时打开工作台，会自动带上。";
    })
    .catch(() => { part("state").textContent = "这台手机上的资料打不开，有信号时会重新带上。"; });
}
