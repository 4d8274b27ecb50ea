"use strict";
// Draws the traces, keeps them and the video at the same moment, and answers clicks and keys. The page
// of a review gives hooks: `paint` draws over the traces, `press`, `drag` and `release` take the pointer,
// `key` takes keys, `signal` ends all listening; it reads and changes `data.events` and `data.blinks`.
function spasmographViewer(data, hooks = {}) {
  const on = (target, type, answer, options) => target.addEventListener(type, answer, { signal: hooks.signal, ...options });
  const unpack = (text, Type) => new Type(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const times = Float64Array.from(unpack(data.times, Uint32Array), (tick) => tick / data.ticks);
  const rows = data.rows.map((row) => {
    const values = unpack(row.values, Int16Array);
    let low = 0, high = row.key.startsWith("aperture") ? 1.2 / row.scale : 0;
    for (const v of values) if (v !== -32768) { if (v < low) low = v; if (v > high) high = v; }
    return { ...row, values, low: low * row.scale, high: Math.max(high * row.scale, low * row.scale + 1e-6) };
  });
  // Displacements of one region share a scale, so that the sides can be compared by eye.
  for (const row of rows) {
    const region = row.key.replace(/_(left|right|midline)$/, "");
    const pair = rows.filter((other) => other.key.replace(/_(left|right|midline)$/, "") === region);
    row.shownLow = Math.min(...pair.map((r) => r.low));
    row.shownHigh = Math.max(...pair.map((r) => r.high));
    // Quiet traces look quiet: 10 mFU at least.
    if (!region.startsWith("aperture")) {
      const short = Math.max(10 - (row.shownHigh - row.shownLow), 0);
      row.shownLow -= 0.3 * short; row.shownHigh += 0.7 * short;
    }
  }
  const breaks = new Set(data.breaks);
  const first = times[0];
  const frame = times.length > 1 ? (times[times.length - 1] - first) / (times.length - 1) : 0.04;
  const last = times[times.length - 1] + frame;
  const canvas = document.getElementById("traces");
  const pan = document.getElementById("pan");
  const now = document.getElementById("now");
  const play = document.getElementById("play");
  const speed = document.getElementById("speed");
  let video = document.querySelector("video");
  let view = [first, last];
  let moment = first;
  let chosen = null;
  let stopAt = null;
  let drag = null;
  let held = false;
  let clock = null;
  let before = null;

  const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
  // Index of the last frame at or before a time.
  const frameAt = (time) => {
    let low = 0, high = times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle] <= time + 1e-6) low = middle; else high = middle - 1;
    }
    return low;
  };

  // ---- drawing ----
  let waiting = false;
  const draw = () => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; paint(); }); } };
  const paint = (paper) => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue("--" + name).trim();
    const em = parseFloat(getComputedStyle(document.body).fontSize);
    const label = 9.5 * em, rowHeight = (before ? 1.9 : 2.5) * em, axis = 1.6 * em;
    const tasks = data.tasks.length ? 1.5 * em : 0;
    const width = paper || canvas.clientWidth, height = tasks + rows.length * rowHeight + axis;
    const dots = paper ? 3 : window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * dots) || canvas.height !== Math.round(height * dots)) {
      canvas.width = Math.round(width * dots); canvas.height = Math.round(height * dots);
      canvas.style.height = height + "px";
    }
    const g = canvas.getContext("2d");
    g.setTransform(dots, 0, 0, dots, 0, 0);
    g.clearRect(0, 0, width, height);
    g.font = `${0.8 * em}px system-ui, sans-serif`;
    g.textBaseline = "middle";
    const x = (time) => label + (width - label) * (time - view[0]) / (view[1] - view[0]);
    const bottom = tasks + rows.length * rowHeight;
    const seen = (start, end) => end >= view[0] && start <= view[1];
    const band = (start, end, top, high, fill) => {
      const from = Math.max(x(start), label), to = Math.min(x(end), width);
      if (to < label || from > width) return;
      g.fillStyle = fill; g.fillRect(from, top, Math.max(to - from, 1), high);
    };
    const rowTop = (i) => tasks + i * rowHeight;
    rows.forEach((row, i) => {
      if (row.limit === null) return;
      const y = (v) => rowTop(i) + rowHeight - 3 - (rowHeight - 6) * (v - row.shownLow) / (row.shownHigh - row.shownLow);
      const top = clamp(y(row.limit), rowTop(i), rowTop(i) + rowHeight), under = clamp(y(-row.limit), rowTop(i), rowTop(i) + rowHeight);
      g.fillStyle = colour("band"); g.fillRect(label, top, width - label, under - top);
    });
    for (const [start, end, side] of data.blinks) {
      if (!seen(start, end)) continue;
      rows.forEach((row, i) => { if (row.key.startsWith("aperture") && (side === "both" || side === row.colour)) band(start, end, rowTop(i), rowHeight, colour("blink")); });
    }
    for (const event of data.events) {
      if (!seen(event.start, event.end)) continue;
      const involuntary = event.kind === "twitch" || event.kind === "spasm";
      rows.forEach((row, i) => {
        if (event.side !== "both" && row.colour !== event.side) return;
        if (involuntary) band(event.start, event.end, rowTop(i), rowHeight, colour("event"));
        else {
          const from = Math.max(x(event.start), label), to = Math.min(x(event.end), width);
          g.strokeStyle = colour("line"); g.lineWidth = 1; g.strokeRect(from, rowTop(i) + 1, Math.max(to - from, 1), rowHeight - 2);
        }
      });
    }
    g.strokeStyle = colour("gap"); g.lineWidth = 1;
    const hatch = (start, end, top, height) => {
      if (!seen(start, end)) return;
      const from = Math.max(x(start), label), to = Math.min(x(end), width);
      g.save(); g.beginPath(); g.rect(from, top, Math.max(to - from, 1), height); g.clip(); g.beginPath();
      for (let at = from - height; at < to; at += 7) { g.moveTo(at, top + height); g.lineTo(at + height, top); }
      g.stroke(); g.restore();
    };
    for (const [start, end] of data.gaps) hatch(start, end, tasks, bottom - tasks);
    for (const [place, start, end] of data.hidden) {
      rows.forEach((row, i) => { if (row.key === place || row.key === place.replace("periocular", "aperture")) hatch(start, end, rowTop(i), rowHeight); });
    }
    for (const [start, end, name] of data.tasks) {
      if (!seen(start, end)) continue;
      band(start, end, 1, tasks - 4, colour("band"));
      g.save(); g.beginPath(); g.rect(Math.max(x(start), label), 0, x(end) - Math.max(x(start), label), tasks); g.clip();
      g.fillStyle = colour("ink"); g.fillText(name, Math.max(x(start), label) + 4, tasks / 2 - 1); g.restore();
    }
    rows.forEach((row, i) => {
      const top = rowTop(i);
      g.fillStyle = colour(row.colour); g.fillText(row.label, 0, top + rowHeight / 2, label - 4);
      g.strokeStyle = colour("line"); g.lineWidth = 0.3;
      g.beginPath(); g.moveTo(label, top + rowHeight); g.lineTo(width, top + rowHeight); g.stroke();
      trace(g, row, x, (v) => top + rowHeight - 3 - (rowHeight - 6) * (v * row.scale - row.shownLow) / (row.shownHigh - row.shownLow), label, width, colour(row.colour));
    });
    g.lineWidth = 2; g.strokeStyle = g.fillStyle = colour("ink");
    for (const event of data.events) {
      for (const [place, onset, low, high] of event.parts) {
        if (!seen(low, high)) continue;
        const i = rows.findIndex((row) => row.key === place || (place.startsWith("periocular") && row.key === place.replace("periocular", "aperture")));
        if (i < 0 || x(onset) < label) continue;
        const top = rowTop(i);
        g.beginPath(); g.moveTo(x(onset), top + 3); g.lineTo(x(onset), top + 0.45 * rowHeight); g.stroke();
        g.fillRect(Math.max(x(low), label), top + 3, Math.max(x(high) - Math.max(x(low), label), 1), 2);
      }
    }
    g.fillStyle = colour("soft"); g.strokeStyle = colour("line"); g.lineWidth = 1;
    const span = view[1] - view[0];
    const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find((s) => span / s <= (width - label) / (5 * em)) || 7200;
    for (let at = Math.ceil(view[0] / step) * step; at <= view[1]; at += step) {
      g.beginPath(); g.moveTo(x(at), bottom); g.lineTo(x(at), bottom + 4); g.stroke();
      const text = `${at.toFixed(step < 0.1 ? 2 : step < 1 ? 1 : 0)} s`;
      g.fillText(text, clamp(x(at) - g.measureText(text).width / 2, label, width - g.measureText(text).width), bottom + axis / 2 + 3);
    }
    if (hooks.paint) hooks.paint(g, { x, rows, rowTop, rowHeight, label, width, bottom, tasks, colour, em });
    if (moment >= view[0] && moment <= view[1]) {
      g.strokeStyle = colour("ink"); g.lineWidth = 1.5; g.beginPath(); g.moveTo(x(moment), tasks); g.lineTo(x(moment), bottom); g.stroke();
    }
    if (drag && drag.to !== undefined) {
      g.globalAlpha = 0.2; g.fillStyle = colour("accent"); g.fillRect(Math.min(drag.x, drag.to), 0, Math.abs(drag.to - drag.x), bottom); g.globalAlpha = 1;
    }
  };
  // One line, reduced to the extremes inside each pixel and broken at gaps.
  const trace = (g, row, x, y, left, right, stroke) => {
    const from = Math.max(frameAt(view[0]) - 1, 0), to = Math.min(frameAt(view[1]) + 1, times.length - 1);
    g.save(); g.beginPath(); g.rect(left, 0, right - left, 1e6); g.clip();
    g.strokeStyle = stroke; g.lineWidth = 1.1; g.lineJoin = "round"; g.beginPath();
    let pen = false, i = from;
    while (i <= to) {
      const value = row.values[i];
      if (value === -32768) { pen = false; i++; continue; }
      if (breaks.has(i)) pen = false;
      const column = Math.floor(x(times[i]));
      let low = value, high = value, end = value;
      const start = i;
      i++;
      while (i <= to && !breaks.has(i) && row.values[i] !== -32768 && Math.floor(x(times[i])) === column) {
        end = row.values[i]; if (end < low) low = end; if (end > high) high = end; i++;
      }
      const at = x(times[start]);
      if (pen) g.lineTo(at, y(value)); else g.moveTo(at, y(value));
      if (i - start > 1) { g.lineTo(at, y(low)); g.lineTo(at, y(high)); g.lineTo(at, y(end)); }
      pen = true;
    }
    g.stroke(); g.restore();
  };

  // ---- the moment and the part shown ----
  const show = (from, to) => {
    const span = clamp(to - from, Math.min(6 * frame, last - first), last - first);
    const middle = (from + to) / 2;
    const start = clamp(middle - span / 2, first, last - span);
    view = [start, start + span];
    const room = last - first - span;
    pan.value = room > 0 ? String(1000 * (start - first) / room) : "0";
    pan.disabled = room <= 0;
    draw();
  };
  const tell = (text) => { now.textContent = text; };
  const eventNow = () => data.events.find((event) => event.start <= moment && moment <= event.end);
  const status = () => {
    const event = chosen !== null ? data.events.find((e) => e.id === chosen) : eventNow();
    tell(`${moment.toFixed(3)} s, frame ${frameAt(moment) + 1} of ${times.length}` + (event ? `. ${event.text}` : ""));
  };
  const moveTo = (time, seek) => {
    moment = clamp(time, first, last);
    if (seek && video) video.currentTime = moment - first + 0.001;
    if (moment < view[0] || moment > view[1]) { const span = view[1] - view[0]; show(moment - span / 4, moment + 3 * span / 4); }
    draw();
  };
  const mark = (id) => {
    chosen = id;
    for (const old of document.querySelectorAll(".chosen")) old.classList.remove("chosen");
    for (const own of document.querySelectorAll(`[data-event="${id}"]`)) (own.closest("tr") || own).classList.add("chosen");
  };
  const choose = (event, run) => {
    mark(event.id);
    if (hooks.choose) hooks.choose(event);
    const length = Math.max(event.end - event.start, 0.3);
    show(event.start - length - 0.7, event.end + length + 0.7);
    moveTo(event.start, true);
    status();
    document.getElementById("viewer").scrollIntoView({ block: "nearest" });
    stopAt = run ? event.end + 0.5 : null;
    if (run && video) video.play().catch(() => {});
  };
  const step = (frames) => {
    halt();
    chosen = null;
    const i = clamp(frameAt(moment) + frames, 0, times.length - 1);
    moveTo(times[i], true);
    status();
  };
  const halt = () => { if (video) video.pause(); stopAt = null; if (clock) { cancelAnimationFrame(clock); clock = null; } play.textContent = "Play"; };
  const neighbour = (direction) => {
    const own = data.events.findIndex((e) => e.id === chosen);
    let at = own + direction;
    if (own < 0) {
      const next = data.events.findIndex((e) => e.start > moment + 1e-6);
      at = direction > 0 ? next : (next < 0 ? data.events.length : next) - 1;
    }
    if (data.events[at]) choose(data.events[at], true);
  };
  const zoom = (factor, centre) => {
    const at = centre === undefined ? clamp(moment, view[0], view[1]) : centre;
    show(at - (at - view[0]) * factor, at + (view[1] - at) * factor);
  };
  const toggle = () => {
    if (clock || (video && !video.paused)) { halt(); status(); return; }
    stopAt = null;
    if (moment >= last - frame) moveTo(first, true);
    play.textContent = "Pause";
    if (video) { video.playbackRate = Number(speed.value); video.play().catch(() => halt()); return; }
    let then = performance.now();
    const tick = (time) => {
      moveTo(moment + (time - then) / 1000 * Number(speed.value), false);
      then = time;
      if (moment >= last) { halt(); status(); } else clock = requestAnimationFrame(tick);
    };
    clock = requestAnimationFrame(tick);
  };

  // ---- the video ----
  if (video) {
    // The file may be found missing before this script runs.
    const lost = () => {
      video = null;
      document.getElementById("no-video").hidden = false;
      document.getElementById("stage").classList.remove("with-video");
      document.getElementById("large").hidden = true;
    };
    on(video, "error", lost);
    if (video.error) lost();
  }
  if (video) {
    const large = document.getElementById("large");
    large.hidden = false;
    on(large, "click", () => { large.setAttribute("aria-pressed", String(document.getElementById("stage").classList.toggle("large"))); });
    const follow = () => {
      if (!video || video.paused) return;
      moveTo(video.currentTime + first, false);
      if (stopAt !== null && moment >= stopAt) { halt(); status(); return; }
      requestAnimationFrame(follow);
    };
    on(video, "play", () => { play.textContent = "Pause"; video.playbackRate = Number(speed.value); requestAnimationFrame(follow); });
    on(video, "pause", () => { play.textContent = "Play"; });
    on(speed, "change", () => { if (video) video.playbackRate = Number(speed.value); });
  }

  // ---- hands ----
  on(play, "click", toggle);
  const key = (name, shift) => {
    if (hooks.key && hooks.key(name, shift)) return true;
    switch (name) {
      case "ArrowLeft": step(shift ? -Math.round(1 / frame) : -1); break;
      case "ArrowRight": step(shift ? Math.round(1 / frame) : 1); break;
      case "Home": halt(); moveTo(first, true); status(); break;
      case "End": halt(); moveTo(times[times.length - 1], true); status(); break;
      case "n": case "N": neighbour(1); break;
      case "p": case "P": neighbour(-1); break;
      case "+": case "=": zoom(0.5); break;
      case "-": zoom(2); break;
      case "0": show(first, last); break;
      case " ": toggle(); break;
      default: return false;
    }
    return true;
  };
  on(canvas, "keydown", (e) => { if (!e.ctrlKey && !e.metaKey && !e.altKey && key(e.key, e.shiftKey)) e.preventDefault(); });
  on(document, "click", (e) => {
    const press = e.target.closest("[data-key]");
    if (press) { key(press.dataset.key, false); return; }
    const event = e.target.closest("[data-event]");
    if (event) { halt(); choose(data.events.find((own) => String(own.id) === event.dataset.event), true); return; }
    const time = e.target.closest("[data-time]");
    if (time) {
      halt(); chosen = null;
      const at = Number(time.dataset.time);
      show(at - 1, at + 1.5); moveTo(at, true); status();
      document.getElementById("viewer").scrollIntoView({ block: "nearest" });
    }
  });
  // Where a pointer is: time, row, and distance in time of ten pixels.
  const under = (e) => {
    const box = canvas.getBoundingClientRect(), em = parseFloat(getComputedStyle(document.body).fontSize);
    const tasks = data.tasks.length ? 1.5 * em : 0, rowHeight = 2.5 * em;
    const row = Math.floor((e.clientY - box.top - tasks) / rowHeight);
    return { time: timeUnder(e.clientX), row: row >= 0 && row < rows.length ? row : -1, near: 10 * (view[1] - view[0]) / Math.max(box.width - 9.5 * em, 1) };
  };
  const timeUnder = (clientX) => {
    const box = canvas.getBoundingClientRect();
    const em = parseFloat(getComputedStyle(document.body).fontSize), label = 9.5 * em;
    return view[0] + (view[1] - view[0]) * clamp((clientX - box.left - label) / (box.width - label), 0, 1);
  };
  on(canvas, "pointerdown", (e) => { if (hooks.press && hooks.press(under(e))) { held = true; canvas.setPointerCapture(e.pointerId); return; } drag = { x: e.clientX - canvas.getBoundingClientRect().left, from: timeUnder(e.clientX) }; canvas.setPointerCapture(e.pointerId); });
  on(canvas, "pointermove", (e) => { if (held) { hooks.drag(under(e)); return; } if (hooks.hover) canvas.style.cursor = hooks.hover(under(e)) || ""; if (drag) { const to = e.clientX - canvas.getBoundingClientRect().left; if (Math.abs(to - drag.x) > 5) drag.to = to; draw(); } });
  on(canvas, "pointerup", (e) => {
    if (held) { held = false; hooks.release(under(e)); return; }
    if (!drag) return;
    const { from, to } = drag;
    drag = null;
    const end = timeUnder(e.clientX);
    if (to !== undefined) { show(Math.min(from, end), Math.max(from, end)); return; }
    halt();
    const event = (hooks.find || ((time) => data.events.find((own) => own.start <= time && time <= own.end)))(end, under(e).row);
    if (event && chosen !== event.id) { choose(event, true); return; }
    moveTo(times[frameAt(end)], true); status();
  });
  on(canvas, "pointercancel", () => { if (held) { held = false; hooks.release(null); } drag = null; draw(); });
  on(canvas, "dblclick", () => { halt(); show(first, last); });
  on(canvas, "wheel", (e) => {
    if (!e.ctrlKey) return;
    e.preventDefault();
    zoom(e.deltaY > 0 ? 1.25 : 0.8, timeUnder(e.clientX));
  }, { passive: false });
  on(pan, "input", () => {
    const span = view[1] - view[0], start = first + (last - first - span) * Number(pan.value) / 1000;
    view = [start, start + span];
    draw();
  });
  new ResizeObserver(draw).observe(canvas);
  on(window.matchMedia("(prefers-color-scheme: dark)"), "change", draw);
  // Width of an A4 page between its margins, CSS pixels.
  const PAPER = 688;
  // Print the whole recording with every table open, then go back.
  on(window, "beforeprint", () => {
    before = { view, closed: [...document.querySelectorAll("details:not([open])")] };
    view = [first, last];
    for (const own of before.closed) if (!own.querySelector("pre")) own.open = true;
    paint(PAPER);
  });
  on(window, "afterprint", () => { if (before) { view = before.view; for (const own of before.closed) own.open = false; before = null; draw(); } });
  show(first, last);
  status();
  return { draw, show, moveTo, choose, halt, status, step, frameAt, times, rows, frame, first, last,
    view: () => view, moment: () => moment, chosen: () => chosen, mark };
}
