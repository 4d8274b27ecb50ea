"""Works at a desk in a real Chromium as a reader would: from an empty folder to a review.

usage: desk.py URL CHROMIUM CLIP FOLDER [PAGE]; FOLDER takes pictures. Prints what was seen.
PAGE is a folder of page files that are served instead of the program's own, for those who work on
the page.
"""

import json
import pathlib
import sys
import time

from playwright.sync_api import sync_playwright

url, chromium, clip, folder = sys.argv[1:5]
folder = pathlib.Path(folder)
own_page = pathlib.Path(sys.argv[5]) if len(sys.argv) > 5 else None

NAMELESS = """() => [...document.querySelectorAll("canvas, input, select, textarea, button, table, section, dialog, a, video, meter, progress")]
  .filter((el) => el.checkVisibility() && !(el.getAttribute("aria-label") || el.getAttribute("aria-labelledby") || el.textContent.trim() || el.labels?.length))
  .map((el) => el.outerHTML.slice(0, 120))"""

# Contrast of text to what is behind it, the least of all visible words.
CONTRAST = """() => {
  const lum = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const rgb = (text) => { const m = text.match(/[\\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m.slice(0, 3); };
  let least = [99, ""];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const own = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !own.checkVisibility() || own.closest("#said, canvas, option, :disabled")) continue;
    let at = own, back = null;
    while (at && !back) { back = rgb(getComputedStyle(at).backgroundColor); at = at.parentElement; }
    const [a, b] = [lum(rgb(getComputedStyle(own).color)), lum(back || [255, 255, 255])];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least[0]) least = [ratio, walk.currentNode.data.trim().slice(0, 40)];
  }
  return least;
}"""


def serve_own(page):
    kinds = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}

    def answer(route):
        name = route.request.url.split("?")[0].split("#")[0].rstrip("/").rsplit("/", 1)[-1]
        file = own_page / (name if "." in name and ":" not in name else "index.html")
        if name == "viewer.js":
            file = own_page.parent.parent / "report" / "html" / "script.js"
        if file.suffix in kinds and file.exists():
            route.fulfill(path=file, content_type=kinds[file.suffix])
        else:
            route.continue_()

    page.route("**/*.js", answer)
    page.route("**/*.css", answer)
    page.route(lambda at: at.split("#")[0].split("?")[0].count("/") == 3 and at.split("#")[0].endswith("/"), answer)


def until(page, script, seconds=30, argument=None):
    """Waits for the page; its policy forbids the driver's own way of waiting."""
    end = time.time() + seconds
    while time.time() < end:
        found = page.evaluate(script, argument)
        if found:
            return found
        page.wait_for_timeout(50)
    raise TimeoutError(script)


def step(page, what, act):
    """Does something that makes a step, and waits until it is kept."""
    before = page.evaluate("spasmographReview.state.revision")
    act()
    until(page, "(before) => spasmographReview.state.revision > before", 10, before)


def drop(page, path):
    """Drags a file onto the page."""
    with open(path, "rb") as file:
        content = list(file.read())
    page.evaluate("""([name, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name, { type: "video/mp4" }));
      for (const type of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }""", [pathlib.Path(path).name, content])


def summary(page):
    return page.evaluate("Object.fromEntries(spasmographReview.state.summary)")


def main():
    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        errors = []

        def page_of(context):
            page = context.new_page()
            page.on("console", lambda message: message.type == "error" and errors.append(message.text))
            page.on("pageerror", lambda error: errors.append(str(error)))
            if own_page:
                serve_own(page)
            return page

        page = page_of(context)
        page.goto(url)
        until(page, "document.getElementById('tour-dialog').open")
        page.screenshot(path=folder / "1-tour.png")
        found["tour nameless"] = page.evaluate(NAMELESS)
        page.keyboard.press("Escape")
        page.screenshot(path=folder / "2-empty.png")
        found["token in address"] = "token" in page.url

        # A file dragged in is sent, measured, and shown.
        drop(page, clip)
        until(page, "document.querySelector('#jobs li.running progress')", 60)
        page.wait_for_timeout(1500)
        found["progress"] = page.inner_text("#jobs li")
        page.screenshot(path=folder / "3-measuring.png")
        until(page, "document.querySelector('#rows .actions button.strong')?.textContent === 'Review'", 300)
        page.wait_for_timeout(500)
        page.screenshot(path=folder / "4-library.png")
        found["library nameless"] = page.evaluate(NAMELESS)
        found["row"] = page.inner_text("#rows tbody tr")

        # Details: a wrong date is said at its field.
        page.click("#rows .actions button:has-text('Details')")
        until(page, "document.getElementById('about-dialog').open")
        page.fill("#about-subject", "S1")
        page.fill("#about-visit", "1")
        page.click("#about-form summary")
        page.fill("#history-recorded", "May 2020")
        page.click("#about-form button[type=submit]")
        page.wait_for_timeout(500)
        found["wrong date"] = page.inner_text("#about-history-error") if page.is_visible("#about-history-error") else page.evaluate("document.getElementById('history-recorded').validationMessage")
        page.screenshot(path=folder / "5-details.png")
        found["details nameless"] = page.evaluate(NAMELESS)
        page.fill("#history-recorded", "2020-05-01")
        page.click("#about-form button[type=submit]")
        until(page, "!document.getElementById('about-dialog').open")
        until(page, "document.querySelector('#rows tbody tr td:nth-child(2)')?.textContent === 'S1'")

        # The review.
        page.click("#rows .actions button.strong")
        until(page, "document.getElementById('reviewer-dialog').open")
        page.fill("#reviewer", "Dr. A")
        page.screenshot(path=folder / "6-reviewer.png")
        page.click("#reviewer-form button[type=submit]")
        until(page, "globalThis.spasmographReview?.state", 60)
        page.wait_for_timeout(1200)
        page.screenshot(path=folder / "7-review.png")
        found["video"] = page.evaluate("document.querySelector('video')?.readyState || 0")
        found["review nameless"] = page.evaluate(NAMELESS)
        found["before"] = summary(page)
        found["items before"] = page.evaluate("spasmographReview.items.map((i) => [i.id, i.kind, i.side, i.start, i.end, i.status])")

        # The third event is rejected, by key.
        page.focus("#traces")
        for _ in range(3):
            page.keyboard.press("n")
        found["third"] = page.evaluate("spasmographReview.chosen")
        step(page, "reject", lambda: page.keyboard.press("x"))
        page.screenshot(path=folder / "8-rejected.png")

        # One is moved by two frames: one by key, one by dragging its handle.
        page.keyboard.press("n")
        found["moved"] = page.evaluate("spasmographReview.chosen")
        start = page.evaluate("spasmographReview.items.find((i) => i.id === spasmographReview.chosen).start")
        step(page, "later", lambda: page.keyboard.press("]"))
        step(page, "later", lambda: page.keyboard.press("]"))
        moved = page.evaluate("spasmographReview.items.find((i) => i.id === spasmographReview.chosen).start")
        found["moved frames"] = (moved - start) / page.evaluate("spasmographReview.frame")
        page.screenshot(path=folder / "9-moved.png")
        dragged = page.evaluate("""() => {
          const own = spasmographReview, item = own.items.find((i) => i.id === own.chosen), part = item.parts[item.parts.length - 1];
          const view = own.viewer.view(), box = document.getElementById("traces").getBoundingClientRect();
          const em = parseFloat(getComputedStyle(document.body).fontSize), label = 9.5 * em;
          const row = own.viewer.rows.findIndex((r) => r.key === `${part.region}_${part.side}` || (part.region === "periocular" && r.key === `aperture_${part.side}`));
          const x = (time) => box.left + label + (box.width - label) * (time - view[0]) / (view[1] - view[0]);
          return { from: x(part.end_s), to: x(part.end_s + 4 * own.frame), y: box.top + (row + 0.5) * 2.5 * em, end: part.end_s, region: part.region, side: part.side };
        }""")
        page.mouse.move(dragged["from"], dragged["y"])
        page.mouse.down()
        page.mouse.move((dragged["from"] + dragged["to"]) / 2, dragged["y"])
        page.mouse.move(dragged["to"], dragged["y"])
        page.screenshot(path=folder / "10-dragging.png")
        step(page, "drag", page.mouse.up)
        end = page.evaluate("(d) => spasmographReview.items.find((i) => i.id === spasmographReview.chosen).parts.find((p) => p.region === d.region && p.side === d.side).end_s", dragged)
        found["dragged frames"] = (end - dragged["end"]) / page.evaluate("spasmographReview.frame")

        # One is added, one blink removed.
        page.focus("#traces")
        page.keyboard.press("e")
        page.select_option("#adding-place", label="left cheek")
        page.fill("#adding-start", "0.5")
        page.fill("#adding-end", "0.9")
        page.screenshot(path=folder / "11-adding.png")
        step(page, "add", lambda: page.click("#adding button[type=submit]"))
        page.select_option("#filter", "blinks")
        blinks = page.evaluate("spasmographReview.items.filter((i) => i.isBlink).length")
        found["blinks"] = blinks
        if blinks:
            step(page, "blink", lambda: page.click("#items tbody tr .actions button:has-text('Reject')"))
        page.select_option("#filter", "all")
        page.screenshot(path=folder / "12-done.png", full_page=True)
        found["after"] = summary(page)
        found["items after"] = page.evaluate("spasmographReview.items.map((i) => [i.id, i.kind, i.side, i.start, i.end, i.status])")
        step(page, "undo", lambda: page.keyboard.press("Control+z"))
        found["undone"] = summary(page)
        step(page, "redo", lambda: page.keyboard.press("Control+Shift+Z"))
        found["redone"] = summary(page)

        # A second tab is told, and so is the first when it is taken over.
        second = page_of(context)
        second.goto(page.url)
        until(second, "globalThis.spasmographReview?.state", 30)
        found["second tab"] = second.inner_text("#banner")
        second.screenshot(path=folder / "13-second-tab.png")
        second.click("#banner button")
        until(second, "spasmographReview?.seat")
        step(second, "accept", lambda: (second.focus("#traces"), second.keyboard.press("n"), second.keyboard.press("a")))
        page.focus("#traces")
        page.keyboard.press("p")
        page.keyboard.press("a")
        until(page, "!document.getElementById('banner').hidden")
        found["first tab"] = page.inner_text("#banner")
        revision = second.evaluate("spasmographReview.state.revision")
        second.close()

        # Closed and opened again: all there.
        page.click("#back")
        until(page, "!document.getElementById('library-view').hidden")
        page.goto("about:blank")
        page.goto(url.split("#")[0] + "#" + "review=" + pathlib.Path(clip).name + "&by=Dr.+A&blind=0")
        until(page, "globalThis.spasmographReview?.state", 30)
        found["again"] = page.evaluate("spasmographReview.state.revision") == revision
        found["items again"] = page.evaluate("spasmographReview.items.map((i) => [i.id, i.kind, i.side, i.start, i.end, i.status])")

        # Blind: nothing of the program's is shown.
        page.goto("about:blank")
        page.goto(url.split("#")[0] + "#" + "review=" + pathlib.Path(clip).name + "&by=Dr.+B&blind=1")
        until(page, "globalThis.spasmographReview?.state", 30)
        page.wait_for_timeout(800)
        found["blind items"] = page.evaluate("spasmographReview.items.length + spasmographReview.data.events.length + spasmographReview.data.blinks.length")
        found["blind summary"] = summary(page)
        page.screenshot(path=folder / "14-blind.png")

        # Dark, a tablet, letters at 200 %, paper.
        for scheme in ["light", "dark"]:
            page.emulate_media(color_scheme=scheme)
            page.goto("about:blank")
            page.goto(url.split("#")[0] + "#" + "review=" + pathlib.Path(clip).name + "&by=Dr.+A&blind=0")
            until(page, "globalThis.spasmographReview?.state", 30)
            page.focus("#traces")
            page.keyboard.press("n")
            page.wait_for_timeout(800)
            found[f"{scheme} contrast"] = page.evaluate(CONTRAST)
            page.screenshot(path=folder / f"15-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        page.set_viewport_size({"width": 820, "height": 1180})
        page.wait_for_timeout(400)
        found["tablet too wide"] = page.evaluate(wide)
        page.screenshot(path=folder / "16-tablet.png", full_page=True)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.wait_for_timeout(400)
        found["large letters too wide"] = page.evaluate(wide)
        page.screenshot(path=folder / "17-large-letters.png", full_page=True)
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.pdf(path=folder / "18-print.pdf", prefer_css_page_size=True)

        # The report of the review says that it is one.
        page.goto(url.split("#")[0] + "report?name=" + pathlib.Path(clip).name + "&reviewed=true")
        page.wait_for_timeout(500)
        found["report"] = page.inner_text(".reviewed")
        page.screenshot(path=folder / "19-report.png")
        # The browser tells of every refusal; that of the tab that lost the review is meant to be.
        found["errors"] = [error for error in errors if "409" not in error]
        browser.close()
    print(json.dumps(found))


main()
