(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const time = document.querySelector("time");
  const days = Math.floor((Date.now() - Date.parse(time.dateTime)) / 864e5);
  if (days > 0) time.after(days > 6 ? `, ${days} days ago: this page is old` : `, ${days} day${days > 1 ? "s" : ""} ago`);

  for (const table of all("table.d")) {
    all("thead th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        all("th", head.parentNode).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const key = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
        const rows = all("tr", body).map((row) => [key(row), row]);
        rows.sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }) * (down ? -1 : 1));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  const tools = document.querySelector(".tools");
  if (tools) {
    tools.hidden = false;
    const rows = all("#differences tbody tr").map((row) => [row, row.textContent.toLowerCase()]);
    const search = tools.querySelector("input[type=search]");
    const update = () => {
      const words = search.value.toLowerCase().split(/\s+/);
      const wanted = new Set(all("input:checked", tools).map((box) => box.value));
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !wanted.has(row.dataset.s) || !words.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      tools.querySelector("output").value = shown < rows.length ? `${shown} of ${rows.length} shown` : "";
    };
    tools.addEventListener("input", update);
    tools.addEventListener("submit", (event) => event.preventDefault());
  }

  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") node.open = true;
      if (node.tagName === "TR") node.hidden = false;
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
