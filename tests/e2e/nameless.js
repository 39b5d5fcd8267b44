() => [...document.querySelectorAll('button, input, select, [role=tab], canvas, a')]
  .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length))
  .map((e) => e.outerHTML.slice(0, 80))
