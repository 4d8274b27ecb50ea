// What every part of the page shares: its state, its elements, its words.

export const state = {
  hello: null, control: false, phase: "", feed: null, saved: false,
  time: 0, frames: [], rest: [], exam: null,
  // Milliseconds from a frame's arrival at the program: to its message, median and 95th percentile;
  // to the page's drawing of it, each of the last frames.
  latency: null, shown: [],
};
// For whoever measures or tests the page.
globalThis.spasmograph = state;

export const $ = (id) => document.getElementById(id);

/** Number of a place in every list of places. */
export function place(region, side) {
  return state.hello.places.findIndex((p) => p.region === region && p.side === side);
}

/** Noise floors that a place must leave its level by to count as moving. */
export const FLOORS = 3;

/** How far a place is from its level at rest, mFU; null where that is not known. */
export function moved(frame, number) {
  const value = frame && frame.mfu[number], rest = state.rest[number];
  return value === null || value === undefined ? null : value - (rest ? rest.level_mfu : 0);
}

export function banner(text) {
  $("banner").textContent = text;
  $("banner").hidden = !text;
}

/** Says something to a screen reader alone. */
export function say(text) {
  $("said").textContent = text;
}

export function clock(s, digits = 0) {
  const unit = 10 ** digits, whole = Math.floor(s * unit) / unit;
  const [h, m] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return (h ? h + ":" + String(m).padStart(2, "0") : String(m)) + ":" + rest;
}

/** A word of the messages as the report has it. */
export function plain(word) {
  return word === "periocular" ? "lids" : word.replaceAll("_", " ");
}
