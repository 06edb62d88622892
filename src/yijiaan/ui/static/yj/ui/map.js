// A Leaflet map of our own boundaries: canvas, no tiles. Colours come from the tokens.
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const boundsOf = (features) => L.geoJSON({ type: "FeatureCollection", features }).getBounds();

// Names that would overlap are left out; zooming in brings them back.
const LETTER = 0.75; // rem, as .map .name
const LINE = 1.1;

function nameLabels(map, features) {
  const layer = L.layerGroup().addTo(map);
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const paint = () => {
    layer.clearLayers();
    const taken = [];
    for (const feature of features) {
      const at = boundsOf([feature]).getCenter();
      const pixel = map.latLngToContainerPoint(at);
      const half = (feature.properties.name.length * LETTER * rem) / 2 + 4;
      if (taken.some((other) => Math.abs(other.x - pixel.x) < other.half + half && Math.abs(other.y - pixel.y) < LINE * rem)) continue;
      taken.push({ x: pixel.x, y: pixel.y, half });
      const words = document.createElement("span");
      words.textContent = feature.properties.name;
      L.tooltip({ permanent: true, direction: "center", className: "name", interactive: false }).setLatLng(at).setContent(words).addTo(layer);
    }
  };
  paint();
  map.on("zoomend", paint);
}

// fitBounds comes before any canvas layer, or the renderer draws nothing
export function drawMap(element, features, { names = [] } = {}) {
  const map = L.map(element, { preferCanvas: true, attributionControl: false, zoomControl: false, zoomSnap: 0.25, scrollWheelZoom: false });
  map.fitBounds(boundsOf(features), { padding: [8, 8] });
  L.control.zoom({ position: "bottomright", zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
  const layer = L.geoJSON({ type: "FeatureCollection", features }, {
    style: () => ({ fillColor: token("--ch-0"), fillOpacity: 1, color: token("--line-2"), weight: 1 }),
  }).addTo(map);
  if (names.length) nameLabels(map, names);
  return { map, layer };
}
