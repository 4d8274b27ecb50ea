// The table of blinks and events, and the card of the chosen one.
import { $, el, fill, t } from "./shared.js";

export const KINDS = ["twitch", "spasm", "closure", "expression", "uncertain"];
export const SIDES = ["left", "right", "both"];
export const REGIONS = ["periocular", "cheek", "mouth_corner", "forehead", "jaw"];

/** All places: `region side`. */
export const PLACES = [...REGIONS.flatMap((region) => ["right", "left"].map((side) => ({ region, side }))), { region: "jaw", side: "midline" }];
export const placeName = ({ region, side }) => (side === "midline" ? t("jaw_opening") : `${t(`side_${side}`)} ${t(`region_${region}`)}`);
export const placeKey = ({ region, side }) => `${region}_${side}`;

/** An item with what the views need of it, whatever it is. */
export function view(item) {
  const own = item.event || item.blink;
  return {
    ...item, own, isBlink: Boolean(item.blink), kind: item.event ? item.event.kind : "blink", side: own.side, start: own.start_s, end: own.end_s,
    parts: item.event ? item.event.contractions : [], rejected: item.status === "rejected",
  };
}

export const title = (item) => `${t(`kind_${item.kind}`)}, ${t(`side_${item.side}`)}, ${item.start.toFixed(3)} s`;

const FILTERS = {
  all: () => true, events: (item) => !item.isBlink, blinks: (item) => item.isBlink, unjudged: (item) => item.status === "unjudged",
};

export function beginItems(changed) {
  $("filter").replaceChildren(...Object.keys(FILTERS).map((key) => el("option", { value: key }, t(`show_${key}`))));
  $("filter").value = "events";
  $("filter").onchange = changed;
  $("items").tHead.rows[0].replaceChildren(...["state", "what", "side", "start", "length_s", "regions", "doubt", "actions"].map((key) => el("th", { scope: "col" }, t(key))));
}

export function drawItems(items, chosen, act) {
  const focused = document.activeElement?.dataset?.press;
  const button = (item, key, onclick) => el("button", { type: "button", "data-press": `${item.id} ${key}`, "aria-label": `${t(key)}: ${title(item)}`, onclick }, t(key));
  $("items").tBodies[0].replaceChildren(...items.filter(FILTERS[$("filter").value]).map((item) => {
    // The side stands in a column of its own.
    const parts = item.parts.map((part) => (item.side === "both" ? placeName(part) : t(`region_${part.region}`))).join(", ");
    return el("tr", { class: [item.status, item.id === chosen ? "chosen" : ""].join(" "), "data-item": item.id, "aria-selected": item.id === chosen ? "true" : "false" },
      el("td", {}, el("span", { class: `mark ${item.status}` }, t(`status_${item.status}`)), item.remark ? el("span", { title: item.remark, "aria-label": t("remark") }, " ✎") : null),
      el("th", { scope: "row" }, el("button", { type: "button", class: "link", "data-press": `${item.id} go`, onclick: () => act("choose", item) }, t(`kind_${item.kind}`))),
      el("td", { class: item.side }, t(`side_${item.side}`)),
      el("td", { class: "figure" }, item.start.toFixed(3)), el("td", { class: "figure" }, (item.end - item.start).toFixed(3)),
      el("td", {}, parts),
      el("td", {}, item.id.startsWith("a") ? null : el("meter", { min: 0, max: 1, low: 0.4, high: 0.7, optimum: 0, value: item.doubt, "aria-label": t("doubt") })),
      el("td", { class: "actions" }, item.status === "accepted" || item.status === "added" ? null : button(item, "accept", () => act("accept", item)), item.rejected ? button(item, "restore", () => act("reset", item)) : button(item, "reject", () => act("reject", item))));
  }));
  if (focused) $("items").querySelector(`[data-press="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** The card of the chosen item. */
export function drawCard(item, frame, locked, act) {
  if (!item) { $("chosen").replaceChildren(el("p", { class: "soft" }, t("nothing_chosen"))); return; }
  const focused = document.activeElement?.id;
  const button = (key, what, strong) => el("button", { type: "button", id: `card-${key}`, class: strong ? "strong" : null, disabled: locked, onclick: () => act(what || key, item) }, t(key));
  const select = (key, options, value, name) => {
    const own = el("select", { id: `card-${key}`, disabled: locked, onchange: () => act(key, item, own.value) }, ...options.map((option) => el("option", { value: option }, t(`${name}_${option}`))));
    own.value = value;
    return el("label", {}, t(key), " ", own);
  };
  const time = (id, label, value, set) => {
    const own = el("input", { type: "number", id, step: frame.toFixed(4), disabled: locked, "aria-label": label, onchange: () => { if (own.value !== "") set(Number(own.value)); } });
    own.value = value.toFixed(3);
    return own;
  };
  const whole = !item.parts.length;
  const rows = whole
    ? [el("tr", {}, el("th", { scope: "row" }, t("region_periocular")), el("td", {}, time("card-start", t("start"), item.start, (s) => act("move", item, { start_s: s }))), el("td", {}, time("card-end", t("end"), item.end, (s) => act("move", item, { end_s: s }))), el("td", {}))]
    : item.parts.map((part) => {
      const place = { region: part.region, side: part.side }, key = placeKey(place);
      return el("tr", {}, el("th", { scope: "row", class: part.side }, placeName(place)),
        el("td", {}, time(`onset-${key}`, `${t("onset")} ${placeName(place)}`, part.onset_s, (s) => act("move", item, { part: place, start_s: s })), el("span", { class: "soft figure" }, ` ${part.onset_ci_s[0].toFixed(3)} – ${part.onset_ci_s[1].toFixed(3)}`)),
        el("td", {}, time(`end-${key}`, `${t("end")} ${placeName(place)}`, part.end_s, (s) => act("move", item, { part: place, end_s: s }))),
        el("td", {}, item.parts.length > 1 ? el("button", { type: "button", disabled: locked, "aria-label": `${t("drop_part")}: ${placeName(place)}`, onclick: () => act("drop", item, place) }, t("drop_part")) : null));
    });
  const remark = el("textarea", { id: "card-remark", rows: "1", maxlength: "4000", disabled: locked });
  remark.value = item.remark || "";
  remark.onchange = () => act("remark", item, remark.value);
  fill($("chosen"),
    el("p", {}, el("span", { class: `mark ${item.status}` }, t(`status_${item.status}`)), " ", el("strong", {}, `${t(`kind_${item.kind}`)}, ${t(`side_${item.side}`)}`), ` ${item.start.toFixed(3)} – ${item.end.toFixed(3)} s`),
    el("p", { class: "tools" }, button("accept", null, item.status === "unjudged"), button("reject"), item.id.startsWith("a") ? null : button("reset")),
    el("p", { class: "tools" }, item.isBlink ? null : select("kind", KINDS, item.kind, "kind"), select("side", SIDES, item.side, "side")),
    el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, el("td", {}), el("th", { scope: "col" }, t(whole ? "start" : "onset")), el("th", { scope: "col" }, t("end")), el("td", {}))), el("tbody", {}, ...rows))),
    item.own.reason ? el("p", { class: "soft" }, item.own.reason) : null,
    el("p", { class: "field" }, el("label", { for: "card-remark" }, t("remark")), remark),
  );
  if (focused) $(focused)?.focus({ preventScroll: true });
}
