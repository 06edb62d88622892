// Rows that are ticked for a deed on several: x ticks the row in focus, Shift takes all between; j and k go up and down.
// Without scripts the boxes are ordinary ones of the form below the list.

const form = document.getElementById("batch");
if (form) {
  const boxes = () => [...document.querySelectorAll(`input[type=checkbox][form="batch"]`)];
  const buttons = [...form.querySelectorAll("[data-counts]")];
  const said = form.querySelector("[data-said]");
  let last = null; // the box ticked last: where a range begins

  function count() {
    const ticked = boxes().filter((box) => box.checked).length;
    for (const button of buttons) button.querySelector("[data-count]").textContent = ticked ? ` ${ticked} 件` : "";
    said.textContent = ticked ? `选了 ${ticked} 件` : "";
    form.classList.toggle("on", ticked > 0);
    form.hidden = "quiet" in form.dataset && !ticked; // on the board it takes room only when it is wanted
  }

  function fill(box, isRange) {
    const all = boxes();
    const from = all.indexOf(last);
    const to = all.indexOf(box);
    if (isRange && from >= 0) for (const between of all.slice(Math.min(from, to), Math.max(from, to) + 1)) between.checked = box.checked;
    last = box;
    count();
  }

  const rowOf = (node) => node?.closest?.("tr, .item") ?? null;
  const boxOf = (node) => rowOf(node)?.querySelector(`input[form="batch"]`) ?? null;

  document.addEventListener("click", (event) => {
    if (event.target.matches?.(`input[form="batch"]`)) fill(event.target, event.shiftKey);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const active = document.activeElement;
    if (active?.matches?.("input:not([type=checkbox]), textarea, select")) return;
    const key = event.key.toLowerCase();
    if (key === "x" && boxOf(active)) {
      const box = boxOf(active);
      box.checked = !box.checked;
      fill(box, event.shiftKey);
    } else if ((key === "j" || key === "k") && document.querySelector(".tbl")) {
      const all = boxes();
      const at = all.indexOf(boxOf(active));
      const next = all[at < 0 ? 0 : Math.min(Math.max(at + (key === "j" ? 1 : -1), 0), all.length - 1)];
      next?.focus();
      rowOf(next)?.scrollIntoView({ block: "nearest" });
    } else return;
    event.preventDefault();
  });

  form.addEventListener("submit", (event) => {
    if (boxes().some((box) => box.checked)) return;
    event.preventDefault();
    said.textContent = "还没有选，请先打勾";
  });
  count(); // what a browser kept ticked
}
