"""Times a large library in a real Chromium.

usage: library.py URL CHROMIUM FOLDER; FOLDER takes a picture.
"""

import json
import pathlib
import sys

from playwright.sync_api import sync_playwright

url, chromium, folder = sys.argv[1:4]

# Until the next picture is on the screen after a change.
PAINTED = """async (change) => { const begun = performance.now(); change(); await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); return performance.now() - begun; }"""
SORT = f"() => ({PAINTED})(() => document.querySelector('#rows [data-column=\"KEY\"] button').click())"
SEARCH = f"(text) => ({PAINTED})(() => {{ const own = document.getElementById('search'); own.value = text; own.dispatchEvent(new Event('input')); }})"

found = {}
with sync_playwright() as play:
    browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    # The page's policy forbids the driver's own way of waiting.
    for _ in range(1200):
        if page.evaluate("document.querySelectorAll('#rows tbody tr').length") == 500:
            break
        page.wait_for_timeout(50)
    found["opened ms"] = page.evaluate("async () => { await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); return spasmographLibrary.shown; }")
    page.wait_for_timeout(1500)
    page.screenshot(path=pathlib.Path(folder) / "library.png")
    found["sort ms"] = [page.evaluate(SORT.replace("KEY", key)) for key in ["subject", "events_min", "pattern", "recording", "recording"]]
    found["search ms"] = [page.evaluate(SEARCH, text) for text in ["s01", "typical", "visit-49", "", "s016"]]
    found["found"] = page.locator("#rows tbody tr").count()
    found["errors"] = errors
    browser.close()
print(json.dumps(found))
