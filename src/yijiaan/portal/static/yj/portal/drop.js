// A file let fall anywhere on the form is as good as one chosen: it lands in the same input, and its name is shown by the browser.
for (const form of document.querySelectorAll("[data-drop]")) {
  const input = form.querySelector("input[type=file]");
  const zone = input.closest(".drop") ?? form;
  const hold = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.toggle("is-over", event.type !== "drop" && event.type !== "dragleave");
  };
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) form.addEventListener(name, hold);
  form.addEventListener("drop", (event) => {
    if (event.dataTransfer?.files.length !== 1) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
