([colours, of]) => {
  const source = document.querySelector(of);
  const copy = document.createElement('canvas');
  copy.width = source.width; copy.height = source.height;
  const pen = copy.getContext('2d');
  pen.drawImage(source, 0, 0);
  const { data } = pen.getImageData(0, 0, copy.width, copy.height);
  const shares = colours.map(() => 0);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) {
    seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    colours.forEach(([r, g, b, slack = 9], k) => {
      const off = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b);
      if (off <= slack) shares[k] += 1;
    });
  }
  const centre = 4 * (Math.floor(copy.height / 2) * copy.width + Math.floor(copy.width / 2));
  return {
    shares: shares.map((n) => n / (data.length / 4)),
    distinct: seen.size,
    centre: [...data.slice(centre, centre + 3)],
  };
}
