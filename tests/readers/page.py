"""Opens report pages in a real Chromium and checks what a person would do with them.

usage: page.py FOLDER CHROMIUM; FOLDER holds with-video.html (overlay.mp4 beside it),
without-video.html (its overlay is missing), long.html (ten minutes) and empty.html.
"""

import json
import pathlib
import sys
import time

from playwright.sync_api import sync_playwright

folder, chromium = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]

# Smallest contrast of any text against what is painted behind it (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const parse = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const ground = (el) => {
    const layers = [];
    for (let own = el; own; own = own.parentElement) { const c = parse(getComputedStyle(own).backgroundColor); if (c[3] > 0) layers.push(c); if (c[3] === 1) break; }
    let result = parse(getComputedStyle(document.body).backgroundColor);
    for (const layer of layers.reverse()) result = over(layer, result);
    return result;
  };
  // A text in a drawing stands on the last shape painted before it that covers its middle.
  const behind = (el) => {
    const base = ground(el), box = el.getBoundingClientRect(), x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    let result = base;
    for (const shape of el.ownerSVGElement.querySelectorAll("ellipse, rect, circle")) {
      if (shape.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_PRECEDING) break;
      const b = shape.getBoundingClientRect(), s = getComputedStyle(shape);
      if (s.fill === "none" || x < b.left || x > b.right || y < b.top || y > b.bottom) continue;
      const c = parse(s.fill); c[3] *= Number(s.fillOpacity);
      result = over(c, result);
    }
    return result;
  };
  let worst = [99, ""];
  const tell = (value, text) => { if (value < worst[0]) worst = [value, text.trim().slice(0, 40)]; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement, text = walker.currentNode.textContent;
    if (!text.trim() || !el.getClientRects().length || el.closest("script, style, title, noscript, .skip")) continue;
    const svg = el.closest("svg"), s = getComputedStyle(el);
    tell(svg ? ratio(parse(s.fill), behind(el)) : ratio(parse(s.color), ground(el)), text);
  }
  const style = getComputedStyle(document.documentElement), probe = document.createElement("i");
  document.body.append(probe);
  const named = (name) => { probe.style.color = style.getPropertyValue("--" + name); return parse(getComputedStyle(probe).color); };
  for (const ink of ["left", "right", "mid", "soft"]) tell(ratio(named(ink), named("ground")), "traces: " + ink);
  tell(ratio(named("ink"), named("band")), "traces: task names");
  probe.remove();
  return worst;
}"""

NAMELESS = """() => [...document.querySelectorAll("svg:not([aria-hidden]), canvas, video, input, select, button, table")]
  .filter((el) => !(el.getAttribute("aria-label") || el.getAttribute("aria-labelledby") || el.textContent.trim() || el.closest("label") || el.querySelector("caption, title")))
  .map((el) => el.outerHTML.slice(0, 80))"""


def main():
    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for scheme in ("light", "dark"):
            page, errors = opened(browser, "with-video.html", scheme)
            found[f"{scheme} errors"] = errors
            page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
            found[f"{scheme} contrast"] = page.evaluate(CONTRAST)
            found[f"{scheme} nameless"] = page.evaluate(NAMELESS)
            page.close()
        page, errors = opened(browser, "with-video.html", "light")
        found["seek"] = seek(page)
        found["beside"] = beside(page)
        found["plays"] = plays(page)
        found["raster"] = seek(page, "svg.raster g[data-event='2'] rect")
        found["keys"] = keys(page)
        found["zoom"] = zoom(page)
        found["reflow"] = reflow(page)
        found["print"] = printed(page)
        found["errors"] = errors
        page, errors = opened(browser, "without-video.html", "light")
        page.wait_for_selector("#no-video:not([hidden])")
        page.click("tbody button[data-event='3']")
        found["without"] = [page.inner_text("#now"), [e for e in errors if "ERR_FILE" not in e]]
        found["long"] = long(browser)
        page, errors = opened(browser, "empty.html", "light")
        found["empty"] = [page.locator("canvas").count(), page.inner_text("h1"), errors]
        browser.close()
    print(json.dumps(found))


def opened(browser, name, scheme):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((folder / name).as_uri())
    page.wait_for_timeout(300)
    return page, errors


def seek(page, where="tbody button[data-event='3']"):
    """The time to which a click seeks the video."""
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    # What the page asks for: where it plays by the time anybody looks depends on the machine's load.
    page.evaluate(
        """() => { window.sought = undefined; const v = document.querySelector('video');
        const own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'currentTime');
        Object.defineProperty(v, 'currentTime', { configurable: true, get() { return own.get.call(v); },
          set(to) { window.sought = window.sought ?? to; own.set.call(v, to); } }); }"""
    )
    page.locator(where).first.click()
    page.wait_for_function("window.sought !== undefined")
    return page.evaluate("window.sought")


def beside(page):
    """Whether the whole video and the whole traces are in view together after that click."""
    return page.evaluate(
        """() => ['video', '#traces'].every((name) => {
          const box = document.querySelector(name).getBoundingClientRect();
          return box.width > 200 && box.top >= 0 && box.bottom <= window.innerHeight; })"""
    )


def plays(page):
    """Where the moment that was clicked stopped playing by itself."""
    page.wait_for_function("document.querySelector('video').paused", timeout=20000)
    return page.evaluate("document.querySelector('video').currentTime")


def reflow(page):
    """By how much the page is too wide in a narrow window and with letters twice as large."""
    over = []
    for width, size in ((1280, "200%"), (320, "100%")):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", size)
        page.wait_for_timeout(200)
        over.append(page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": 1280, "height": 900})
    return over


def keys(page):
    """Frame numbers after pausing, one frame on, and two back."""
    page.focus("#traces")
    frames = []
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowLeft", "Shift+ArrowRight"):
        page.keyboard.press(key)
        frames.append(int(page.inner_text("#now").split("frame ")[1].split(" ")[0]))
    page.wait_for_timeout(200)
    return [frames, page.evaluate("document.querySelector('video').currentTime")]


def zoom(page):
    """Whether the position slider is free, before and after zooming in, and after zooming out."""
    image = "document.getElementById('traces').toDataURL()"
    states, pictures = [], []
    for key in ("0", "+", "+", "0"):
        page.focus("#traces")
        page.keyboard.press(key)
        page.wait_for_timeout(100)
        states.append(page.evaluate("!document.getElementById('pan').disabled"))
        pictures.append(page.evaluate(image))
    box = page.locator("#traces").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 20, steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    states.append(page.evaluate("!document.getElementById('pan').disabled"))
    return [states, len(set(pictures))]


def long(browser):
    """Seconds until a page of ten minutes is drawn, and the slowest of its frames in scrolling."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    start = time.monotonic()
    page.goto((folder / "long.html").as_uri())
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    opened_s = time.monotonic() - start
    frames = page.evaluate(
        """() => new Promise((done) => {
          const times = []; let count = 0;
          const step = (time) => { times.push(time); window.scrollBy(0, 60); if (++count < 60) requestAnimationFrame(step); else done(times); };
          requestAnimationFrame(step); })"""
    )
    gaps = sorted(b - a for a, b in zip(frames, frames[1:]))
    page.close()
    return [opened_s, gaps[int(0.95 * len(gaps))]]


def printed(page):
    """Pages of A4, and by how much the content is wider than a page."""
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    page.set_viewport_size({"width": 688, "height": 970})
    page.emulate_media(media="print")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [pdf.count(b"/Type /Page\n") or pdf.count(b"/Type/Page/") or pdf.count(b"/Page"), wide]


main()
