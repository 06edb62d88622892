// 记走访: which household it is and who lives there stand in what the phone took along; the page itself holds nothing of anybody,
// so that the service worker may keep it. Runs before the modules that keep drafts and rows: it names the draft after the household.
import { readCarried } from "../ui/carried.js";

const form = document.querySelector("form[data-visit]");
const meta = document.querySelector('meta[name="yj-viewer"]');
const household = (new URLSearchParams(location.search).get("household") || "").toLowerCase();
const part = (name) => document.querySelector(`[data-visit-${name}]`);

if (form) {
  if (household) form.dataset.draft = `visit-${household}`;
  const member = form.elements.member;
  const choice = document.getElementById("visit-member");

  const paint = () => {
    choice.value = member.value;
    part("facts").hidden = !member.value;
  };

  const fill = ({ households, areas }) => {
    const home = households.find(({ id }) => id === household);
    if (!home) return;
    const name = home.address || `户号 ${home.no}`;
    part("home").textContent = name;
    part("state").textContent = [areas[home.area], `${home.members.length} 人`].filter(Boolean).join(" · ");
    form.dataset.title = `走访 ${name}`;
    for (const person of home.members) {
      const option = document.createElement("option");
      option.value = person.id;
      option.textContent = `${person.name} ${person.relation}`;
      choice.append(option);
    }
    part("members").hidden = !home.members.length;
    paint();
  };

  choice.addEventListener("change", () => {
    member.value = choice.value;
    member.dispatchEvent(new Event("input", { bubbles: true }));
    paint();
  });
  form.addEventListener("draft:restored", paint);
  if (!household) part("state").textContent = "请先打开要走访的那一户，再点“记一次走访”";
  if (meta && meta.content && window.indexedDB) readCarried(meta.content).then((carried) => carried && fill(carried)).catch(() => {});
}
