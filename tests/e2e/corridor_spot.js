() => {
  const source = document.querySelector('#map canvas');
  const copy = document.createElement('canvas');
  copy.width = source.width;
  copy.height = source.height;
  const pen = copy.getContext('2d');
  pen.drawImage(source, 0, 0);
  const { data } = pen.getImageData(0, 0, copy.width, copy.height);
  // A corridor is the only strong violet or blue on the pale base map.
  for (let y = 60; y < copy.height - 60; y += 2) {
    for (let x = 60; x < copy.width - 60; x += 2) {
      const i = 4 * (y * copy.width + x);
      const channels = [data[i], data[i + 1], data[i + 2]];
      if (Math.max(...channels) - Math.min(...channels) > 60) {
        const spot = [(x * source.clientWidth) / copy.width, (y * source.clientHeight) / copy.height];
        const { left, top } = source.getBoundingClientRect();
        if (document.elementFromPoint(left + spot[0], top + spot[1]) === source) return spot;
      }
    }
  }
  return null;
}
