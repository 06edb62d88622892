// One key for every page of the desk: / goes to the search field. Where somebody types it stays a letter.

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const active = document.activeElement;
    if (active?.isContentEditable || active?.matches?.("textarea, select, input:not([type=checkbox]):not([type=radio])")) return;
    const search = document.getElementById("top-q");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
}
