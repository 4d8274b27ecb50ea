// A minute with the desk, on the first use and whenever it is asked for.
import { $, el, open, remembered, t } from "./shared.js";
import { trySample } from "./library.js";

let at = 0;

export async function beginTour() {
  $("tour").onclick = show;
  $("tour-next").onclick = next;
  if (!remembered("toured") && !$("library-view").hidden && !$("empty").hidden) show();
}

function show() {
  at = 0;
  draw();
  open($("tour-dialog"));
  remembered("toured", "yes");
}

function draw() {
  const steps = t("tour_steps");
  $("tour-steps").replaceChildren(...steps.map(([title, text], i) => el("li", { "aria-current": i === at ? "step" : null, class: i === at ? "now" : null }, el("strong", {}, title), i === at ? el("p", {}, text) : null)));
  $("tour-next").textContent = t(at < steps.length - 1 ? "tour_next" : "tour_try");
}

async function next() {
  if (at < t("tour_steps").length - 1) { at += 1; draw(); return; }
  $("tour-dialog").close();
  await trySample();
}
