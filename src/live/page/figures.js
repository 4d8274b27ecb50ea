// Figures of the running session: health, advice, rates, eyes, the guided exam.

import { $, clock, plain, say, state } from "./shared.js";
import { resize } from "./traces.js";

export function showHealth(status) {
  const { measured } = status;
  $("clock").textContent = clock(status.time_s);
  const health = [];
  if (measured.fps) health.push(`${measured.fps.toFixed(0)} frames a second`);
  if (measured.latency_ms) health.push(`measured after ${measured.latency_ms[0].toFixed(0)} ms`);
  health.push(`${status.dropped + status.unsent} lost of ${status.arrived + status.unsent}`);
  if (status.reconnects) health.push(`${status.reconnects} reconnected`);
  if (status.connections > 1) health.push(`${status.connections} pages`);
  $("health").textContent = health.join(" · ");
}

export function showAdvice(status) {
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

export function showRates(rates) {
  const all = [rates.blinks, rates.events.left, rates.events.right, rates.events.both];
  all.forEach((rate, row) => {
    const cells = $("rates").tBodies[0].rows[row].cells;
    cells[1].textContent = rate.count;
    cells[2].textContent = rate.per_min === null ? "–" : rate.per_min.toFixed(1);
    cells[3].textContent = rate.ci === null ? "–" : `${rate.ci[0].toFixed(1)} to ${rate.ci[1].toFixed(1)}`;
  });
}

/** The lids of the newest frame, as fast as figures can be read. */
export function showEyes() {
  const frame = state.frames[state.frames.length - 1];
  for (const side of ["left", "right"]) {
    const open = frame && frame.aperture[side];
    $("eye-" + side).textContent = open === null || open === undefined ? "not seen" : `${Math.max(0, Math.round(open * 100))} % open`;
  }
}

// ---- guided exam ------------------------------------------------------------------------------

const BEGIN_HZ = 880, END_HZ = 440; // heard with shut eyes
let sound = null;

/** Allows the tones; a browser asks that a click does so. */
export function allowSound() {
  sound ??= new AudioContext();
}

function tone(hertz) {
  if (!sound) return;
  const now = sound.currentTime, voice = sound.createOscillator(), level = sound.createGain();
  voice.frequency.value = hertz;
  level.gain.setValueAtTime(0.2, now);
  level.gain.exponentialRampToValueAtTime(0.001, now + 0.3);
  voice.connect(level).connect(sound.destination);
  voice.start(now);
  voice.stop(now + 0.3);
}

export function showExam(exam) {
  const before = state.exam;
  state.exam = exam;
  $("task").hidden = !exam;
  if (Boolean(exam) !== Boolean(before)) resize();
  const begins = exam && exam.begun && !(before && before.begun && before.number === exam.number);
  if (before && before.begun && !(exam && exam.begun && exam.number === before.number)) tone(END_HZ);
  if (begins) {
    tone(BEGIN_HZ);
    say(`Begin: ${plain(exam.task)}`);
  }
  if (!exam) return;
  $("task-step").textContent = `Task ${exam.number + 1} of ${exam.of}: ${plain(exam.task)}` + (exam.begun ? "" : ". Get ready:");
  if ($("task-words").textContent !== exam.words) $("task-words").textContent = exam.words;
  $("task-left").textContent = Math.ceil(exam.left_s);
  $("task-left").className = "figure" + (exam.begun ? "" : " mid");
  $("task-bar").value = exam.begun ? 1 - exam.left_s / exam.seconds : 0;
}
