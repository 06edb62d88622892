// 写路线: a tap on the map writes the place of a point behind its line; the line the cursor stands in is meant, then the next one without.
import { drawMap, fetchBorders, token } from "../ui/map.js";

const PARTS = 4; // 地点|看什么|网格代码|位置

const partsOf = (line) => line.split(/[|｜]/).map((part) => part.trim());
const placeOf = (line) => (partsOf(line)[PARTS - 1] || "").split(/[,，\s]+/).filter(Boolean).map(Number);
const hasPlace = (line) => placeOf(line).length === 2 && placeOf(line).every(Number.isFinite);

function start(box, said, text, collection) {
  box.hidden = said.hidden = false;
  const { map } = drawMap(box, collection.features, { names: collection.names ?? collection.features });
  const dots = L.layerGroup().addTo(map);
  let meant = -1;

  const lines = () => text.value.split("\n");
  const numberOf = (all, at) => all.slice(0, at + 1).filter((line) => line.trim()).length;
  const next = (all, from) => {
    const open = all.map((line, at) => at).filter((at) => all[at].trim() && !hasPlace(all[at]));
    return open.find((at) => at > from) ?? open[0] ?? -1;
  };

  function paint() {
    const all = lines();
    dots.clearLayers();
    const spots = [];
    all.forEach((line, at) => {
      if (!hasPlace(line)) return;
      const [lon, lat] = placeOf(line);
      spots.push([lat, lon]);
      L.circleMarker([lat, lon], { radius: 6, weight: 2, color: token("--surface"), fillColor: token(at === meant ? "--st-late" : "--pri"), fillOpacity: 1, interactive: false }).addTo(dots);
      const words = document.createElement("span");
      words.textContent = numberOf(all, at);
      L.tooltip({ permanent: true, direction: "top", className: "name", interactive: false, offset: [0, -4] }).setLatLng([lat, lon]).setContent(words).addTo(dots);
    });
    if (spots.length > 1) L.polyline(spots, { color: token("--ink-3"), weight: 1.5, dashArray: "4 3", interactive: false }).addTo(dots);
    if (!all[meant]?.trim()) meant = next(all, -1);
    if (meant >= 0) said.textContent = `在地图上点一下，标第 ${numberOf(all, meant)} 个点“${partsOf(all[meant])[0]}”的位置；点“有哪些点”里的另一行，就标那一行。`;
    else said.textContent = all.some((line) => line.trim()) ? "每个点都标了位置，要改就先点那一行。" : "先在上面写点，一行一个，再到地图上标位置。";
  }

  map.on("click", ({ latlng }) => {
    const all = lines();
    if (!all[meant]?.trim()) return;
    const parts = [...partsOf(all[meant]), "", "", ""].slice(0, PARTS);
    parts[PARTS - 1] = `${latlng.lng.toFixed(6)},${latlng.lat.toFixed(6)}`;
    all[meant] = parts.join("|");
    text.value = all.join("\n");
    meant = next(all, meant);
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const follow = () => {
    const at = text.value.slice(0, text.selectionStart).split("\n").length - 1;
    if (lines()[at]?.trim()) meant = at;
    paint();
  };
  text.addEventListener("input", paint);
  text.addEventListener("click", follow);
  text.addEventListener("keyup", follow);
  paint();
}

const box = document.querySelector("[data-marking]");
const text = box && box.closest("form").elements.points;
if (box && text) {
  fetchBorders(box.dataset.marking)
    .then((collection) => collection.features.length && start(box, document.querySelector("[data-marking-said]"), text, collection))
    .catch(() => {}); // the lines can be written without a map
}
