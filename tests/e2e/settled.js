async () => {
  const frame = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  const { dataset } = document.documentElement;
  const still = () => ['ready', 'missing', 'closed'].includes(dataset.map) && dataset.data === 'ready'
    && document.getElementById('progress').hidden;
  // What changes the map shows in its state a frame later; three quiet frames are stillness.
  const end = performance.now() + 30_000;
  for (let quiet = 0; quiet < 3; quiet = still() ? quiet + 1 : 0) {
    if (performance.now() > end) throw new Error(`not settled: map ${dataset.map}, data ${dataset.data}`);
    await frame();
  }
}
