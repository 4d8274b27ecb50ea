// The scrolling traces: a row for each region, the newest frame at the right edge. A frame costs a
// shift of the picture and a short stroke a place; all is drawn anew only where something older
// changes: a level at rest, a scale, a finding.

import { $, FLOORS, clock, moved, place, state } from "./shared.js";

const WINDOW_S = 12; // seconds in view
const ROWS = [
  { title: "Eyelids (closing: down)", region: "periocular", turn: -1 },
  { title: "Forehead", region: "forehead", turn: 1 },
  { title: "Cheek", region: "cheek", turn: 1 },
  { title: "Mouth corner", region: "mouth_corner", turn: 1 },
  { title: "Jaw", region: "jaw", turn: 1 },
];
const SCALES = [10, 20, 50, 100, 200, 500, 1000, 2000]; // half heights of a row, mFU
const FOOT = 16; // height of the times below the rows, CSS pixels
const HOLE_S = 0.5; // a line is broken where no frame came for so long
const SHOWN = 3000; // delays kept

const canvas = $("traces"), pen = canvas.getContext("2d", { alpha: false });
const chart = {
  ratio: 1, width: 0, height: 0, perSecond: 1, // device pixels
  edge: 0, // the right edge, device pixels since the session's start
  drawn: 0, // frames that are on the canvas
  anew: true, awaited: false,
  unshown: [], // arrivals of the frames that are not on the canvas yet
  spans: [], marks: [], rows: [], ink: {},
};

/** A session begins on this page: its places are known. */
export function beginTraces() {
  Object.assign(chart, { spans: [], marks: [] });
  chart.rows = ROWS.map((row, number) => {
    const title = Object.assign(document.createElement("span"), { textContent: row.title });
    const scale = document.createElement("span");
    title.style.top = `calc((100% - ${FOOT}px) * ${number / ROWS.length})`;
    scale.style.bottom = `calc((100% - ${FOOT}px) * ${1 - (number + 1) / ROWS.length} + ${FOOT}px)`;
    const places = state.hello.places.map((p, i) => ({ side: p.side, i, region: p.region }));
    return { ...row, title, scale, most: SCALES[0], floor: 0, places: places.filter((p) => p.region === row.region) };
  });
  $("rows").replaceChildren(...chart.rows.flatMap((row) => [row.title, row.scale]));
  drawAnew();
}

/** A measured frame. */
export function takeFrame(frame) {
  const { frames } = state;
  if (frames.length && frame.time_s < frames[frames.length - 1].time_s) {
    frames.length = chart.drawn = 0;
    chart.anew = true;
  }
  frames.push(frame);
  while (frames[0].time_s < frame.time_s - WINDOW_S - 1) {
    frames.shift();
    chart.drawn = Math.max(0, chart.drawn - 1);
  }
  state.time = frame.time_s;
  const over = (row) => row.places.some((p) => Math.abs(moved(frame, p.i)) > row.most);
  if (chart.rows.some(over)) chart.anew = true;
  if (!document.hidden) chart.unshown.push(frame.arrived_ms);
  drawSoon();
}

/** A finding lights up the stretch it took. */
export function markSpan(region, side, from, to, sure) {
  chart.spans = chart.spans.filter((span) => span.to > state.time - WINDOW_S);
  chart.spans.push({ place: place(region, side), from, to, sure });
  drawAnew();
}

/** A moment that the user marked. */
export function markMoment(time) {
  chart.marks = chart.marks.filter((mark) => mark > state.time - WINDOW_S);
  chart.marks.push(time);
  drawAnew();
}

/** Levels, floors or findings changed. */
export function drawAnew() {
  chart.anew = true;
  drawSoon();
}

function drawSoon() {
  if (chart.awaited) return;
  chart.awaited = true;
  requestAnimationFrame(draw);
}

export function resize() {
  const height = Math.max(300, Math.min(440, innerHeight - 330));
  canvas.style.height = height + "px";
  chart.ratio = window.devicePixelRatio || 1;
  chart.width = canvas.width = Math.round(canvas.clientWidth * chart.ratio);
  chart.height = canvas.height = Math.round(height * chart.ratio);
  chart.perSecond = chart.width / WINDOW_S;
  drawAnew();
}

export function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "soft", "line", "left", "right", "mid", "found", "unsure", "band", "ground"]) {
    chart.ink[name] = style.getPropertyValue("--" + name);
  }
  drawAnew();
}

function draw() {
  chart.awaited = false;
  const edge = Math.round(state.time * chart.perSecond), step = edge - chart.edge;
  chart.edge = edge;
  if (chart.anew || step < 0 || step >= chart.width) {
    chart.anew = false;
    fit();
    stretch(0, 0);
  } else {
    pen.drawImage(canvas, -step, 0);
    stretch(chart.width - step, Math.max(0, chart.drawn - 1));
  }
  chart.drawn = state.frames.length;
  painted.port2.postMessage(chart.unshown.splice(0));
}

const x = (time) => chart.width - chart.edge + time * chart.perSecond;

/** Chooses each row's scale for what is in view. */
function fit() {
  for (const row of chart.rows) {
    row.floor = 0;
    let most = 0;
    for (const { i } of row.places) {
      if (state.rest[i]) row.floor = Math.max(row.floor, FLOORS * state.rest[i].floor_mfu);
      for (const frame of state.frames) most = Math.max(most, Math.abs(moved(frame, i)));
    }
    most = Math.max(most, 1.5 * row.floor);
    row.most = SCALES.find((scale) => scale >= most) || SCALES[SCALES.length - 1];
    const text = `±${row.most} mFU`;
    if (row.scale.textContent !== text) row.scale.textContent = text;
  }
}

/** Draws what is to the right of `left`, and the lines from a frame on. */
function stretch(left, since) {
  const { width, height, ratio, ink } = chart;
  const rowHeight = (height - FOOT * ratio) / ROWS.length;
  pen.fillStyle = ink.ground;
  pen.fillRect(left, 0, width - left, height);
  chart.rows.forEach((row, number) => drawRow(row, number * rowHeight, rowHeight, left, since));
  pen.fillStyle = ink.ink;
  for (const mark of chart.marks) {
    if (x(mark) >= left) pen.fillRect(Math.round(x(mark)), 0, ratio, height - FOOT * ratio);
  }
  pen.fillStyle = ink.soft;
  pen.font = `${12 * ratio}px system-ui, sans-serif`;
  pen.textAlign = "right";
  // A time is written, to its left, as it comes into view.
  const first = (chart.edge - (width - left)) / chart.perSecond;
  for (let t = Math.max(0, Math.floor(first)); t <= state.time; t++) {
    if (t % 2 === 0 && x(t) > left && x(t) > 20 * ratio) pen.fillText(clock(t), x(t), height - 3 * ratio);
  }
}

function drawRow(row, top, height, left, since) {
  const { width, ratio, ink } = chart;
  const y = (v) => top + height / 2 - v / row.most * (height / 2 - 3 * ratio);
  for (const span of chart.spans) {
    if (!row.places.some((p) => p.i === span.place) || x(span.to) < left) continue;
    const from = Math.max(left, x(span.from));
    pen.fillStyle = span.sure ? ink.found : ink.unsure;
    pen.fillRect(from, top + ratio, Math.max(2 * ratio, x(span.to) - from), height - 3 * ratio);
  }
  if (row.floor) {
    pen.fillStyle = ink.band;
    pen.globalAlpha = 0.8;
    pen.fillRect(left, y(row.floor), width - left, Math.max(1, y(-row.floor) - y(row.floor)));
    pen.globalAlpha = 1;
  }
  pen.fillStyle = ink.line;
  pen.globalAlpha = 0.5;
  pen.fillRect(left, Math.round(top + height) - 1, width - left, 1);
  pen.globalAlpha = 1;
  pen.lineWidth = 1.6 * ratio;
  pen.lineJoin = "bevel";
  pen.lineCap = "round";
  for (const p of row.places) {
    pen.strokeStyle = ink[p.side === "midline" ? "mid" : p.side];
    pen.beginPath();
    let before = null;
    for (let n = since; n < state.frames.length; n++) {
      const frame = state.frames[n], v = moved(frame, p.i);
      if (v === null) { before = null; continue; }
      const at = [x(frame.time_s), y(row.turn * v)];
      if (before === null || frame.time_s - before > HOLE_S) pen.moveTo(...at);
      else pen.lineTo(...at);
      before = frame.time_s;
    }
    pen.stroke();
  }
}

// A message to the page itself comes after what was drawn has been painted. True where page and
// program share a clock.
const painted = new MessageChannel();
painted.port1.onmessage = ({ data: arrivals }) => {
  const now = Date.now();
  state.shown.push(...arrivals.map((arrived) => now - arrived));
  if (state.shown.length > SHOWN) state.shown.splice(0, state.shown.length - SHOWN);
};
