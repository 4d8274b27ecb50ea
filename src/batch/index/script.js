"use strict";
(() => {
  const table = document.getElementById("clips");
  const body = table.tBodies[0];
  const shown = document.getElementById("shown");
  const filters = { text: document.getElementById("text"), pattern: document.getElementById("pattern"), status: document.getElementById("status") };
  const heads = [...table.tHead.rows[0].cells];
  // What sorts and filters is read from the page once.
  const rows = [...body.rows].map((row) => ({
    row,
    keys: [...row.cells].map((cell) => cell.dataset.v ?? cell.textContent),
    text: row.textContent.toLowerCase(),
    pattern: row.dataset.pattern,
    status: row.dataset.status,
  }));

  function sort(column) {
    const head = heads[column];
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const numeric = head.classList.contains("num");
    const words = new Intl.Collator(undefined, { numeric: true });
    rows.sort((a, b) => {
      const [x, y] = [a.keys[column], b.keys[column]];
      // What is not known stands last either way.
      if (x === "" || y === "") return (x === "") - (y === "");
      const order = numeric ? Number(x) - Number(y) : words.compare(x, y);
      return down ? -order : order;
    });
    body.append(...rows.map((own) => own.row));
  }

  function filter() {
    const words = filters.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const own of rows) {
      const fits = words.every((word) => own.text.includes(word)) &&
        (!filters.pattern.value || own.pattern === filters.pattern.value) &&
        (!filters.status.value || own.status === filters.status.value);
      own.row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${rows.length} shown`;
  }

  heads.forEach((head, column) => head.querySelector("button")?.addEventListener("click", () => sort(column)));
  Object.values(filters).forEach((input) => input.addEventListener("input", filter));
  filter();
})();
