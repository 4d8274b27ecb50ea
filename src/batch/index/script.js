"use strict";
(() => {
  const table = document.getElementById("clips");
  const body = table.tBodies[0];
  const box = table.parentElement;
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
    show();
  }

  function filter() {
    const words = filters.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const own of rows) {
      own.fits = words.every((word) => own.text.includes(word)) &&
        (!filters.pattern.value || own.pattern === filters.pattern.value) &&
        (!filters.status.value || own.status === filters.status.value);
    }
    show();
  }

  // As many rows as were scrolled to; to lay out thousands at once takes long.
  const STEP = 150;
  let most = STEP;
  function draw() {
    let count = 0;
    for (const own of rows) {
      own.row.hidden = !own.fits || count >= most;
      count += own.fits;
    }
    return count;
  }

  // The rows anew, from the first.
  function show() {
    most = STEP;
    shown.textContent = `${draw()} of ${rows.length} shown`;
    box.scrollTop = 0;
  }

  function more() {
    if (box.scrollTop + box.clientHeight < box.scrollHeight - box.clientHeight) return;
    if (most >= rows.length) return;
    most += STEP;
    draw();
  }

  function all() {
    most = rows.length;
    draw();
  }

  heads.forEach((head, column) => head.querySelector("button")?.addEventListener("click", () => sort(column)));
  Object.values(filters).forEach((input) => input.addEventListener("input", filter));
  box.addEventListener("scroll", more, { passive: true });
  addEventListener("beforeprint", all);
  body.classList.add("ready");
  filter();
})();
