// Files on their way into the library, and recordings on their way to an analysis.
import { $, ask, complain, duration, el, say, t } from "./shared.js";
import { enqueue, refresh } from "./library.js";

/** Bytes sent at a time: a link that breaks loses no more. */
const PIECE = 8 << 20;
/** How often a running queue is asked for, ms. */
const LOOK_MS = 500;

let state = { paused: false, jobs: [] };
let uploads = [];
let timer = null;

export function beginQueue() {
  $("add").onclick = () => $("files").click();
  $("files").onchange = () => { upload([...$("files").files]); $("files").value = ""; };
  $("pause").onclick = () => command({ do: state.paused ? "resume" : "pause" });
  $("clear").onclick = () => { uploads = uploads.filter((own) => !own.over); command({ do: "clear" }); };
}

async function command(what) {
  try {
    showQueue(await ask("queue", {}, what));
    watchQueue();
  } catch (error) { complain(error); }
}

/** Follows the queue while something runs. */
export function watchQueue() {
  clearTimeout(timer);
  if (!state.jobs.some((job) => ["waiting", "running"].includes(job.state))) return;
  timer = setTimeout(async () => {
    const before = new Map(state.jobs.map((job) => [job.name, job.state]));
    try {
      showQueue(await ask("queue"));
      const over = state.jobs.filter((job) => !["waiting", "running"].includes(job.state) && before.get(job.name) !== job.state);
      if (over.length) {
        say(over.map((job) => `${job.name}: ${told(job)}`).join("; "));
        if (!$("library-view").hidden) await refresh();
      }
    } catch { /* the banner says so; it is tried again */ }
    watchQueue();
  }, LOOK_MS);
}

const left = (s) => (s === null || s === undefined ? "" : t("left", { left: duration(s) }));

function told(job) {
  switch (job.state) {
    case "running": return t(job.work, { frames: job.frames, of: job.of ? t("of", { of: job.of }) : "", rate: job.rate.toFixed(0), left: left(job.left_s) });
    case "waiting": return t(state.paused ? "paused" : "waiting");
    case "done": return t(job.partial ? "done_partial" : "done");
    case "failed": return t("failed", { why: job.why });
    default: return t(job.state);
  }
}

export function showQueue(queue) {
  if (queue) state = queue;
  $("queue").hidden = !state.jobs.length && !uploads.length;
  $("pause").textContent = t(state.paused ? "resume" : "pause");
  const focused = document.activeElement?.dataset?.job;
  const job = (own) => {
    const pending = ["waiting", "running"].includes(own.state);
    const action = pending ? "cancel" : own.state === "done" ? null : "retry";
    return el("li", { class: own.state, "data-job-name": own.name },
      el("strong", {}, own.name), el("span", { class: "figure" }, told(own)),
      own.state === "running" ? el("progress", { max: own.of || 1, value: own.of ? own.frames : 0, "aria-label": t("progress_of", { name: own.name }) }) : null,
      action ? el("button", { type: "button", "data-job": own.name, "aria-label": `${t(action)}: ${own.name}`, onclick: () => command({ do: action, name: own.name }) }, t(action)) : null);
  };
  const sent = (own) => el("li", { class: own.why ? "failed" : "sending" },
    el("strong", {}, own.name), el("span", { class: "figure" }, own.why ? t("failed", { why: own.why }) : t(own.broken ? "send_again" : "sending", { percent: Math.floor(100 * own.at / Math.max(own.size, 1)) })),
    own.why ? null : el("progress", { max: own.size, value: own.at, "aria-label": t("progress_of", { name: own.name }) }),
    own.over ? null : el("button", { type: "button", onclick: () => { own.cancelled = true; } }, t("cancel")));
  $("jobs").replaceChildren(...uploads.filter((own) => !own.done).map(sent), ...state.jobs.map(job));
  if (focused) $("jobs").querySelector(`[data-job="${CSS.escape(focused)}"]`)?.focus();
  if (queue) watchQueueOnce();
}

/** Follows a queue that was running before the page was opened. */
function watchQueueOnce() {
  if (!timer) watchQueue();
}

/** Sends files one after the other; each is analyzed once it is whole. */
export async function upload(files) {
  const added = files.map((file) => ({ file, name: file.name, size: file.size, at: 0 }));
  uploads.push(...added);
  showQueue();
  for (const own of added) {
    try {
      const name = await send(own);
      own.over = own.done = true;
      if (name) await enqueue([name]);
    } catch (error) {
      own.over = true;
      own.why = error.message;
      say(`${own.name}: ${own.why}`);
    }
    showQueue();
  }
}

async function send(own) {
  const { name, size } = own;
  own.at = (await ask("upload", {}, { name, size })).have;
  for (let tries = 0; tries < 8;) {
    if (own.cancelled) throw new Error(t("cancelled"));
    const query = new URLSearchParams({ name, size, at: own.at });
    let response = null;
    try {
      response = await fetch(`/api/upload?${query}`, { method: "PATCH", body: own.file.slice(own.at, own.at + PIECE) });
    } catch { /* the link broke */ }
    const answer = response ? await response.json().catch(() => ({})) : {};
    if (response && response.ok) {
      Object.assign(own, { at: answer.have, broken: false });
      tries = 0;
      if (answer.name) return answer.name;
    } else if (!response || answer.error?.code === "moved_on") {
      tries += 1;
      own.broken = true;
      showQueue();
      await new Promise((done) => setTimeout(done, 250 * 2 ** tries));
      own.at = (await ask("upload", {}, { name, size })).have;
    } else throw new Error(answer.error?.text || response.statusText);
    showQueue();
  }
  throw new Error(t("lost"));
}
