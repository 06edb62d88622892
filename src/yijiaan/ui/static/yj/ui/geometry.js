// Which GeoJSON feature a point lies in. Boundaries are small (a town of 70 grids), so every one is tried.
function inRing([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

const polygons = (geometry) => (geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates]);

export function featureAt(features, lon, lat) {
  return features.find((feature) => polygons(feature.geometry).some(
    ([outer, ...holes]) => inRing([lon, lat], outer) && !holes.some((hole) => inRing([lon, lat], hole)),
  ));
}
