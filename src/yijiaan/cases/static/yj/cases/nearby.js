// While somebody writes a report: ask whether the same was reported nearby already, and offer to follow it instead.
// Without signal, or without scripts, nothing is asked and the report goes its way.

const box = document.querySelector("[data-nearby]");
const form = box?.closest("form");
let last = "";
let timer = 0;

async function ask() {
  const said = new FormData(form);
  const wanted = new URLSearchParams();
  for (const name of ["text", "lon", "lat", "area_code"]) {
    const value = String(said.get(name) || "").trim().slice(0, 300);
    if (value) wanted.set(name, value);
  }
  const query = wanted.toString();
  if (query === last || !wanted.get("text") || !(wanted.get("lon") || wanted.get("area_code"))) return;
  last = query;
  const answer = await fetch(`${box.dataset.nearby}?${query}`, { credentials: "same-origin" }).catch(() => null);
  if (!answer || !answer.ok || query !== last) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  box.replaceChildren(...page.body.children);
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(ask, 700);
}

if (form && navigator.onLine !== false) {
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
}
