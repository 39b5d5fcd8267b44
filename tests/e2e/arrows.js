async () => {
  const { flowFeatures } = await import('/static/map/flows.js');
  const at = (id, place, lng, lat) =>
    [id, { properties: { place, load_mean: 1 }, geometry: { type: 'Point', coordinates: [lng, lat] } }];
  const terminals = new Map([at('a', 'A', 110, -5), at('a2', 'A', 110.1, -5), at('b', 'B', 120, -5)]);
  const leg = (from, to, flow, west, east) => ({
    properties: { from_id: from, to_id: to, medium: 'sea', flow_mean: flow },
    geometry: { type: 'LineString', coordinates: [[west, -5], [east, -5]] },
  });
  const legs = [leg('a', 'b', 300, 110, 120), leg('a2', 'b', 700, 110.1, 120), leg('b', 'a', 90, 120, 110)];
  const view = { box: [[90, -20], [140, 10]] };
  const heads = ({ geometry: { coordinates: [ring] } }) => ring.map(([lng]) => lng);
  const [far, near] = [4, 9].map((zoom) => flowFeatures(legs, terminals, { ...view, zoom }));
  const flown = flowFeatures([{ ...legs[0], properties: { ...legs[0].properties, medium: 'air' } }], terminals, { ...view, zoom: 5 });
  const abroad = new Map([...terminals, ['k', { properties: { country: 'MY', load_mean: 1 }, geometry: { type: 'Point', coordinates: [117.9, 4.2] } }]]);
  const [out] = flowFeatures([leg('b', 'k', 300, 120, 118)], abroad, { ...view, zoom: 4 });
  const air = flown.map(({ geometry: { type, coordinates } }) => [type, Math.max(...coordinates.flat(2).filter((v) => v > 90))]);
  return { air, sabah: Math.max(...out.geometry.coordinates[0].map(([, lat]) => lat)), far: far.map((f) => [f.properties._key, f.properties._width, Math.max(...heads(f))]), near: near.length };
}
