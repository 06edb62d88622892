// 网格管理: shows the grids of a village; in the editor a tap chooses a grid or sets a point of the line, which snaps to corners near by.
import { drawMap, fetchBorders, token } from "../ui/map.js";
import { featureAt } from "../ui/geometry.js";

const NEAR = 12; // pixels within which a point snaps to a corner of a grid
const HELP = {
  merge: "在地图上点要并到一起的网格，再点一次取消。",
  split: "先点要切开的网格，再在它的边界外起笔，一点一点划到另一边的边界外。",
  shift: "先点划出地方的网格，再点接过去的网格，然后圈出那一块，圈要划过两格的边界。",
};

const corners = (features) => features.flatMap(({ geometry }) => (geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates]).flat(2));

function drawResult(map) {
  const result = document.getElementById("redraw-result");
  if (!result) return;
  const fills = [1, 2, 3, 4].map((step) => token(`--ch-${step}`));
  JSON.parse(result.textContent).features.forEach((feature, place) => {
    L.geoJSON(feature, { interactive: false, style: { color: token("--pri"), weight: 3, fillColor: fills[place % fills.length], fillOpacity: 0.6 } }).addTo(map);
  });
}

function startEditor(form, map, layer, features, note) {
  const { kind, giver, taker, points } = form.elements;
  const ticks = [...form.querySelectorAll("input[name=grids]")];
  const tools = form.querySelector("[data-redraw-tools]");
  const line = L.polyline([], { color: token("--st-late"), weight: 3, interactive: false }).addTo(map);
  const dots = L.layerGroup().addTo(map);
  const known = corners(features);

  const read = () => points.value.split("\n").map((row) => row.replace("，", ",").split(/[\s,]+/).filter(Boolean).map(Number)).filter((pair) => pair.length === 2 && pair.every(Number.isFinite));
  const write = (list) => {
    points.value = list.map(([lon, lat]) => `${lon.toFixed(6)},${lat.toFixed(6)}`).join("\n");
    form.dispatchEvent(new Event("input", { bubbles: true }));
    paint();
  };
  const chosen = () => (kind.value === "merge" ? ticks.filter((tick) => tick.checked).map((tick) => tick.value) : [giver.value, ...(kind.value === "shift" ? [taker.value] : [])].filter(Boolean));

  function paint() {
    const mode = kind.value;
    for (const part of form.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(mode);
    tools.hidden = mode === "merge";
    note.textContent = HELP[mode];
    const codes = chosen();
    layer.setStyle(({ properties: { code } }) => ({
      fillColor: codes.includes(code) ? token(codes[0] === code ? "--ch-2" : "--ch-1") : token("--ch-0"),
      color: codes.includes(code) ? token("--pri") : token("--line-2"),
      weight: codes.includes(code) ? 2 : 1,
      fillOpacity: 1,
    }));
    const spots = mode === "merge" ? [] : read().map(([lon, lat]) => [lat, lon]);
    line.setLatLngs(mode === "shift" && spots.length > 2 ? [...spots, spots[0]] : spots);
    dots.clearLayers();
    for (const spot of spots) L.circleMarker(spot, { radius: 5, weight: 2, color: token("--surface"), fillColor: token("--st-late"), fillOpacity: 1, interactive: false }).addTo(dots);
  }

  function snapped({ lat, lng }) {
    const at = map.latLngToContainerPoint([lat, lng]);
    let best = [lng, lat];
    let least = NEAR;
    for (const [lon, latitude] of known) {
      const far = at.distanceTo(map.latLngToContainerPoint([latitude, lon]));
      if (far < least) [least, best] = [far, [lon, latitude]];
    }
    return best;
  }

  map.on("click", ({ latlng }) => {
    const code = featureAt(features, latlng.lng, latlng.lat)?.properties.code;
    if (kind.value === "merge") {
      const tick = ticks.find((each) => each.value === code);
      if (tick) tick.checked = !tick.checked;
    } else if (!giver.value && code) giver.value = code;
    else if (kind.value === "shift" && !taker.value && code && code !== giver.value) taker.value = code;
    else write([...read(), snapped(latlng)]);
    form.dispatchEvent(new Event("input", { bubbles: true }));
    paint();
  });
  form.querySelector("[data-redraw-back]").addEventListener("click", () => write(read().slice(0, -1)));
  form.querySelector("[data-redraw-clear]").addEventListener("click", () => { giver.value = ""; taker.value = ""; write([]); });
  form.addEventListener("change", paint);
  form.addEventListener("draft:restored", paint);
  paint();
}

for (const element of document.querySelectorAll("[data-redraw-map]")) {
  const note = element.parentElement.querySelector("[data-redraw-note]");
  const form = element.closest("form[data-redraw]");
  fetchBorders(element.dataset.redrawMap)
    .then((collection) => {
      if (!collection.features.length) {
        note.textContent = "这个村还没有画网格，没有地图。";
        return;
      }
      element.hidden = false;
      const { map, layer } = drawMap(element, collection.features, { names: collection.features });
      if (form) startEditor(form, map, layer, collection.features, note);
      drawResult(map);
    })
    .catch(() => { note.textContent = "地图暂时打不开，可以在下面选网格、写点的经纬度。"; });
}
