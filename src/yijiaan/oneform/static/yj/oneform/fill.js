// 补表: which row it is and what is missing of it stand in the address or in what the phone took along; the page itself holds nothing of
// anybody, so that the service worker may keep it. Runs before the modules that keep drafts and rows: it names both after the row.
import { readCarried } from "../ui/carried.js";

const form = document.querySelector("form[data-oneform]");
const meta = document.querySelector('meta[name="yj-viewer"]');
const asked = new URLSearchParams(location.search);
const unit = (asked.get("unit") || "").toLowerCase();
const part = (name) => document.querySelector(`[data-oneform-${name}]`);

if (form) {
  const id = form.dataset.oneform;
  if (unit) {
    form.dataset.draft = `form-${id}-${unit}`;
    form.dataset.chain = `form-${id}-${unit}`;
  }

  // only what is missing is asked; what was typed stays in sight
  const show = (places) => {
    const wanted = new Set(places.map(String));
    let count = 0;
    for (const question of form.querySelectorAll("[data-question]")) {
      const isTyped = question.querySelector(".em") !== null;
      question.hidden = !wanted.has(question.dataset.question) && !isTyped;
      if (!question.hidden) count += 1;
    }
    part("state").textContent = count ? `要补 ${count} 项，别的已经有了` : "这里什么都不缺";
  };

  const fill = ({ households, areas, forms = [] }) => {
    const home = households.find((one) => one.id === unit);
    const name = home ? home.address || `户号 ${home.no}` : areas[unit] || "";
    if (name) {
      part("unit").textContent = name;
      form.dataset.title = `${form.dataset.name} ${name}`;
    }
    const carried = forms.find((one) => one.id === id);
    if (!asked.get("ask") && carried && carried.units[unit]) show(carried.units[unit]);
  };

  if (asked.get("ask")) show(asked.get("ask").split(","));
  if (!unit) part("state").textContent = "请先从单子里打开要补的那一户、那个网格";
  if (meta && meta.content && window.indexedDB) readCarried(meta.content).then((carried) => carried && fill(carried)).catch(() => {});
}
