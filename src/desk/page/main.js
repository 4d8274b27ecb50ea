// The desk: comes in with the token, shows the library or a review.
import { $, ask, banner, complain, fillWords, open, t, Refused } from "./shared.js";
import { beginLibrary, refresh } from "./library.js";
import { closeReview, openReview } from "./review.js";
import { beginQueue, upload } from "./queue.js";
import { beginLive } from "./live.js";
import { beginTour } from "./tour.js";

/** The token stands behind `#` in the address, where no log and no request has it. */
async function enter() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  await ask("enter", {}, { token });
}

/** Shows what the address says: `#review=NAME&by=WHO`, or the library. */
async function route() {
  const where = new URLSearchParams(location.hash.slice(1));
  const name = where.get("review");
  closeReview();
  if (name && where.get("by")) {
    $("library-view").hidden = true;
    $("review-view").hidden = false;
    await openReview(name, where.get("by"), where.get("blind") === "1");
  } else {
    $("review-view").hidden = true;
    $("library-view").hidden = false;
    document.title = t("title");
    await refresh();
  }
}

async function begin() {
  fillWords();
  for (const button of document.querySelectorAll("[data-close]")) button.onclick = () => button.closest("dialog").close();
  $("keys").replaceChildren(...t("keys").flatMap(([key, what]) => {
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = key;
    text.textContent = what;
    return [term, text];
  }));
  $("help").onclick = () => open($("keys-dialog"));
  let depth = 0;
  addEventListener("dragenter", (event) => { if ([...event.dataTransfer.types].includes("Files")) { depth += 1; $("drop").hidden = false; } });
  addEventListener("dragleave", () => { depth = Math.max(depth - 1, 0); if (!depth) $("drop").hidden = true; });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => { event.preventDefault(); depth = 0; $("drop").hidden = true; upload([...event.dataTransfer.files]); });
  try {
    await enter();
    beginLibrary();
    beginQueue();
    beginLive();
    await route();
    await beginTour();
  } catch (error) {
    if (error instanceof Refused && error.code === "token") banner(t("token"));
    else complain(error);
  }
  addEventListener("hashchange", () => route().catch(complain));
}

begin();
