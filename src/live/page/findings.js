// Blinks, events and marks as they are found: rows of the table, stretches of the traces.

import { $, clock, plain, say } from "./shared.js";
import { markMoment, markSpan } from "./traces.js";

const ROWS = 500; // rows kept

export function foundBlink(blink) {
  const sides = blink.side === "both" ? ["left", "right"] : [blink.side];
  for (const side of sides) markSpan("periocular", side, blink.start_s, blink.end_s, true);
  addRow(blink.start_s, [blink.complete ? "Blink" : "Partial blink", blink.side, "", lasted(blink)], "blink");
}

export function foundEvent(event) {
  const sure = event.kind !== "uncertain" && event.kind !== "expression";
  for (const c of event.contractions) markSpan(c.region, c.side, c.onset_s, c.end_s, sure);
  const what = event.kind[0].toUpperCase() + event.kind.slice(1);
  const order = event.spread.map((tie) => tie.map(plain).join(" + ")).join(" → ");
  addRow(event.start_s, [what, event.side, order, lasted(event)], sure ? "event" : "unsure");
  if (sure) say(`${what}, ${event.side}, ${order}, ${lasted(event)}`);
}

export function foundMark(mark) {
  markMoment(mark.time_s);
  addRow(mark.time_s, ["Mark" + (mark.note ? ": " + mark.note : ""), "", "", ""], "mark");
}

function lasted(finding) {
  return (finding.end_s - finding.start_s).toFixed(2) + " s";
}

// The newest first: what is told later may have begun earlier.
function addRow(time, cells, kind) {
  const body = $("found").tBodies[0];
  const later = [...body.rows].findIndex((row) => Number(row.dataset.time) <= time);
  const row = body.insertRow(later);
  row.className = kind;
  row.dataset.time = time;
  for (const text of [clock(time, 1), ...cells]) row.insertCell().textContent = text;
  while (body.rows.length > ROWS) body.deleteRow(-1);
}
