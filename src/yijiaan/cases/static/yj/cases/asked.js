// Of what the categories ask, shows only what the chosen one does. Without scripts each stands folded under its name.

function follow(form) {
  const parts = [...form.querySelectorAll("[data-asked]")];
  if (!parts.length) return;
  const show = () => {
    const said = new FormData(form);
    const chosen = said.get("leaf") || said.get("category") || "";
    for (const part of parts) {
      const isChosen = part.dataset.asked === chosen;
      part.hidden = !isChosen;
      if (isChosen) part.open = true;
    }
  };
  form.addEventListener("change", show);
  form.addEventListener("draft:restored", show);
  show();
}

for (const form of document.querySelectorAll("form")) follow(form);
