// The place picker: tap the map, use the phone's position, or choose from the list; the three keep each other in step.
// Markup: ui/kit/place.html. Without scripts the list and the words remain, and they are enough.
import { featureAt } from "./geometry.js";
import { boundsOf, drawMap, token } from "./map.js";

function start(picker, collection) {
  const form = picker.closest("form");
  const list = form.elements[picker.dataset.list];
  const lon = form.elements[picker.dataset.lon];
  const lat = form.elements[picker.dataset.lat];
  const accuracy = form.elements[picker.dataset.accuracy];
  const said = picker.querySelector("[data-said]");
  const box = picker.querySelector("[data-map]");
  box.hidden = false;
  picker.querySelector("[data-map-help]").hidden = false;

  const features = collection.features;
  const { map, layer } = drawMap(box, features, { names: collection.names ?? features });
  const pin = L.circleMarker([0, 0], { radius: 9, weight: 3, color: token("--surface"), fillColor: token("--st-late"), fillOpacity: 1, interactive: false });

  const paint = (feature) => layer.setStyle((each) => ({
    fillColor: each === feature ? token("--ch-1") : token("--ch-0"),
    color: each === feature ? token("--pri") : token("--line-2"),
    weight: each === feature ? 2 : 1,
  }));
  const offers = (code) => [...(list?.options ?? [])].some((option) => option.value === code);

  function choosePoint(longitude, latitude, metres = "") {
    lon.value = longitude.toFixed(6);
    lat.value = latitude.toFixed(6);
    if (accuracy) accuracy.value = metres === "" ? "" : Math.round(metres);
    const feature = featureAt(features, longitude, latitude);
    pin.setLatLng([latitude, longitude]).addTo(map);
    paint(feature);
    const code = feature?.properties.code ?? "";
    const offered = [code, code.slice(0, 12)].find((each) => each && offers(each));
    if (list && offered) list.value = offered;
    said.textContent = feature ? `选的地方在 ${feature.properties.name}` : "选的地方在本镇网格以外，也可以报，我们来核对";
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function chooseFromList() {
    lon.value = lat.value = "";
    if (accuracy) accuracy.value = "";
    pin.remove();
    const inside = features.filter((feature) => list.value && feature.properties.code.startsWith(list.value));
    paint(inside.length === 1 ? inside[0] : null);
    if (inside.length) map.fitBounds(boundsOf(inside), { padding: [16, 16], maxZoom: 15 });
    said.textContent = list.value ? `已选 ${list.selectedOptions[0].textContent.trim()}，在地图上点一下更准` : "";
  }

  map.on("click", ({ latlng }) => choosePoint(latlng.lng, latlng.lat));
  list?.addEventListener("change", chooseFromList);
  form.addEventListener("position", ({ detail }) => {
    choosePoint(detail.lon, detail.lat, detail.accuracy);
    map.setView([detail.lat, detail.lon], Math.max(map.getZoom(), 15));
  });
  const again = () => lon.value && lat.value && choosePoint(Number(lon.value), Number(lat.value));
  form.addEventListener("draft:restored", again);
  again();
}

// Large type: the map would be a screen of its own, so it is drawn when it is unfolded, or when the phone knows the place.
function startFolded(fold, picker, collection) {
  const form = picker.closest("form");
  let isOn = false;
  const begin = () => {
    if (isOn) return;
    isOn = true;
    start(picker, collection);
  };
  fold.hidden = false;
  fold.addEventListener("toggle", () => fold.open && begin());
  form.addEventListener("position", ({ detail }) => {
    if (isOn) return;
    fold.open = true;
    begin();
    form.dispatchEvent(new CustomEvent("position", { detail }));
  });
}

for (const picker of document.querySelectorAll("[data-place]")) {
  const box = picker.querySelector("[data-map]");
  fetch(box.dataset.map, { credentials: "same-origin" })
    .then((response) => (response.ok ? response.json() : Promise.reject(new Error(response.status))))
    .then((collection) => {
      const fold = picker.querySelector("[data-map-fold]");
      if (fold) startFolded(fold, picker, collection);
      else start(picker, collection);
    })
    .catch(() => { picker.querySelector("[data-said]").textContent = "地图暂时打不开，请从列表里选，或写清地点"; });
}
