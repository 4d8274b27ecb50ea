// What is known of a recording: a form made from the schemas of history and protocol.
import { $, ask, complain, el, open, say, t } from "./shared.js";

let readers = {};

/** A field with its label, and room for what is wrong with it. */
function field(id, label, input, hint) {
  input.id = id;
  input.setAttribute("aria-describedby", `${id}-error`);
  return el("p", { class: "field" }, el("label", { for: id }, label), input, hint ? el("span", { class: "soft" }, hint) : null, el("span", { class: "error", id: `${id}-error`, role: "alert" }));
}

const plain = (name) => { const text = name.replaceAll("_", " "); return text[0].toUpperCase() + text.slice(1); };
const words = (key, value) => { const own = t(`${key}_${value}`); return own.startsWith(key) ? plain(value) : own; };

function choice(options, value, name) {
  const select = el("select", {}, ...options.map((own) => el("option", { value: own ?? "" }, own === null ? t("unknown") : words(name, own))));
  select.value = value ?? "";
  return select;
}

/** One entry of an object by its schema; returns its node and a way to read it. */
function entry(id, name, schema, defs, value) {
  const own = schema.$ref ? defs[schema.$ref.split("/").pop()] : schema;
  const label = schema.description ? schema.description.replace(/\.$/, "") : plain(name);
  if (Array.isArray(own.type) && own.type.includes("boolean")) {
    const select = el("select", {}, el("option", { value: "" }, t("unknown")), el("option", { value: "true" }, t("yes")), el("option", { value: "false" }, t("no")));
    select.value = value === undefined || value === null ? "" : String(value);
    return [field(id, label, select), () => (select.value ? select.value === "true" : null)];
  }
  if (own.enum) {
    const select = choice(own.enum.includes(null) ? [null, ...own.enum.filter((one) => one !== null)] : own.enum, value, name);
    return [field(id, label, select), () => select.value || null];
  }
  if (own.type === "array" && own.items.$ref?.endsWith("date")) {
    const area = el("textarea", { rows: "2" });
    area.value = (value || []).join("\n");
    return [field(id, label, area, t("dates_hint")), () => area.value.split(/\s+/).filter(Boolean)];
  }
  if (own.type === "array") return list(id, label, own.items.$ref ? defs[own.items.$ref.split("/").pop()] : own.items, value || []);
  const inner = own.anyOf?.[0].$ref;
  if (inner?.endsWith("symptom")) {
    const [node, read] = list(id, label, defs.symptom, value ? [value] : [], 1);
    return [node, () => read()[0] || null];
  }
  const input = el("input", { type: "text", placeholder: "YYYY-MM-DD", pattern: defs.date?.pattern || ".*", title: t("date_hint") });
  input.value = value || "";
  return [field(id, label, input), () => input.value.trim() || null];
}

/** Rows of an array of objects. */
function list(id, label, schema, values, most = 100) {
  const rows = el("div", {});
  const readers = [];
  const add = (value) => {
    const cells = Object.entries(schema.properties).map(([name, own]) => {
      const word = { region: t("region"), side: t("side"), date: t("day"), task: t("task"), start_s: t("start_s"), end_s: t("end_s") }[name] || plain(name);
      let input;
      if (own.enum) input = choice(own.enum.includes(null) ? [null, ...own.enum.filter((one) => one !== null)] : own.enum, value?.[name] ?? own.enum[0], name);
      else if (own.type === "number") { input = el("input", { type: "number", step: "any", min: "0", required: true }); input.value = value?.[name] ?? ""; }
      else { input = el("input", { type: "text", placeholder: "YYYY-MM" }); input.value = value?.[name] || ""; }
      return [name, own, input, el("label", {}, word, " ", input)];
    });
    const read = () => Object.fromEntries(cells.map(([name, own, input]) => [name, own.type === "number" ? Number(input.value) : input.value || null]).filter(([, value]) => value !== null));
    const node = el("p", { class: "row" }, ...cells.map((cell) => cell[3]), el("button", { type: "button", onclick: () => { node.remove(); readers.splice(readers.indexOf(read), 1); more.disabled = false; } }, t("remove")));
    readers.push(read);
    rows.append(node);
    more.disabled = readers.length >= most;
  };
  const more = el("button", { type: "button", onclick: () => { add(null); rows.lastElementChild.querySelector("select, input").focus(); } }, t("add_row"));
  values.forEach(add);
  const node = el("fieldset", { id }, el("legend", {}, label), rows, more, el("span", { class: "error", id: `${id}-error`, role: "alert" }));
  return [node, () => readers.map((read) => read())];
}

export async function editAbout(name, after) {
  try {
    const { form, history_schema: history, protocol_schema: protocol } = await ask("about", { name });
    readers = {};
    const parts = [];
    const subject = el("input", { type: "text", maxlength: "100", autocomplete: "off" }), visit = el("input", { type: "text", maxlength: "100", autocomplete: "off" });
    [subject.value, visit.value] = [form.subject, form.visit];
    const mirrored = el("input", { type: "checkbox", checked: form.mirrored, id: "about-mirrored" });
    parts.push(field("about-subject", t("subject"), subject), field("about-visit", t("visit"), visit), el("p", {}, el("label", {}, mirrored, " ", t("mirrored"))));
    const entries = Object.entries(history.properties).filter(([key]) => key !== "schema").map(([key, schema]) => [key, ...entry(`history-${key}`, key, schema, history.$defs, form.history?.[key])]);
    parts.push(el("details", { open: Boolean(form.history) }, el("summary", {}, t("history")), ...entries.map(([, node]) => node), el("p", { class: "error", id: "about-history-error", role: "alert" })));
    const [tasks, readTasks] = list("about-protocol", t("protocol"), protocol.properties.segments.items, form.protocol?.segments || []);
    parts.push(tasks);
    readers = {
      subject: () => subject.value, visit: () => visit.value, mirrored: () => mirrored.checked,
      history: () => Object.fromEntries(entries.map(([key, , read]) => [key, read()])),
      protocol: () => { const segments = readTasks(); return segments.length ? { segments } : null; },
    };
    $("about-title").textContent = t("about_title", { name });
    $("about-fields").replaceChildren(...parts);
    $("about-form").onsubmit = (event) => { event.preventDefault(); keep(name, after); };
    open($("about-dialog"));
  } catch (error) { complain(error); }
}

async function keep(name, after) {
  for (const node of $("about-form").querySelectorAll(".error")) node.textContent = "";
  for (const node of $("about-form").querySelectorAll("[aria-invalid]")) node.removeAttribute("aria-invalid");
  const values = Object.fromEntries(Object.entries(readers).map(([key, read]) => [key, read()]));
  try {
    await ask("about", { name }, values);
    $("about-dialog").close();
    say(t("saved"));
    await after();
  } catch (error) {
    const node = error.field && $(`about-${error.field}-error`);
    if (!node) { $("about-dialog").close(); complain(error); return; }
    node.textContent = error.message;
    node.closest("details")?.setAttribute("open", "");
    const input = $(`about-${error.field}`);
    if (input) { input.setAttribute("aria-invalid", "true"); input.focus(); }
  }
}
