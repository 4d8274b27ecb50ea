// The table of recordings: search, sort, small traces, what can be done with each and with many.
import { $, ask, complain, duration, el, open, remembered, say, t } from "./shared.js";
import { editAbout } from "./about.js";
import { showQueue, watchQueue } from "./queue.js";

// Rows that are drawn at a time, the first of them at once; those that are in view are always among them.
const AT_A_TIME = 40;

// Not every browser of a tablet has the first.
const afterwards = (act) => (globalThis.requestIdleCallback ? requestIdleCallback(act, { timeout: 500 }) : setTimeout(act, 50));

const state = { rows: [], sort: ["name", 1], selected: new Set(), traces: new Map(), lines: new Map(), drawn: 0 };
// For whoever measures or tests the page.
globalThis.spasmographLibrary = state;

const COLUMNS = [
  ["subject", (row) => row.subject], ["visit", (row) => row.visit], ["recording", (row) => row.name],
  ["date", (row) => row.changed_s], ["length", (row) => row.analysis?.length_s ?? -1], ["usable", (row) => row.analysis?.usable ?? -1],
  ["blinks_min", (row) => row.analysis?.blink_rate ?? -1],
  ["events_min", (row) => (row.analysis ? row.analysis.event_rate.left + row.analysis.event_rate.right + row.analysis.event_rate.both : -1)],
  ["pattern", (row) => row.analysis?.words ?? ""], ["reviewed", (row) => row.reviews.map((own) => own.reviewer).join()], ["lids", null],
];

export async function refresh() {
  const library = await ask("library");
  state.rows = library.rows;
  state.lines.clear();
  $("folder").textContent = t("folder", { folder: library.folder });
  $("version").textContent = library.version;
  if (!$("format").options.length) $("format").replaceChildren(...library.formats.map((name) => el("option", { value: name }, name)));
  const kept = $("subjects").value;
  const subjects = [...new Set(state.rows.map((row) => row.subject).filter(Boolean))].sort();
  $("subjects").replaceChildren(el("option", { value: "" }, t("all_subjects")), ...subjects.map((own) => el("option", { value: own }, own)));
  $("subjects").value = subjects.includes(kept) ? kept : "";
  const names = new Set(state.rows.map((row) => row.name));
  for (const name of state.selected) if (!names.has(name)) state.selected.delete(name);
  showQueue(library.queue);
  draw();
  state.shown ??= performance.now();
}

export function beginLibrary() {
  const head = $("rows").tHead.rows[0];
  head.replaceChildren(
    el("th", { scope: "col" }, el("input", { type: "checkbox", id: "all", "aria-label": t("select_all"), onchange: selectAll })),
    ...COLUMNS.map(([key, value]) => el("th", { scope: "col", "data-column": key },
      value ? el("button", { type: "button", onclick: () => sortBy(key) }, t(key)) : t(key))),
    el("th", { scope: "col" }, t("actions")),
  );
  $("search").oninput = draw;
  $("subjects").onchange = draw;
  $("tables").onclick = () => handOn("tables");
  $("export").onclick = () => handOn($("format").value);
  $("analyze-selected").onclick = () => enqueue([...state.selected]);
  $("visits").onclick = () => window.open(`/visits?${new URLSearchParams({ subject: $("visits").dataset.subject, reviewed: $("reviewed").checked })}`, "_blank", "noopener");
  $("sample").onclick = trySample;
  $("reviewer-form").onsubmit = beginReview;
}

/** Puts the painted sample into the library and measures it. */
export async function trySample() {
  try {
    const { name } = await ask("sample", {}, {});
    await enqueue([name]);
  } catch (error) { complain(error); }
}

export async function enqueue(names) {
  try {
    showQueue(await ask("queue", {}, { do: "add", names }));
    watchQueue();
    await refresh();
  } catch (error) { complain(error); }
}

function sortBy(key) {
  const own = key === "recording" ? "name" : key;
  state.sort = [own, state.sort[0] === own ? -state.sort[1] : 1];
  draw();
}

/** The rows that search and subject leave, in order. */
function shown() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const subject = $("subjects").value;
  const text = (row) => row.text ||= [row.name, row.subject, row.visit, row.analysis?.words, row.analysis ? "" : t("not_analyzed"), ...row.reviews.map((own) => own.reviewer)].join(" ").toLowerCase();
  const left = state.rows.filter((row) => (!subject || row.subject === subject) && words.every((word) => text(row).includes(word)));
  const [key, direction] = state.sort;
  const value = key === "name" ? (row) => row.name : COLUMNS.find(([own]) => own === key)[1];
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  return left.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    return direction * (typeof x === "number" ? x - y : compare(x, y)) || compare(a.name, b.name);
  });
}

function draw() {
  const rows = shown(), body = $("rows").tBodies[0], own = ++state.drawn;
  const lines = (from, to) => rows.slice(from, to).map((row) => {
    if (!state.lines.has(row.name)) state.lines.set(row.name, line(row));
    return state.lines.get(row.name);
  });
  const inView = body.rows.length && (innerHeight - body.getBoundingClientRect().top) / body.rows[0].offsetHeight;
  const first = Math.max(AT_A_TIME, Math.ceil(inView) + 10);
  body.replaceChildren(...lines(0, first));
  const follow = (from) => {
    if (own !== state.drawn || from >= rows.length) return;
    body.append(...lines(from, from + AT_A_TIME));
    afterwards(() => follow(from + AT_A_TIME));
  };
  afterwards(() => follow(first));
  for (const head of $("rows").tHead.rows[0].querySelectorAll("[data-column]")) {
    const own = head.dataset.column === "recording" ? "name" : head.dataset.column;
    if (own === state.sort[0]) head.setAttribute("aria-sort", state.sort[1] > 0 ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  }
  $("shown").textContent = state.rows.length && !rows.length ? t("none_found") : t("shown", { shown: rows.length, all: state.rows.length });
  $("empty").hidden = state.rows.length > 0;
  $("rows").hidden = state.rows.length === 0;
  select();
}

const number = (value) => (value === null || value === undefined ? "" : value.toFixed(1));

function line(row) {
  const own = row.analysis;
  const date = new Date(row.changed_s * 1000);
  const names = (finished) => row.reviews.filter((one) => one.finished === finished).map((one) => one.reviewer).join(", ");
  const reviewed = [names(true) && t("by", { names: names(true) }), names(false) && t("unfinished", { names: names(false) })].filter(Boolean).join("; ");
  const button = (key, onclick, strong) => el("button", { type: "button", class: strong ? "strong" : null, "aria-label": `${t(key)}: ${row.name}`, onclick }, t(key));
  const actions = [];
  if (own) {
    actions.push(button("review", () => askReviewer(row.name), true));
    const query = (reviewed) => new URLSearchParams({ name: row.name, reviewed });
    actions.push(button("report", () => window.open(`/report?${query($("reviewed").checked || row.reviews.length > 0)}`, "_blank", "noopener")));
  } else if (row.bytes) actions.push(button("analyze", () => enqueue([row.name]), true));
  actions.push(button("about", () => editAbout(row.name, refresh)));
  const events = own ? own.event_rate : null;
  const node = el("tr", { "data-name": row.name },
    el("td", {}, el("input", { type: "checkbox", "aria-label": t("select", { name: row.name }), checked: state.selected.has(row.name), onchange: (event) => { if (event.target.checked) state.selected.add(row.name); else state.selected.delete(row.name); select(); } })),
    el("td", {}, row.subject), el("td", {}, row.visit),
    el("th", { scope: "row" }, row.name),
    el("td", { class: "figure" }, el("time", { datetime: date.toISOString() }, date.toLocaleDateString())),
    el("td", { class: "figure" }, own ? duration(own.length_s) : ""),
    el("td", { class: "figure" }, own ? `${Math.round(100 * own.usable)} %` : ""),
    el("td", { class: "figure" }, own ? number(own.blink_rate) : ""),
    el("td", { class: "figure", title: t("right_left") }, events ? el("span", {}, el("span", { class: "right" }, number(events.right)), " · ", el("span", { class: "left" }, number(events.left)), events.both ? ` · ${number(events.both)}` : "") : ""),
    el("td", {}, own ? own.words : el("span", { class: "soft", title: row.broken || "" }, t(row.broken ? "broken" : "not_analyzed"))),
    el("td", {}, reviewed || (own ? t("no") : "")),
    el("td", { class: "trace" }),
    el("td", { class: "actions" }, ...actions),
  );
  if (own) watcher.observe(node);
  return node;
}

// Small traces are read as they come into view.
const watcher = new IntersectionObserver((seen) => {
  for (const one of seen.filter((own) => own.isIntersecting)) {
    watcher.unobserve(one.target);
    trace(one.target);
  }
}, { rootMargin: "100px" });

async function trace(node) {
  const name = node.dataset.name, row = state.rows.find((own) => own.name === name);
  if (!row) return;
  const known = `${name} ${row.changed_s}`;
  if (!state.traces.has(known)) state.traces.set(known, await ask("trace", { name }).catch(() => null));
  const lids = state.traces.get(known)?.lids;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 192 40");
  svg.setAttribute("aria-hidden", "true");
  const add = (kind, attributes) => {
    const part = document.createElementNS(svg.namespaceURI, kind);
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
    svg.append(part);
  };
  for (const [at, side] of row.analysis.events) add("rect", { x: 192 * at - 1, y: side === "left" ? 20 : 0, width: 2, height: side === "both" ? 40 : 20, class: "lit" });
  if (lids) {
    for (const [side, base] of [["right", 18], ["left", 38]]) {
      let path = "", pen = "M";
      [...lids[side]].forEach((letter, i) => {
        if (letter === "-") { pen = "M"; return; }
        const level = (letter.charCodeAt(0) - 97) / 20;
        path += `${pen}${2 * i},${(base - 16 * Math.min(level, 1.1)).toFixed(1)}`;
        pen = "L";
      });
      add("path", { d: path, class: `${side} line` });
    }
  }
  node.querySelector(".trace").replaceChildren(svg);
}

function selectAll(event) {
  for (const row of shown()) if (event.target.checked) state.selected.add(row.name); else state.selected.delete(row.name);
  for (const [name, node] of state.lines) node.querySelector("input").checked = state.selected.has(name);
  select();
}

function select() {
  const chosen = state.rows.filter((row) => state.selected.has(row.name));
  $("selection").hidden = chosen.length === 0;
  $("selected").textContent = t("selected", { count: chosen.length });
  const subject = chosen.length && chosen.every((row) => row.subject === chosen[0].subject) ? chosen[0].subject : "";
  const many = subject && state.rows.filter((row) => row.subject === subject && row.analysis).length > 1;
  $("visits").hidden = !many;
  $("visits").dataset.subject = subject;
  $("visits").textContent = t("visits", { subject });
  const rows = state.selected.size ? shown() : [];
  $("all").checked = rows.length > 0 && rows.every((row) => state.selected.has(row.name));
}

async function handOn(what) {
  try {
    const { files, failed } = await ask("hand-on", {}, { names: [...state.selected], what, reviewed: $("reviewed").checked });
    say([t("written", { files: files.length > 6 ? `${files.slice(0, 6).join(", ")} … (${files.length})` : files.join(", ") }), failed.length ? t("not_written", { failed: failed.join("; ") }) : ""].filter(Boolean).join(" "));
  } catch (error) { complain(error); }
}

// ---- who reviews ------------------------------------------------------------------------------

function askReviewer(name) {
  $("reviewer-title").textContent = t("reviewer_title", { name });
  $("reviewer-form").dataset.name = name;
  $("reviewer").value = remembered("reviewer") || "";
  $("reviewer-error").textContent = "";
  $("blind").checked = false;
  open($("reviewer-dialog"));
}

function beginReview(event) {
  event.preventDefault();
  const by = $("reviewer").value.trim();
  if (!by) return;
  remembered("reviewer", by);
  $("reviewer-dialog").close();
  location.hash = new URLSearchParams({ review: $("reviewer-form").dataset.name, by, blind: $("blind").checked ? 1 : 0 }).toString();
}
