// A button with data-follows="select id" names what is chosen there, so that it never says one unit and sends to another.
for (const button of document.querySelectorAll("[data-follows]")) {
  const list = document.getElementById(button.dataset.follows);
  const say = () => { button.textContent = list.value ? button.dataset.says + list.selectedOptions[0].textContent.trim() : "请先选单位"; };
  list.addEventListener("change", say);
  button.form.addEventListener("draft:restored", say);
}
