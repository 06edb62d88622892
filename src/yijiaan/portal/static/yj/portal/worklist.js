// The worklist: keys, what is new, what somebody else has done, and taking a dispatch back. Rows never move under the pointer:
// news waits above the list until it is asked for, or until neither pointer nor focus is in the list.
import { startUndo } from "./undo.js";

const AWAY = 5_000; // so long the pointer must be gone before the list renews itself
const STILL = 20_000; // and so long no key must have been pressed in it

export function startWorklist(rows) {
  const news = document.querySelector("[data-news]");
  const undo = startUndo(rows);
  let left = 0; // when the pointer left the list; 0 while it never was there
  let isInside = false;
  let typed = 0; // when a key was last pressed in the list
  const gone = new Set();

  const items = () => [...rows.querySelectorAll(".item")];
  const current = () => document.activeElement?.closest?.(".item") ?? null;
  const waiting = () => items().filter((item) => !item.classList.contains("gone"));
  const isReading = () => rows.contains(document.activeElement) && document.activeElement !== current();
  const isBusy = () => isInside || Date.now() - left < AWAY || Date.now() - typed < STILL || isReading() || rows.querySelector('input[form="batch"]:checked') || document.querySelector("dialog[open]");

  function select(item) {
    if (!item) return;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }

  async function renew(keeps = "") {
    const asked = new URLSearchParams({ tab: rows.dataset.tab, area: rows.dataset.area, show: shown() });
    const answer = await fetch(`${rows.dataset.work}?${asked}`, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    rows.innerHTML = await answer.text();
    gone.clear();
    news.replaceChildren();
    if (keeps) select(rows.querySelector(`[data-number="${keeps}"]`) ?? waiting()[0]);
  }

  const shown = () => Math.max(20, Math.ceil(items().length / 20) * 20);

  function tell(count) {
    if (!count) return news.replaceChildren();
    const words = `有 ${count} 件新的，点这里看`;
    if (news.textContent === words) return undefined;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", () => renew(current()?.dataset.number ?? "first"));
    return news.replaceChildren(button);
  }

  function mark(item, words) {
    item.classList.add("gone");
    gone.add(item.dataset.number);
    const line = item.querySelector(".act .meta");
    if (line) line.textContent = words;
  }

  // what the server lists now against what stands here
  function compare(numbers) {
    if (!numbers) return;
    const here = new Set(items().map((item) => item.dataset.number));
    const there = new Set(numbers);
    const fresh = numbers.filter((number) => !here.has(number)).length;
    const left = waiting().filter((item) => !there.has(item.dataset.number));
    if (!isBusy()) {
      renew(current()?.dataset.number);
      return;
    }
    for (const item of left) mark(item, "这一件刚才有人办了，或已不在这一类");
    tell(fresh);
  }

  rows.addEventListener("pointerenter", () => { isInside = true; });
  rows.addEventListener("pointerleave", () => { isInside = false; left = Date.now(); });

  function step(by) {
    const all = waiting();
    const at = all.indexOf(current());
    select(at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[Math.min(Math.max(at + by, 0), all.length - 1)]);
  }

  // keys count only while the list has the focus, or nothing has: elsewhere they belong to the page
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const active = document.activeElement;
    const isOurs = !active || active === document.body || active.id === "main" || rows.contains(active);
    if (!isOurs) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const item = current();
    if (item) typed = Date.now();
    if (key === "ArrowDown" || key === "j") step(1);
    else if (key === "ArrowUp" || key === "k") step(-1);
    else if ((key === "d" || (key === "Enter" && active === item)) && (item ?? waiting()[0])) (item ?? waiting()[0]).querySelector("[data-deed]")?.click();
    else if (key === "z") undo.press();
    else if (key === "n") news.querySelector("button")?.click();
    else return;
    event.preventDefault();
  });

  document.addEventListener("dialog:done", (event) => {
    const number = event.detail.action.match(/\/cases\/([^/]+)\/dispatch\/$/)?.[1];
    const item = number && rows.querySelector(`[data-number="${number}"]`);
    if (!item) return;
    event.preventDefault();
    const all = waiting();
    const following = all[all.indexOf(item) + 1] ?? all[all.indexOf(item) - 1];
    mark(item, "派出去了");
    select(following ?? item);
    undo.offer(number);
    document.dispatchEvent(new CustomEvent("board:stale"));
  });

  if (matchMedia("(min-width: 900px)").matches && rows.querySelector("[data-dialog]") && !location.hash) select(items()[0]);
  return { compare, shown };
}
