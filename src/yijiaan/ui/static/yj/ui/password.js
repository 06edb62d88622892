// A button with data-shows="input id" shows and hides what was typed.
export function startPasswords(root) {
  for (const button of root.querySelectorAll("[data-shows]")) {
    const input = document.getElementById(button.dataset.shows);
    const words = button.querySelector("span");
    button.hidden = false;
    button.addEventListener("click", () => {
      const isShown = input.type === "text";
      input.type = isShown ? "password" : "text";
      words.textContent = isShown ? "显示" : "隐藏";
      button.setAttribute("aria-pressed", String(!isShown));
    });
  }
}
