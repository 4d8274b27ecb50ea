"""Opens the page of a live session in a real Chromium whose fake camera plays a clip.

usage: monitor.py URL CHROMIUM CLIP SECONDS FOLDER; CLIP is Y4M or MJPEG. Measures SECONDS of
session, takes pictures of the page into FOLDER, stops the session and prints what was seen.
"""

import json
import pathlib
import sys

from playwright.sync_api import sync_playwright

url, chromium, clip = sys.argv[1:4]
seconds, folder = float(sys.argv[4]), pathlib.Path(sys.argv[5])

# Whether a canvas shows anything but one colour.
DRAWN = """(id) => { const c = document.getElementById(id), d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
  const seen = new Set(); for (let i = 0; i < d.length; i += 404) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return seen.size; }"""

NAMELESS = """() => [...document.querySelectorAll("canvas, input, select, button, table, section")]
  .filter((el) => !el.closest("[hidden]") && !(el.getAttribute("aria-label") || el.getAttribute("aria-labelledby") || el.textContent.trim() || el.labels?.length))
  .map((el) => el.outerHTML.slice(0, 80))"""


def percentile(values, part):
    return sorted(values)[round((len(values) - 1) * part)] if values else None


def reach(page, seconds):
    """Waits for a session time; the page's policy forbids the driver's own way of waiting."""
    for _ in range(2400):
        if page.evaluate("spasmograph.time") >= seconds:
            return
        page.wait_for_timeout(50)
    raise TimeoutError(f"{seconds} s of session were not reached")


def main():
    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking",
                  "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
                  f"--use-file-for-fake-video-capture={clip}"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        errors = []
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.wait_for_selector("#start:not([disabled])")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        found["keyboard"] = page.evaluate("document.activeElement.id")
        page.keyboard.press("Enter")
        reach(page, 0.8 * seconds)
        page.screenshot(path=folder / "desktop.png")
        reach(page, seconds)
        found["picture"] = page.evaluate(DRAWN, "picture")
        found["traces"] = page.evaluate(DRAWN, "traces")
        found["nameless"] = page.evaluate(NAMELESS)
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(300)
        found["too wide"] = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.screenshot(path=folder / "phone.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 800})
        shown = page.evaluate("spasmograph.shown")
        found["shown ms"] = [percentile(shown, 0.5), percentile(shown, 0.95), len(shown)]
        found["health"] = page.inner_text("#health")
        page.click("#stop")
        page.wait_for_selector("#saved:not([hidden])", timeout=60000)
        found["saved"] = page.inner_text("#saved-text")
        found["blinks"] = page.locator("#found tr.blink").count()
        page.screenshot(path=folder / "saved.png")
        found["errors"] = errors
        browser.close()
    print(json.dumps(found))


main()
