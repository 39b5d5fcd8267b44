HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, {
  apply: (f, self, given) => (String(given[0]).includes('webgl') ? null : f.apply(self, given)),
});
