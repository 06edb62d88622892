// Leaflet maps of our own boundaries: canvas, no tiles. Colours come from the tokens.
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const boundsOf = (features) => L.geoJSON({ type: "FeatureCollection", features }).getBounds();

// Names that would overlap are left out; zooming in brings them back. One that would lie under a dot steps aside first.
const LINE = 1.4; // times the size of a letter
const ASIDE = [0, -0.7, 0.7, -1.2, 1.2]; // lines up or down

function nameLabels(map, features, dotsNow) {
  const layer = L.layerGroup().addTo(map);
  const paint = () => {
    layer.clearLayers();
    const taken = [];
    const dots = dotsNow();
    let letter = 0;
    for (const feature of features) {
      const at = boundsOf([feature]).getCenter();
      const words = document.createElement("span");
      words.textContent = feature.properties.name;
      const tip = L.tooltip({ permanent: true, direction: "center", className: "name", interactive: false }).setLatLng(at).setContent(words);
      if (!letter) {
        tip.addTo(layer);
        letter = parseFloat(getComputedStyle(tip.getElement()).fontSize);
        tip.remove();
      }
      const { x, y } = map.latLngToContainerPoint(at);
      const half = (feature.properties.name.length * letter) / 2 + 4;
      const meets = (place, other, high) => Math.abs(other.x - x) < other.half + half && Math.abs(other.y - place) < high;
      const isTaken = (place) => taken.some((other) => meets(place, other, LINE * letter));
      const isUnderDot = (place) => dots.some((dot) => meets(place, dot, dot.half + (LINE * letter) / 2));
      if (isTaken(y)) continue;
      const place = ASIDE.map((lines) => y + lines * LINE * letter).find((each) => !isTaken(each) && !isUnderDot(each)) ?? y;
      taken.push({ x, y: place, half });
      tip.setLatLng(map.containerPointToLatLng([x, place])).addTo(layer);
    }
  };
  paint();
  map.on("zoomend resize", paint);
  return paint;
}

const STILL = { dragging: false, doubleClickZoom: false, boxZoom: false, keyboard: false, touchZoom: false };

// fitBounds comes before any canvas layer, or the renderer draws nothing
export function drawMap(element, features, { names = [], still = false, dotsNow = () => [] } = {}) {
  const map = L.map(element, { preferCanvas: true, attributionControl: false, zoomControl: false, zoomSnap: still ? 0.01 : 0.25, scrollWheelZoom: false, ...(still ? STILL : {}) });
  map.fitBounds(boundsOf(features), { padding: [8, 8], animate: false });
  if (!still) L.control.zoom({ position: "bottomright", zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
  const layer = L.geoJSON({ type: "FeatureCollection", features }, {
    style: () => ({ fillColor: token("--ch-0"), fillOpacity: 1, color: token("--line-2"), weight: 1 }),
  }).addTo(map);
  const rename = names.length ? nameLabels(map, names, dotsNow) : () => {};
  return { map, layer, rename };
}

// Which of the five colours a number has; steps: where the four above nought begin.
export const stepOf = (number, steps) => steps.filter((start) => number >= start).length;

// A map coloured by numbers, with a red dot where something is late. counts: by code [open, late, …]; outlines: borders of the
// level above, drawn stronger; what is picked is told.
export function drawCounts(element, collection, { steps, counts, outlines = [], still = false, onPick = () => {} }) {
  const { features } = collection;
  const spots = []; // where the dots stand now
  const dotsNow = () => spots.map((spot) => ({ ...map.latLngToContainerPoint(spot), half: dot.radius + dot.weight }));
  const dot = { pane: "late", radius: still ? 11 : 5.5, weight: still ? 4 : 2, color: token("--surface"), fillColor: token("--st-late"), fillOpacity: 1, interactive: false };
  const { map, layer, rename } = drawMap(element, features, { still, names: collection.names ?? features, dotsNow });
  const fills = [0, 1, 2, 3, 4].map((step) => token(`--ch-${step}`));
  const line = { color: token("--line-2"), weight: features.length > 500 ? 0.5 : 1 };
  // above the names: what is late must be seen
  map.createPane("late").classList.add("late-dots");
  const dots = L.layerGroup().addTo(map);
  dot.renderer = L.canvas({ pane: "late" });
  let now = counts;
  let shown = 0;
  let picked = "";

  const styleOf = ({ properties: { code } }) => ({
    ...line,
    fillOpacity: 1,
    fillColor: fills[stepOf(now[code]?.[shown] ?? 0, steps)],
    ...(code === picked ? { color: token("--pri"), weight: 3 } : {}),
  });
  function paint() {
    layer.setStyle(styleOf);
    dots.clearLayers();
    spots.length = 0;
    for (const { properties: { code, at } } of features) {
      if (!now[code]?.[1]) continue;
      // a little below the middle, where a name may stand
      const pixel = map.latLngToLayerPoint([at[1], at[0]]).add([0, 2 * dot.radius + 2]);
      spots.push(map.layerPointToLatLng(pixel));
      L.circleMarker(spots[spots.length - 1], dot).addTo(dots);
    }
    rename();
  }
  map.on("zoomend", paint);
  if (!still) {
    layer.on("click", ({ layer: one }) => {
      picked = one.feature.properties.code;
      paint();
      one.bringToFront();
      onPick(one.feature.properties);
    });
  }
  const fit = () => {
    map.invalidateSize({ animate: false });
    map.fitBounds(boundsOf(features), { padding: [8, 8], animate: false });
  };
  addEventListener("resize", fit);
  paint();
  if (outlines.length) {
    const edge = { fill: false, color: token("--ink-3"), weight: still ? 2.4 : 1.4, opacity: 0.5 };
    L.geoJSON({ type: "FeatureCollection", features: outlines }, { interactive: false, style: edge }).addTo(map);
  }
  return {
    show(next) { now = next; paint(); },
    choose(number) { shown = number; paint(); },
  };
}

// The borders behind an address; an empty collection where nobody has drawn any.
export async function fetchBorders(address) {
  if (!address) return { features: [] };
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
