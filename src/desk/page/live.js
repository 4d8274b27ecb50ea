// Live sessions: started here, held on a page of their own.
import { $, ask, complain, el, open, t } from "./shared.js";

const LOOK_MS = 3000;

export function beginLive() {
  $("live").onclick = () => {
    const now = new Date();
    const two = (value) => String(value).padStart(2, "0");
    $("session-name").value = `session-${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}-${two(now.getHours())}${two(now.getMinutes())}`;
    $("session-camera").replaceChildren(el("option", { value: "" }, t("camera_page")), ...[0, 1, 2].map((number) => el("option", { value: number }, t("camera_number", { number }))));
    $("session-error").textContent = "";
    open($("live-dialog"));
  };
  $("live-form").onsubmit = start;
  look();
}

async function start(event) {
  event.preventDefault();
  const camera = $("session-camera").value;
  $("session-error").textContent = t("loading");
  try {
    await ask("live", {}, { name: $("session-name").value, camera: camera === "" ? null : Number(camera), mirrored: $("session-mirrored").checked, record: $("session-record").checked });
    $("live-dialog").close();
    await show();
    $("session").querySelector("a")?.focus();
    look();
  } catch (error) {
    if (error.field || error.code === "session") $("session-error").textContent = error.message;
    else { $("live-dialog").close(); complain(error); }
  }
}

async function show() {
  const { running, why } = await ask("live");
  $("session").hidden = !running && !why;
  if (running) $("session").replaceChildren(t("live_running"), " ", el("a", { href: running.url, target: "_blank", rel: "noopener" }, t("live_open", { name: running.name })));
  else if (why) $("session").replaceChildren(t("live_why", { why }));
  return running;
}

async function look() {
  const running = await show().catch(() => null);
  if (running) setTimeout(look, LOOK_MS);
}
