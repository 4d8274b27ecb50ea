// The page of a live session: connects, hands each message on, and sends what the user asks for.
// PROTOCOL.md in the program's source documents the messages.

import { film, filming, stopFilming } from "./camera.js";
import { allowSound, showAdvice, showEyes, showExam, showHealth, showRates } from "./figures.js";
import { foundBlink, foundEvent, foundMark } from "./findings.js";
import { showPicture } from "./picture.js";
import { $, banner, say, state } from "./shared.js";
import { beginTraces, drawAnew, readColours, resize, takeFrame } from "./traces.js";

const RETRY_MS = 500, LONGEST_RETRY_MS = 8000;
const EYES_MS = 200; // between two figures of the lids

let socket = null, retry = RETRY_MS, eyesAt = 0;

// ---- connection -------------------------------------------------------------------------------

function connect(control) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  const protocols = ["spasmograph.live.1"];
  if (token) protocols.push("token." + token);
  const own = new WebSocket(`${scheme}://${location.host}/live?control=${control}`, protocols);
  let opened = false;
  own.binaryType = "arraybuffer";
  own.onopen = () => { opened = true; retry = RETRY_MS; socket = own; banner(""); };
  own.onmessage = ({ data }) => (typeof data === "string" ? receive(JSON.parse(data)) : showPicture(data));
  own.onclose = (event) => {
    if (socket === own) socket = null;
    if (state.saved) return;
    // A refused upgrade says no more than that: the controls may be taken, so try to watch.
    if (!opened && control) { connect(false); return; }
    setControl(false);
    chip("lost", "no connection");
    stale("No connection");
    const why = event.reason || (opened ? "" : "wrong token, too many pages, or the program has ended");
    banner("The connection to the program is lost" + (why ? ` (${why})` : "") + "; trying again.");
    setTimeout(() => connect(true), retry);
    retry = Math.min(retry * 2, LONGEST_RETRY_MS);
  };
}

function send(command) {
  if (socket && state.control) socket.send(JSON.stringify(command));
}

function receive(message) {
  switch (message.type) {
    case "session": begin(message); break;
    case "role": setControl(message.control); break;
    case "state": setState(message); break;
    case "frame": measured(message); break;
    case "status": showStatus(message); break;
    case "blink": foundBlink(message); break;
    case "event": foundEvent(message); break;
    case "mark": foundMark(message); break;
    case "notice": showNotice(message.text); break;
    case "saved": showSaved(message); break;
  }
}

// ---- session ----------------------------------------------------------------------------------

function begin(hello) {
  state.hello = hello;
  $("found").tBodies[0].replaceChildren();
  $("input").textContent = hello.browser_camera ? "camera of the controlling page" : hello.input;
  beginTraces();
}

function setControl(control) {
  state.control = control;
  $("role").hidden = control || !socket;
  buttons();
}

function setState(message) {
  state.phase = message.phase;
  state.feed = message.feed;
  state.time = Math.max(state.time, message.time_s);
  const lost = message.feed.state === "lost" && message.phase !== "ending";
  const words = { waiting: "ready", running: "measuring", paused: "paused", ending: "saving" };
  if (lost && message.phase === "running") chip("lost", "picture lost");
  else chip(message.phase, words[message.phase]);
  banner(lost ? `Picture lost: ${message.feed.why}. The record has a gap from here on.` + (message.feed.retry_ms ? " Trying again." : "") : "");
  const waiting = state.hello.browser_camera ? "Press Start to turn on the camera" : "No picture yet";
  const over = { waiting, running: lost ? "Picture lost" : "", paused: "Paused", ending: "" };
  stale(state.time === 0 && !lost ? waiting : over[message.phase]);
  buttons();
}

function measured(frame) {
  takeFrame(frame);
  if (!$("blank").hidden && state.phase === "running") stale("");
  if (performance.now() - eyesAt < EYES_MS) return;
  eyesAt = performance.now();
  showEyes();
}

/** What needs attention: until another notice, or until what is wrong is mended. */
function showNotice(text) {
  $("fault").textContent = text;
  $("fault").hidden = !text;
}

function showStatus(status) {
  if (status.fault) showNotice(status.fault);
  state.rest = status.measured.rest;
  state.latency = status.measured.latency_ms;
  showHealth(status);
  showAdvice(status);
  showRates(status.measured.rates);
  showExam(status.exam);
  drawAnew();
  if (!state.control) $("take").hidden = status.controlled;
  buttons();
}

function showSaved(message) {
  state.saved = true;
  stopFilming();
  say("");
  chip("", message.folder ? "saved" : "not saved");
  $("saved").hidden = false;
  $("saved-title").textContent = message.folder ? "Saved to " + message.folder : "Not saved";
  $("saved-text").textContent = message.text;
  $("task").hidden = true;
  banner("");
  stale("");
  buttons();
  $("saved").focus();
  $("saved").scrollIntoView({ block: "nearest" });
}

function chip(kind, text) {
  $("phase").className = "chip " + kind;
  if ($("phase").textContent !== text) $("phase").textContent = text;
}

/** Says over the picture why it stands still; nothing where it is live. */
function stale(why) {
  $("blank").textContent = why;
  $("blank").hidden = !why;
}

// ---- what the user does -----------------------------------------------------------------------

function buttons() {
  const focused = document.activeElement;
  const can = state.control && !state.saved && state.phase !== "ending";
  const running = state.phase === "running";
  const camera = Boolean(state.hello && state.hello.browser_camera);
  $("start").disabled = !can || (running && (!camera || filming()));
  $("start").textContent = state.phase === "paused" ? "Go on" : "Start";
  $("start").classList.toggle("strong", !running);
  $("stop").classList.toggle("strong", running);
  $("camera").hidden = !camera || !state.control;
  $("pause").disabled = !can || !running;
  $("exam").disabled = !can || !running || Boolean(state.exam);
  $("mark").disabled = $("note").disabled = !can || state.time === 0;
  for (const id of ["stop", "next", "end"]) $(id).disabled = !can;
  for (const id of ["device", "size"]) $(id).disabled = !can || filming();
  keepFocus(focused);
}

/** Where the control in use is gone, the one that takes its turn has the focus. */
function keepFocus(focused) {
  if (!(focused instanceof HTMLButtonElement) || !(focused.disabled || focused.closest("[hidden]"))) return;
  const turn = focused.id === "exam" ? "#next" : focused.id === "start" ? "#pause" : "#start, #exam";
  const next = [...document.querySelectorAll(turn)].find((el) => !el.disabled && !el.closest("[hidden]"));
  if (next) next.focus();
}

$("start").onclick = async () => {
  if (state.hello.browser_camera) await film(() => socket, buttons);
  buttons();
  if (!state.hello.browser_camera || filming()) send({ do: "start" });
};
$("pause").onclick = () => send({ do: "pause" });
$("exam").onclick = () => { allowSound(); send({ do: "exam_start" }); };
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
