// What every part of the page shares: its words, its elements, its way to the desk.
import { languages } from "./words.js";

const own = (navigator.languages || ["en"]).map((code) => code.slice(0, 2)).find((code) => languages[code]) || "en";
const words = { ...languages.en, ...languages[own] };
document.documentElement.lang = own;

/** A word, with its values filled in. */
export function t(key, values = {}) {
  const text = words[key];
  if (typeof text !== "string") return text === undefined ? key : text;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export const $ = (id) => document.getElementById(id);

/** An element; a text child is text, never markup. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && !["list", "form", "role"].includes(key) && typeof value !== "string") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Puts children into a node in place of what it holds; what is nothing is left out. */
export function fill(node, ...children) {
  node.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

/** Fills in the words of the page's own markup. */
export function fillWords(root = document) {
  for (const node of root.querySelectorAll("[data-word]")) node.textContent = t(node.dataset.word);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const node of root.querySelectorAll("[data-title]")) node.title = t(node.dataset.title);
  for (const node of root.querySelectorAll("[data-hint]")) node.placeholder = t(node.dataset.hint);
}

/** What the desk refuses: a fixed word, a text, the field it is about. */
export class Refused extends Error {
  constructor(status, { code, text, field }) {
    super(text);
    Object.assign(this, { status, code, field });
  }
}

let silent = false;

/** Asks the desk; `body` makes it a command. */
export async function ask(path, values = {}, body) {
  const query = new URLSearchParams(values).toString();
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(`/api/${path}${query ? "?" + query : ""}`, options);
  } catch (error) {
    silent = true;
    banner(t("lost"));
    throw new Refused(0, { code: "lost", text: t("lost") });
  }
  if (silent) { silent = false; banner(""); say(t("again")); }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer.error || { code: "failed", text: response.statusText });
  return answer;
}

/** Says something over the page until it is taken back; `actions` are buttons. */
export function banner(text, ...actions) {
  $("banner-text").textContent = text;
  $("banner-actions").replaceChildren(...actions);
  $("banner").hidden = !text;
}

/** Says something to a screen reader, and for a while in the corner. */
export function say(text) {
  $("said").textContent = text;
  $("said").classList.add("shown");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => $("said").classList.remove("shown"), 4000);
}

/** Tells of a refusal where no field takes it. */
export function complain(error) {
  if (!(error instanceof Refused)) throw error;
  if (error.code !== "lost") banner(t("error", { text: error.message }), el("button", { type: "button", onclick: () => banner("") }, t("close")));
}

export function duration(s) {
  if (s === null || s === undefined || !Number.isFinite(s)) return "";
  return s < 120 ? t("seconds", { s: s < 10 ? s.toFixed(1) : Math.round(s) }) : t("minutes", { m: Math.floor(s / 60), s: String(Math.round(s % 60)).padStart(2, "0") });
}

/** Something that this browser remembers between visits: names and choices, nothing measured. */
export function remembered(key, value) {
  try {
    if (value === undefined) return localStorage.getItem("spasmograph." + key);
    localStorage.setItem("spasmograph." + key, value);
  } catch { /* a browser that remembers nothing */ }
  return null;
}

/** Opens a dialog and gives the focus to its first field. */
export function open(dialog) {
  fillWords(dialog);
  dialog.showModal();
}
