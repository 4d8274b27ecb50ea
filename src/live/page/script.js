"use strict";
// The page of a live session: shows what the program measured and sends what the user asks for.
// PROTOCOL.md in the program's source documents the messages.

const $ = (id) => document.getElementById(id);
const WINDOW_S = 12; // seconds of traces in view
const ROWS = [
  { title: "Eyelids (closing: down)", region: "periocular", turn: -1 },
  { title: "Forehead", region: "forehead", turn: 1 },
  { title: "Cheek", region: "cheek", turn: 1 },
  { title: "Mouth corner", region: "mouth_corner", turn: 1 },
  { title: "Jaw", region: "jaw", turn: 1 },
];
const FLOORS = 3; // noise floor drawn and lit from, standard deviations
const LEAST_MFU = 8; // smallest half height of a trace, mFU

const state = {
  socket: null, hello: null, control: false, phase: "", feed: null, saved: false, wait: 500,
  frames: [], time: 0, heard: 0, rest: [], spans: [], picture: null, exam: null,
  shown: [], unshown: [], latency: null,
};

// ---- connection -------------------------------------------------------------------------------

function token() {
  return new URLSearchParams(location.hash.slice(1)).get("token");
}

function connect(control) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const protocols = ["spasmograph.live.1"];
  if (token()) protocols.push("token." + token());
  const socket = new WebSocket(`${scheme}://${location.host}/live?control=${control}`, protocols);
  let opened = false;
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { opened = true; state.wait = 500; state.socket = socket; banner(""); };
  socket.onmessage = (event) => {
    if (typeof event.data === "string") receive(JSON.parse(event.data));
    else showPicture(event.data);
  };
  socket.onclose = (event) => {
    if (state.socket === socket) state.socket = null;
    if (state.saved) return;
    // A refused upgrade says no more than that: the controls may be taken, so try to watch.
    if (!opened && control) { connect(false); return; }
    setControl(false);
    chip("lost", "no connection");
    const why = event.reason || (opened ? "" : "wrong token, too many pages, or the program has ended");
    banner("The connection to the program is lost" + (why ? ` (${why})` : "") + "; trying again.");
    setTimeout(() => connect(true), state.wait);
    state.wait = Math.min(state.wait * 2, 8000);
  };
}

function send(command) {
  if (state.socket && state.control) state.socket.send(JSON.stringify(command));
}

function receive(message) {
  switch (message.type) {
    case "session": begin(message); break;
    case "role": setControl(message.control); break;
    case "state": setState(message); break;
    case "frame": takeFrame(message); break;
    case "status": showStatus(message); break;
    case "blink": foundBlink(message); break;
    case "event": foundEvent(message); break;
    case "mark": addRow(message.time_s, ["Mark" + (message.note ? ": " + message.note : ""), "", "", ""], "mark"); break;
    case "saved": showSaved(message); break;
  }
}

// ---- session ----------------------------------------------------------------------------------

function begin(hello) {
  state.hello = hello;
  state.spans = [];
  $("found").tBodies[0].replaceChildren();
  $("input").textContent = hello.browser_camera ? "camera of the controlling page" : hello.input;
}

function setControl(control) {
  state.control = control;
  $("role").hidden = control || !state.socket;
  buttons();
}

function setState(message) {
  state.phase = message.phase;
  state.feed = message.feed;
  state.time = Math.max(state.time, message.time_s);
  const lost = message.feed.state === "lost";
  const words = { waiting: "ready", running: "measuring", paused: "paused", ending: "saving" };
  if (lost && message.phase === "running") chip("lost", "picture lost");
  else chip(message.phase, words[message.phase]);
  banner(lost ? `Picture lost: ${message.feed.why}. The record has a gap from here on.` + (message.feed.retry_ms ? " Trying again." : "") : "");
  buttons();
  if (message.phase !== "running") $("blank").textContent = message.phase === "waiting" ? "Press Start to turn on the camera" : "";
}

function buttons() {
  const can = state.control && !state.saved && state.phase !== "ending";
  const running = state.phase === "running";
  const camera = Boolean(state.hello && state.hello.browser_camera);
  $("start").disabled = !can || (running && (!camera || Boolean(capture.stream)));
  $("start").textContent = state.phase === "paused" ? "Go on" : "Start";
  $("start").classList.toggle("strong", !running);
  $("stop").classList.toggle("strong", running);
  $("camera").hidden = !camera || !state.control;
  $("pause").disabled = !can || !running;
  $("exam").disabled = !can || !running || Boolean(state.exam);
  $("mark").disabled = $("note").disabled = !can || state.time === 0;
  $("stop").disabled = !can;
  for (const id of ["next", "end"]) $(id).disabled = !can;
  for (const id of ["device", "size"]) $(id).disabled = !can || Boolean(capture.stream);
}

function chip(kind, text) {
  $("phase").className = "chip " + kind;
  $("phase").textContent = text;
}

function banner(text) {
  $("banner").textContent = text;
  $("banner").hidden = !text;
}

function showSaved(message) {
  state.saved = true;
  capture.stop();
  $("said").textContent = "";
  chip("", message.folder ? "saved" : "not saved");
  $("saved").hidden = false;
  $("saved-title").textContent = message.folder ? "Saved to " + message.folder : "Not saved";
  $("saved-text").textContent = message.text;
  $("task").hidden = true;
  banner("");
  buttons();
  $("saved").focus();
  $("saved").scrollIntoView({ block: "nearest" });
}

// ---- figures ----------------------------------------------------------------------------------

function seconds(s) { return s.toFixed(2) + " s"; }

function clock(s, digits = 0) {
  const unit = 10 ** digits, whole = Math.floor(s * unit) / unit;
  const [h, m] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return (h ? h + ":" + String(m).padStart(2, "0") : String(m)) + ":" + rest;
}

function showStatus(status) {
  const { measured } = status;
  state.rest = measured.rest;
  state.latency = measured.latency_ms;
  $("clock").textContent = clock(status.time_s);
  const health = [];
  if (measured.fps) health.push(`${measured.fps.toFixed(0)} frames a second`);
  if (measured.latency_ms) health.push(`measured after ${measured.latency_ms[0].toFixed(0)} ms`);
  health.push(`${status.dropped + status.unsent} lost of ${status.arrived + status.unsent}`);
  if (status.reconnects) health.push(`${status.reconnects} reconnected`);
  if (status.connections > 1) health.push(`${status.connections} pages`);
  $("health").textContent = health.join(" · ");
  showAdvice(status);
  showRates(measured.rates);
  showExam(status.exam);
  if (!state.control) $("take").hidden = status.controlled;
  buttons();
}

function showAdvice(status) {
  const waiting = status.time_s === 0 && !status.measured.fps;
  const texts = status.measured.advice.map((advice) => advice.text);
  const good = !texts.length;
  if (good) texts.push(waiting ? "Waiting for the first frames." : "Good: the face is near, lit and turned to the camera.");
  if (texts.join("|") === $("advice").dataset.texts) return;
  $("advice").dataset.texts = texts.join("|");
  $("advice").replaceChildren(...texts.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    if (good && !waiting) item.className = "good";
    return item;
  }));
}

function showRates(rates) {
  const all = [rates.blinks, rates.events.left, rates.events.right, rates.events.both];
  all.forEach((rate, row) => {
    const cells = $("rates").tBodies[0].rows[row].cells;
    cells[1].textContent = rate.count;
    cells[2].textContent = rate.per_min === null ? "–" : rate.per_min.toFixed(1);
    cells[3].textContent = rate.ci === null ? "–" : `${rate.ci[0].toFixed(1)} to ${rate.ci[1].toFixed(1)}`;
  });
}

function showExam(exam) {
  const changed = Boolean(exam) !== Boolean(state.exam);
  state.exam = exam;
  $("task").hidden = !exam;
  if (changed) resize();
  if (!exam) return;
  $("task-step").textContent = `Task ${exam.number + 1} of ${exam.of}: ${exam.task.replace("_", " ")}` + (exam.begun ? "" : ". Get ready:");
  if ($("task-words").textContent !== exam.words) $("task-words").textContent = exam.words;
  $("task-left").textContent = Math.ceil(exam.left_s);
  $("task-left").className = "figure" + (exam.begun ? "" : " mid");
  $("task-bar").value = exam.begun ? 1 - exam.left_s / exam.seconds : 0;
}

// ---- what was found ---------------------------------------------------------------------------

function place(region, side) {
  return state.hello.places.findIndex((p) => p.region === region && p.side === side);
}

function plain(word) { return word.replaceAll("_", " "); }

function addRow(time, cells, kind) {
  const body = $("found").tBodies[0];
  const row = body.insertRow(0);
  row.className = kind;
  for (const text of [clock(time, 1), ...cells]) row.insertCell().textContent = text;
  while (body.rows.length > 500) body.deleteRow(-1);
}

function foundBlink(blink) {
  const sides = blink.side === "both" ? ["left", "right"] : [blink.side];
  for (const side of sides) state.spans.push({ place: place("periocular", side), from: blink.start_s, to: blink.end_s, sure: true });
  addRow(blink.start_s, [blink.complete ? "Blink" : "Partial blink", blink.side, "", seconds(blink.end_s - blink.start_s)], "blink");
}

function foundEvent(event) {
  const sure = event.kind !== "uncertain" && event.kind !== "expression";
  for (const c of event.contractions) {
    state.spans.push({ place: place(c.region, c.side), from: c.onset_s, to: c.end_s, sure });
  }
  const what = event.kind[0].toUpperCase() + event.kind.slice(1);
  const order = event.spread.map((tie) => tie.map(plain).join(" + ")).join(" → ");
  const lasted = seconds(event.end_s - event.start_s);
  addRow(event.start_s, [what, event.side, order, lasted], "event");
  $("said").textContent = `${what}, ${event.side}, ${order}, ${lasted}`;
}

// ---- frames and traces ------------------------------------------------------------------------

function takeFrame(frame) {
  const last = state.frames[state.frames.length - 1];
  if (last && frame.time_s < last.time_s) state.frames.length = 0;
  state.frames.push(frame);
  while (state.frames.length && state.frames[0].time_s < frame.time_s - WINDOW_S - 1) state.frames.shift();
  state.spans = state.spans.filter((span) => span.to > frame.time_s - WINDOW_S - 1);
  state.time = frame.time_s;
  state.heard = performance.now();
  state.unshown.push(frame.arrived_ms);
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name);
}

let ink = {};
function readColours() {
  for (const name of ["ink", "soft", "line", "left", "right", "mid", "found", "unsure", "band", "ground"]) ink[name] = colour(name);
}

function resize() {
  const canvas = $("traces");
  const ratio = window.devicePixelRatio || 1;
  const height = Math.max(300, Math.min(440, innerHeight - 330));
  canvas.style.height = height + "px";
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(height * ratio);
}

function draw() {
  requestAnimationFrame(draw);
  if (!state.hello) return;
  const canvas = $("traces"), pen = canvas.getContext("2d");
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.width / ratio, canvas.height / ratio];
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const now = state.time + (state.phase === "running" ? Math.min(0.1, (performance.now() - state.heard) / 1000) : 0);
  const x = (t) => width - (now - t) * width / WINDOW_S;
  const rowHeight = (height - 16) / ROWS.length;
  pen.font = "12px system-ui, sans-serif";
  ROWS.forEach((row, number) => drawRow(pen, row, number * rowHeight, rowHeight, width, x));
  pen.fillStyle = ink.soft;
  pen.textAlign = "right";
  for (let t = Math.ceil(now - WINDOW_S); t <= now; t++) {
    if (t >= 0 && t % 2 === 0 && x(t) > 20) pen.fillText(clock(t), x(t), height - 3);
  }
  note();
  eyes();
}

function drawRow(pen, row, top, height, width, x) {
  const middle = top + height / 2;
  const own = state.hello.places.map((p, i) => ({ ...p, i })).filter((p) => p.region === row.region);
  const value = (frame, p) => {
    const v = frame.mfu[p.i], rest = state.rest[p.i];
    return v === null || v === undefined ? null : row.turn * (v - (rest ? rest.level_mfu : 0));
  };
  let most = LEAST_MFU, floor = 0;
  for (const p of own) {
    const rest = state.rest[p.i];
    if (rest) floor = Math.max(floor, FLOORS * rest.floor_mfu);
    for (const frame of state.frames) most = Math.max(most, Math.abs(value(frame, p) || 0));
  }
  most = Math.max(most, 2 * floor) * 1.1;
  const y = (v) => middle - v / most * (height / 2 - 3);
  for (const span of state.spans) {
    if (!own.some((p) => p.i === span.place)) continue;
    pen.fillStyle = span.sure ? ink.found : ink.unsure;
    pen.fillRect(x(span.from), top + 1, Math.max(2, x(span.to) - x(span.from)), height - 3);
  }
  if (floor) {
    pen.fillStyle = ink.band;
    pen.globalAlpha = 0.8;
    pen.fillRect(0, y(floor), width, Math.max(1, y(-floor) - y(floor)));
    pen.globalAlpha = 1;
  }
  pen.strokeStyle = ink.line;
  pen.lineWidth = 0.5;
  pen.beginPath();
  pen.moveTo(0, top + height - 0.5);
  pen.lineTo(width, top + height - 0.5);
  pen.stroke();
  pen.lineWidth = 1.6;
  for (const p of own) {
    pen.strokeStyle = ink[p.side === "midline" ? "mid" : p.side];
    pen.beginPath();
    let before = null;
    for (const frame of state.frames) {
      const v = value(frame, p);
      if (v === null) { before = null; continue; }
      if (before === null || frame.time_s - before > 0.5) pen.moveTo(x(frame.time_s), y(v));
      else pen.lineTo(x(frame.time_s), y(v));
      before = frame.time_s;
    }
    pen.stroke();
  }
  pen.textAlign = "left";
  label(pen, row.title, 4, top + 14, ink.ink);
  label(pen, `±${most.toFixed(0)} mFU`, 4, top + height - 6, ink.soft);
}

// Text that stays legible over a trace.
function label(pen, text, x, y, colour) {
  pen.lineWidth = 4;
  pen.strokeStyle = ink.ground;
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

// How long after its arrival a frame's numbers stand on the page; true where page and program
// share a clock.
function note() {
  const now = Date.now();
  for (const arrived of state.unshown.splice(0)) state.shown.push(now - arrived);
  if (state.shown.length > 3000) state.shown.splice(0, state.shown.length - 3000);
}

function eyes() {
  const frame = state.frames[state.frames.length - 1];
  for (const side of ["left", "right"]) {
    const open = frame && frame.aperture[side];
    const text = open === null || open === undefined ? "not seen" : `${Math.max(0, Math.round(open * 100))} % open`;
    if ($("eye-" + side).textContent !== text) $("eye-" + side).textContent = text;
  }
}

// ---- picture ----------------------------------------------------------------------------------

async function showPicture(buffer) {
  const view = new DataView(buffer);
  if (view.getUint8(0) !== 2) return;
  const points = view.getUint16(1, true);
  const start = 11 + 4 * points;
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(buffer, start)], { type: "image/jpeg" }));
  const canvas = $("picture"), pen = canvas.getContext("2d");
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  }
  pen.drawImage(bitmap, 0, 0);
  bitmap.close();
  $("blank").hidden = true;
  state.picture = view.getFloat64(3, true);
  if (!points || !state.hello) return;
  const at = (i) => [
    view.getUint16(11 + 4 * i, true) / 65535 * canvas.width,
    view.getUint16(13 + 4 * i, true) / 65535 * canvas.height,
  ];
  drawMesh(pen, at, points);
}

// The overlay's colours: seen on any skin and in any light.
const OVER = { mesh: "rgba(176,206,196,.55)", line: "rgba(210,230,222,.8)", left: "#6ebeff", right: "#ffa55a", midline: "rgba(232,150,170,.9)" };

function drawMesh(pen, at, points) {
  const frame = state.frames[state.frames.length - 1];
  state.hello.patches.forEach((patch, i) => {
    const rest = state.rest[i], v = frame && frame.mfu[i];
    if (!rest || v === null || v === undefined) return;
    const strength = (Math.abs(v - rest.level_mfu) / Math.max(rest.floor_mfu, 0.3) - FLOORS) / 12;
    if (strength <= 0) return;
    pen.fillStyle = `rgba(255,212,40,${0.15 + 0.5 * Math.min(1, strength)})`;
    pen.beginPath();
    hull(patch.map(at)).forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.fill();
  });
  pen.fillStyle = OVER.mesh;
  for (let i = 0; i < Math.min(points, 468); i++) {
    const [x, y] = at(i);
    pen.fillRect(x - 0.6, y - 0.6, 1.2, 1.2);
  }
  state.hello.outlines.forEach((line, number) => {
    pen.strokeStyle = line.side === "midline" ? (number < 2 ? OVER.line : OVER.midline) : OVER[line.side];
    pen.lineWidth = line.side === "midline" ? 1 : 1.6;
    pen.beginPath();
    line.points.forEach((point, n) => (n ? pen.lineTo(...at(point)) : pen.moveTo(...at(point))));
    if (line.closed) pen.closePath();
    pen.stroke();
  });
  // Sides are the subject's own: its right eye is on the picture's left.
  pen.font = "bold 18px system-ui, sans-serif";
  pen.textAlign = "center";
  for (const side of ["right", "left"]) {
    const patch = state.hello.patches[place("cheek", side)].map(at);
    const edge = side === "right" ? Math.min(...patch.map((p) => p[0])) - 26 : Math.max(...patch.map((p) => p[0])) + 26;
    const [x, y] = [edge, patch[0][1]];
    pen.lineWidth = 4;
    pen.strokeStyle = "#14161a";
    pen.strokeText(side[0].toUpperCase(), x, y);
    pen.fillStyle = OVER[side];
    pen.fillText(side[0].toUpperCase(), x, y);
  }
}

// Convex hull (Andrew's monotone chain).
function hull(points) {
  const sorted = points.slice().sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list) => {
    const chain = [];
    for (const p of list) {
      while (chain.length > 1) {
        const [a, b] = chain.slice(-2);
        if ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0) break;
        chain.pop();
      }
      chain.push(p);
    }
    return chain.slice(0, -1);
  };
  return half(sorted).concat(half(sorted.reverse()));
}

// ---- the page's own camera --------------------------------------------------------------------

const HEADER = 13; // bytes before the JPEG: kind, capture time, pictures not sent
const ENCODING = 2; // pictures encoded at once
const BUFFERED = 1 << 20; // bytes that may wait in the connection

const capture = {
  stream: null, unsent: 0, encoding: 0, presented: 0, canvas: null, queue: Promise.resolve(),

  async start() {
    if (this.stream) return;
    if (!navigator.mediaDevices) {
      banner("This browser gives no camera to an unencrypted page of another machine: use https or this machine.");
      return;
    }
    const [width, height, frameRate] = $("size").value.split("x").map(Number);
    const device = $("device").value;
    const video = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: frameRate } };
    if (device) video.deviceId = { exact: device };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    } catch (error) {
      banner(`The camera does not open (${error.message || error.name}): allow it for this page and check that no other program uses it.`);
      return;
    }
    this.stream.getVideoTracks()[0].onended = () => { this.stop(); banner("The camera is gone: connect it and press Start."); buttons(); };
    $("video").srcObject = this.stream;
    await $("video").play();
    this.presented = 0;
    this.list();
    this.next();
    if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
    banner("");
    buttons();
  },

  stop() {
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    $("video").srcObject = null;
  },

  async list() {
    const chosen = this.stream.getVideoTracks()[0].getSettings().deviceId;
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === "videoinput");
    $("device").replaceChildren(...devices.map((d, n) => new Option(d.label || `camera ${n + 1}`, d.deviceId, false, d.deviceId === chosen)));
  },

  next() {
    const video = $("video");
    if (!this.stream) return;
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback((now, meta) => this.frame(meta.captureTime ?? now, meta.presentedFrames));
    else setTimeout(() => requestAnimationFrame((now) => this.frame(now, this.presented + 1)), 15);
  },

  frame(captured, presented) {
    this.next();
    if (this.presented) this.unsent += Math.max(0, presented - this.presented - 1);
    this.presented = presented;
    const video = $("video"), socket = state.socket;
    if (!socket || !state.control || state.phase !== "running" || !video.videoWidth) return;
    if (this.encoding >= ENCODING || socket.bufferedAmount > BUFFERED) { this.unsent++; return; }
    this.encoding++;
    const [width, height] = [video.videoWidth, video.videoHeight];
    if (!this.canvas || this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas = new OffscreenCanvas(width, height);
    }
    this.canvas.getContext("2d", { alpha: false, willReadFrequently: true }).drawImage(video, 0, 0);
    const encoded = this.canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 }).then((blob) => blob.arrayBuffer());
    this.queue = this.queue.then(() => encoded).then((jpeg) => {
      const message = new Uint8Array(HEADER + jpeg.byteLength);
      const head = new DataView(message.buffer);
      head.setUint8(0, 1);
      head.setFloat64(1, captured / 1000, true);
      head.setUint32(9, this.unsent, true);
      message.set(new Uint8Array(jpeg), HEADER);
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    }).catch(() => { this.unsent++; }).finally(() => { this.encoding--; });
  },
};

// ---- what the user does -----------------------------------------------------------------------

$("start").onclick = async () => {
  if (state.hello.browser_camera) await capture.start();
  if (!state.hello.browser_camera || capture.stream) send({ do: "start" });
};
$("pause").onclick = () => send({ do: "pause" });
$("exam").onclick = () => send({ do: "exam_start" });
$("next").onclick = () => send({ do: "exam_next" });
$("end").onclick = () => send({ do: "exam_end" });
$("stop").onclick = () => send({ do: "stop" });
$("take").onclick = () => location.reload();
$("marking").onsubmit = (event) => {
  event.preventDefault();
  send({ do: "mark", note: $("note").value });
  $("note").value = "";
};
addEventListener("resize", resize);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);

readColours();
resize();
buttons();
connect(true);
draw();
