// A review: the viewer of the report with hands. Every step goes to the desk at once and comes back as
// what stands; the page keeps nothing of its own.
import { $, ask, banner, complain, el, open, say, t } from "./shared.js";
import { beginItems, drawCard, drawItems, KINDS, PLACES, placeKey, placeName, SIDES, title, view } from "./items.js";

const HERE_MS = 5000;
const LABELS = ["typical_hfs", "atypical_hfs", "bilateral_hfs", "meige_like", "blepharospasm_like", "masticatory_like", "synkinesis_like", "none", "indeterminate"];
// A tab's own word: a reload is the same tab, a copy of it is not, for the word lies in the browser
// only while no page of the tab has it.
const tab = sessionStorage.getItem("spasmograph.tab") || crypto.randomUUID();
sessionStorage.removeItem("spasmograph.tab");
addEventListener("pagehide", () => sessionStorage.setItem("spasmograph.tab", tab));

let now = null;

/** What is asked with every question. */
const which = () => ({ name: now.name, reviewer: now.by, tab, blind: now.blind });

export function closeReview() {
  if (!now) return;
  now.ended.abort();
  clearInterval(now.timer);
  banner("");
  now = null;
  globalThis.spasmographReview = null;
}

export async function openReview(name, by, blind, take = false) {
  closeReview();
  now = { name, by, blind, items: [], chosen: null, ended: new AbortController(), busy: Promise.resolve(), adding: null, drag: null };
  globalThis.spasmographReview = now;
  const own = now;
  let opened;
  try {
    opened = await ask("review", { ...which(), take });
  } catch (error) {
    complain(error);
    $("clip").textContent = name;
    return;
  }
  if (now !== own) return;
  document.title = `${name} – ${t("title")}`;
  Object.assign(now, { seat: opened.seat, frame: opened.frame_s, file: opened.file });
  $("clip").textContent = opened.clip;
  $("kept").textContent = t("kept", { file: opened.file });
  $("report-link").href = `/report?${new URLSearchParams({ name, reviewed: true })}`;
  $("own-pattern").replaceChildren(el("option", { value: "" }, t("no_pattern")), ...LABELS.map((label) => el("option", { value: label }, label.replaceAll("_", " "))));
  beginItems(draw);
  beginPicture(opened);
  beginTraces(opened);
  listen();
  take_in(opened.state);
  seats(opened.seat);
  now.timer = setInterval(here, HERE_MS);
}

// ---- picture and traces -----------------------------------------------------------------------

function beginPicture({ picture, name }) {
  $("no-video").hidden = true;
  $("large").hidden = true;
  const video = picture ? el("video", { muted: true, playsInline: true, preload: "auto", src: `/picture?${new URLSearchParams({ name, what: picture })}`, "aria-label": name }) : null;
  $("picture").replaceChildren(...(video ? [video] : []));
  $("picture").hidden = !video;
  $("no-video").hidden = Boolean(video);
  $("stage").classList.toggle("with-video", Boolean(video));
}

function beginTraces(opened) {
  $("no-traces").hidden = Boolean(opened.data);
  const canvas = el("canvas", { id: "traces", tabindex: "0", role: "img", "aria-label": t("traces") });
  $("canvas").replaceChildren(canvas);
  $("canvas").hidden = !opened.data;
  now.viewer = null;
  if (!opened.data) return;
  now.data = opened.data;
  now.viewer = spasmographViewer(opened.data, { signal: now.ended.signal, paint, press, drag, release, hover, key, find, choose: (event) => choose(event.id, false) });
}

/** What the viewer draws of an item. */
function event(item) {
  return {
    id: item.id, kind: item.rejected ? "rejected" : item.kind, side: item.side, start: item.start, end: item.end,
    parts: item.rejected ? [] : item.parts.map((part) => [placeKey(part), part.onset_s, part.onset_ci_s[0], part.onset_ci_s[1], part.end_s]),
    text: title(item),
  };
}

/** The row of a place. */
function rowOf(place) {
  const key = placeKey(place);
  return now.viewer.rows.findIndex((row) => row.key === key || (place.region === "periocular" && row.key === `aperture_${place.side}`));
}

function placeOf(row) {
  const key = now.viewer.rows[row]?.key || "";
  return PLACES.find((place) => placeKey(place) === key || (place.region === "periocular" && key === `aperture_${place.side}`)) || null;
}

const current = () => now.items.find((item) => item.id === now.chosen) || null;

/** The handles of an item: where, which end, in which row. */
function handles(item) {
  if (!item || item.rejected) return [];
  // A closure of the lids has no regions: it lies on the eyes, as a blink does.
  if (!item.parts.length) {
    const sides = item.side === "both" ? ["left", "right"] : [item.side];
    return sides.flatMap((side) => ["start_s", "end_s"].map((edge) => ({ edge, part: null, row: rowOf({ region: "periocular", side }), time: edge === "start_s" ? item.start : item.end })));
  }
  return item.parts.flatMap((part) => {
    const place = { region: part.region, side: part.side };
    return ["start_s", "end_s"].map((edge) => ({ edge, part: place, row: rowOf(place), time: edge === "start_s" ? part.onset_s : part.end_s, interval: edge === "start_s" ? part.onset_ci_s : null }));
  });
}

function paint(g, { x, rowTop, rowHeight, label, width, colour, em }) {
  if (!now || !now.viewer) return;
  const item = current();
  for (const own of now.items.filter((one) => one.rejected && !one.isBlink)) {
    for (const part of own.parts) {
      const row = rowOf(part), from = Math.max(x(part.onset_s), label), to = Math.min(x(part.end_s), width);
      if (row < 0 || to <= label || from >= width) continue;
      g.strokeStyle = colour("line"); g.lineWidth = 1.5; g.beginPath(); g.moveTo(from, rowTop(row) + rowHeight - 3); g.lineTo(to, rowTop(row) + 3); g.stroke();
    }
  }
  const grip = (time, row, strong) => {
    const at = x(time), top = rowTop(row);
    if (at < label - 1 || at > width + 1) return;
    g.fillStyle = g.strokeStyle = strong ? colour("accent") : colour("ink"); g.lineWidth = 2;
    g.beginPath(); g.moveTo(at, top + 2); g.lineTo(at, top + rowHeight - 2); g.stroke();
    g.beginPath(); g.arc(at, top + rowHeight / 2, 0.32 * em, 0, 7); g.fill();
  };
  const moving = now.drag;
  for (const one of handles(item)) {
    if (one.row < 0) continue;
    const held = moving && moving.handle && moving.handle.edge === one.edge && moving.handle.row === one.row;
    grip(held ? moving.time : one.time, one.row, true);
    if (held) {
      const from = x(moving.time - now.frame), to = x(moving.time + now.frame);
      g.fillStyle = colour("accent"); g.globalAlpha = 0.25; g.fillRect(from, rowTop(one.row), to - from, rowHeight); g.globalAlpha = 1;
      g.fillStyle = colour("ink"); g.fillText(`${moving.time.toFixed(3)} s ± ${now.frame.toFixed(3)}`, Math.min(x(moving.time) + 8, width - 10 * em), rowTop(one.row) + rowHeight / 2);
    }
  }
  if (now.adding && Number.isFinite(now.adding.start) && Number.isFinite(now.adding.end)) {
    for (const row of now.adding.rows()) {
      if (row < 0) continue;
      const from = Math.max(x(now.adding.start), label), to = Math.min(x(now.adding.end), width);
      g.fillStyle = colour("accent"); g.globalAlpha = 0.25; g.fillRect(from, rowTop(row), Math.max(to - from, 1), rowHeight); g.globalAlpha = 1;
      grip(now.adding.start, row, true);
      grip(now.adding.end, row, true);
    }
  }
}

const snap = (time) => now.viewer.times[now.viewer.frameAt(time + now.frame / 2)];

function near({ time, row, near: reach }) {
  const close = handles(current()).filter((one) => one.row === row && Math.abs(one.time - time) <= reach);
  return close.sort((a, b) => Math.abs(a.time - time) - Math.abs(b.time - time))[0] || null;
}

const hover = (at) => (now.adding ? "crosshair" : near(at) ? "ew-resize" : "");

function press(at) {
  if (!now.seat) return false;
  if (now.adding && at.row >= 0) {
    now.adding.from(at);
    now.drag = { from: snap(at.time), time: snap(at.time) };
    return true;
  }
  const handle = near(at);
  if (!handle) return false;
  now.drag = { handle, time: handle.time };
  return true;
}

function drag(at) {
  if (!now.drag) return;
  now.drag.time = snap(at.time);
  if (!now.drag.handle && now.adding) now.adding.span(Math.min(now.drag.from, now.drag.time), Math.max(now.drag.from, now.drag.time));
  now.viewer.draw();
}

function release(at) {
  const done = now.drag;
  now.drag = null;
  if (!done || !at) { now.viewer.draw(); return; }
  if (done.handle && Math.abs(done.time - done.handle.time) > 1e-6) {
    const item = current();
    step({ do: "move", item: item.id, ...(done.handle.part ? { part: done.handle.part } : {}), [done.handle.edge]: done.time });
  }
  now.viewer.draw();
}

/** The event under the pointer: in its own rows first. */
function find(time, row) {
  const own = now.viewer.rows[row];
  const here = now.items.filter((item) => item.start <= time && time <= item.end && (item.side === "both" || !own || item.side === own.colour) && (!item.isBlink || own?.key.startsWith("aperture")));
  const item = here.sort((a, b) => (a.isBlink ? 1 : 0) - (b.isBlink ? 1 : 0) || (a.end - a.start) - (b.end - b.start))[0];
  return item ? event(item) : undefined;
}

// ---- what stands ------------------------------------------------------------------------------

function take_in(state) {
  now.state = state;
  now.items = state.items.map(view);
  if (now.data) {
    now.data.events.splice(0, Infinity, ...now.items.filter((item) => !item.isBlink).map(event));
    now.data.blinks.splice(0, Infinity, ...now.items.filter((item) => item.isBlink && !item.rejected).map((item) => [item.start, item.end, item.side]));
  }
  if (now.chosen && !current()) now.chosen = null;
  draw();
}

function draw() {
  const { state } = now, locked = !now.seat;
  $("who").textContent = [state.reviewer, state.blind ? t("blind_mark") : "", t(state.finished ? "finished" : "in_progress")].filter(Boolean).join(", ");
  $("undo").disabled = locked || !state.can_undo;
  $("redo").disabled = locked || !state.can_redo;
  $("finish").disabled = locked;
  $("finish").textContent = t(state.finished ? "resume_review" : "finish");
  $("finish").title = state.finished ? "" : t("finish_hint");
  $("add-event").disabled = $("add-blink").disabled = locked;
  $("own-pattern").disabled = $("remark-recording").disabled = locked;
  $("own-pattern").value = state.pattern || "";
  if (document.activeElement !== $("remark-recording")) $("remark-recording").value = state.remark;
  $("tally").textContent = t("tally", state.tally);
  $("summary").replaceChildren(...state.summary.flatMap(([key, text]) => [el("dt", {}, t(`line_${key}`)), el("dd", {}, text[0].toUpperCase() + text.slice(1))]), ...state.warnings.filter((one) => one.code.startsWith("review")).map((one) => el("dd", { class: "warning" }, one.message)));
  drawItems(now.items, now.chosen, act);
  drawCard(current(), now.frame, locked, act);
  if (now.viewer) now.viewer.draw();
}

function choose(id, move = true) {
  now.chosen = id;
  const item = current();
  if (item && move && now.viewer) {
    now.viewer.halt();
    const length = Math.max(item.end - item.start, 0.3);
    now.viewer.show(item.start - length - 0.7, item.end + length + 0.7);
    now.viewer.moveTo(item.start, true);
    now.viewer.mark(id);
    now.viewer.status();
  }
  draw();
  reveal();
  if (item) say(`${title(item)}: ${t(`status_${item.status}`)}`);
}

/** Brings the chosen row into view inside its table; the page itself stays where it is. */
function reveal() {
  const row = $("items").querySelector("tr.chosen"), box = row?.closest(".scroll");
  if (!row) return;
  const head = $("items").tHead.offsetHeight;
  if (row.offsetTop - head < box.scrollTop) box.scrollTop = row.offsetTop - head;
  else if (row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = row.offsetTop + row.offsetHeight - box.clientHeight;
}

/** Makes a step: one after the other, each kept before the next. */
function step(change) {
  const own = now;
  own.busy = own.busy.then(async () => {
    if (now !== own) return;
    if (!own.seat) { seats(false); return; }
    try {
      const before = new Set(own.items.map((item) => item.id));
      const state = await ask("review/step", {}, { ...which(), after: own.state.revision, change });
      if (now !== own) return;
      take_in(state);
      const added = own.items.find((item) => !before.has(item.id));
      if (added && change.do.startsWith("add_")) choose(added.id, false);
      const item = current();
      if (item) say(t("said", { what: title(item), state: t(`status_${item.status}`) }));
    } catch (error) {
      if (error.code === "other_tab") seats(false);
      else if (error.code === "moved_on") { own.seat = false; draw(); banner(t("moved_on"), again()); }
      else { complain(error); draw(); }
    }
  });
  return own.busy;
}

const again = (take) => el("button", { type: "button", class: "strong", onclick: () => openReview(now.name, now.by, now.blind, take).catch(complain) }, t(take ? "take_over" : "reload"));

function seats(seat) {
  now.seat = seat;
  now.waits = !seat;
  if (!seat) banner(t("other_tab"), again(true));
  draw();
}

/** Says that this tab is still there, and hears what another did. */
async function here() {
  const own = now;
  try {
    const { seat, revision } = await ask("review/here", which());
    if (now !== own) return;
    if (own.seat && !seat) seats(false);
    // The other tab is gone: the review as it left it is this tab's now.
    else if (own.waits && seat) await openReview(own.name, own.by, own.blind);
    else if (revision !== own.state.revision) await own.busy.then(() => { if (now === own && revision > own.state.revision) { own.seat = false; draw(); banner(t("moved_on"), again(true)); } });
  } catch { /* the banner says so */ }
}

// ---- what the reader does ---------------------------------------------------------------------

function act(what, item, value) {
  const id = item.id;
  switch (what) {
    case "choose": choose(id); break;
    case "accept": case "reject": case "reset": now.chosen = id; step({ do: what, item: id }); break;
    case "kind": step({ do: "kind", item: id, kind: value }); break;
    case "side": step({ do: "side", item: id, side: value }); break;
    case "move": step({ do: "move", item: id, ...value }); break;
    case "drop": step({ do: "drop_part", item: id, part: value }); break;
    case "remark": step({ do: "remark", item: id, text: value }); break;
  }
}

/** Moves an end of the chosen item by frames: of its first and last region. */
function nudge(edge, frames) {
  const item = current();
  if (!item || !now.viewer) return;
  const { times, frameAt } = now.viewer;
  const at = frameAt((edge === "start_s" ? item.start : item.end) + now.frame / 2) + frames;
  if (times[at] === undefined) return;
  step({ do: "move", item: item.id, [edge]: times[at] });
}

function neighbour(direction) {
  const order = now.items.filter((item) => !item.isBlink || $("filter").value === "blinks" || $("filter").value === "all");
  const at = order.findIndex((item) => item.id === now.chosen);
  const moment = now.viewer ? now.viewer.moment() : 0;
  let next = at + direction;
  if (at < 0) {
    const after = order.findIndex((item) => item.start > moment + 1e-6);
    next = direction > 0 ? after : (after < 0 ? order.length : after) - 1;
  }
  if (order[next]) choose(order[next].id);
}

function doubtful() {
  const left = now.items.filter((item) => item.status === "unjudged" && !item.isBlink);
  const next = left.sort((a, b) => b.doubt - a.doubt)[0] || now.items.find((item) => item.status === "unjudged");
  if (next) choose(next.id); else say(t("no_doubtful"));
}

/** Answers a key; whether it did. */
function key(name) {
  const item = current();
  const has = (what) => { if (item) act(what, item); };
  if (/^[1-5]$/.test(name)) { if (item && !item.isBlink) act("kind", item, KINDS[name - 1]); return true; }
  switch (name.length === 1 ? name.toLowerCase() : name) {
    case "n": neighbour(1); break;
    case "p": neighbour(-1); break;
    case "d": doubtful(); break;
    case "a": has("accept"); break;
    case "x": case "Delete": has("reject"); break;
    case "r": has("reset"); break;
    case "l": if (item) act("side", item, "left"); break;
    case "g": if (item) act("side", item, "right"); break;
    case "b": if (item) act("side", item, "both"); break;
    case "[": nudge("start_s", -1); break;
    case "]": nudge("start_s", 1); break;
    case "{": nudge("end_s", -1); break;
    case "}": nudge("end_s", 1); break;
    case "e": add("event"); break;
    case "k": add("blink"); break;
    case "m": $("card-remark")?.focus(); break;
    case "u": if (now.state.can_undo) step({ do: "undo" }); break;
    case "y": if (now.state.can_redo) step({ do: "redo" }); break;
    case "?": open($("keys-dialog")); break;
    case "Escape": if (!now.adding) return false; stopAdding(); break;
    default: return false;
  }
  return true;
}

/** The form that adds: place, kind, begin and end, typed or drawn. */
function add(what) {
  if (!now.seat) return;
  const moment = now.viewer ? now.viewer.moment() : 0;
  const place = el("select", { id: "adding-place" }, ...PLACES.map((own, i) => el("option", { value: i }, placeName(own))));
  const kind = el("select", { id: "adding-kind" }, ...KINDS.map((own) => el("option", { value: own }, t(`kind_${own}`))));
  const side = el("select", { id: "adding-side" }, ...SIDES.map((own) => el("option", { value: own }, t(`side_${own}`))));
  side.value = "both";
  const time = (id, value) => { const own = el("input", { type: "number", id, step: "any", required: true }); own.value = value.toFixed(3); own.oninput = () => now.viewer?.draw(); return own; };
  const start = time("adding-start", moment), end = time("adding-end", moment + 0.3);
  const label = (key, input) => el("label", {}, t(key), " ", input);
  $("adding").replaceChildren(
    el("h3", {}, t(`add_${what}`)), el("p", { class: "soft" }, t("adding")),
    el("p", { class: "tools" }, ...(what === "event" ? [label("place", place), label("kind", kind)] : [label("side", side)]), label("start", start), label("end", end)),
    el("p", { class: "tools" }, el("button", { type: "submit", class: "strong" }, t("put")), el("button", { type: "button", onclick: stopAdding }, t("cancel"))),
  );
  now.adding = {
    get start() { return Number(start.value); }, get end() { return Number(end.value); },
    rows: () => (what === "event" ? [rowOf(PLACES[place.value])] : (side.value === "both" ? ["left", "right"] : [side.value]).map((own) => rowOf({ region: "periocular", side: own }))),
    from: (at) => { const own = placeOf(at.row); if (what === "event" && own) place.value = PLACES.indexOf(own); else if (what === "event") say(t("no_signal_here")); },
    span: (from, to) => { start.value = from.toFixed(4); end.value = to.toFixed(4); },
  };
  place.onchange = side.onchange = () => now.viewer?.draw();
  $("adding").onsubmit = (event) => {
    event.preventDefault();
    const times = { start_s: Number(start.value), end_s: Number(end.value) };
    const own = PLACES[place.value];
    stopAdding();
    step(what === "event" ? { do: "add_event", kind: kind.value, part: own, ...times } : { do: "add_blink", side: side.value, ...times });
  };
  $("adding").hidden = false;
  (what === "event" ? place : start).focus();
  now.viewer?.draw();
}

function stopAdding() {
  now.adding = null;
  $("adding").hidden = true;
  $("traces")?.focus();
  now.viewer?.draw();
}

function listen() {
  const on = (id, what) => { $(id).onclick = what; };
  on("back", () => { location.hash = ""; });
  on("undo", () => step({ do: "undo" }));
  on("redo", () => step({ do: "redo" }));
  on("finish", () => step({ do: now.state.finished ? "resume" : "finish" }));
  on("add-event", () => add("event"));
  on("add-blink", () => add("blink"));
  $("own-pattern").onchange = () => step({ do: "pattern", label: $("own-pattern").value || null });
  $("remarking").onsubmit = (event) => { event.preventDefault(); step({ do: "remark", text: $("remark-recording").value }); };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const letter = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (letter === "z" || letter === "y")) {
      if (event.target.matches?.("input, textarea")) return;
      event.preventDefault();
      const redo = letter === "y" || event.shiftKey;
      if (redo ? now.state.can_redo : now.state.can_undo) step({ do: redo ? "redo" : "undo" });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && now.adding) { stopAdding(); return; }
    // Letters belong to whatever is being typed in; a canvas has its own way.
    if (event.target.matches?.("input, textarea, select, canvas")) return;
    if (event.target.matches?.("button, a, summary") && [" ", "Enter"].includes(event.key)) return;
    if (key(event.key)) event.preventDefault();
  }, { signal: now.ended.signal });
}
