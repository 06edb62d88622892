// A button with data-copy puts its text on the clipboard and says so.
async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // plain HTTP and old web views have no clipboard object
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "sr";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("refused");
}

export function startCopying(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    const words = button.querySelector("span") ?? button;
    const before = words.textContent;
    button.addEventListener("click", async () => {
      try {
        await copy(button.dataset.copy);
        words.textContent = "已复制";
      } catch {
        words.textContent = "没能复制，请抄下来";
      }
      setTimeout(() => { words.textContent = before; }, 4000);
    });
  }
}
