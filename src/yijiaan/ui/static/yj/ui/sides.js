// Two values of one fact side by side, as ui/sides.py draws them: what the phone sent, and what the office made of it meanwhile.
function make(tag, kind, text) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (text) element.textContent = text;
  return element;
}

function side(label, value, by) {
  const box = make("div");
  box.append(make("span", "", label), make("strong", "", value), make("small", "num", by));
  return box;
}

export function drawSides(sides) {
  const all = make("div", "sides-all");
  all.dataset.sides = "";
  for (const each of sides) {
    const box = make("div", "sides");
    const about = make("p");
    about.append(make("b", "", each.fact), " 两边写的不一样");
    box.append(about, side("您写的", each.mine, each.mine_by), side("登记上现在是", each.theirs, each.theirs_by), make("p", "hint", each.decides));
    all.append(box);
  }
  return all;
}
