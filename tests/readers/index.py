"""Opens a batch's page in a real Chromium, sorts, filters and follows a link.

usage: index.py FOLDER CHROMIUM; FOLDER holds index.html. SHOT, where it is set, names a picture of
the page to be made.
"""

import json
import os
import pathlib
import sys
import time

from playwright.sync_api import sync_playwright

folder, chromium = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]

# Waits until what was asked for is on the screen.
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
SHOWN = "parseInt(document.getElementById('shown').textContent)"
DRAWN_ROWS = "[...document.querySelectorAll('#clips tbody tr')].filter((row) => row.offsetHeight > 0).length"
TO_THE_END = "(() => { const box = document.querySelector('.tall'); box.scrollTop = box.scrollHeight; })()"
COLUMN = "[...document.querySelectorAll('#clips tbody tr')].map((row) => row.cells[9].dataset.v).filter((v) => v !== '').map(Number)"


def took_ms(page, act):
    page.evaluate(DRAWN)
    start = time.monotonic()
    act()
    page.evaluate(DRAWN)
    return 1000 * (time.monotonic() - start)


with sync_playwright() as play:
    browser = play.chromium.launch(
        executable_path=chromium,
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    found = {}
    found["open_ms"] = took_ms(page, lambda: page.goto((folder / "index.html").as_uri()))
    found["rows"] = page.evaluate(SHOWN)
    found["wide"] = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth")
    head = page.get_by_role("button", name="Blinks, /min")
    found["sort_ms"] = took_ms(page, head.click)
    values = page.evaluate(COLUMN)
    found["sorted"] = values == sorted(values)
    head.click()
    values = page.evaluate(COLUMN)
    found["reversed"] = values == sorted(values, reverse=True)
    if shot := os.environ.get("SHOT"):
        page.screenshot(path=shot, full_page=True)
    found["filter_ms"] = took_ms(page, lambda: page.select_option("#status", "failed"))
    found["filtered"] = page.evaluate(SHOWN)
    # Rows appear as they are scrolled to, up to the last.
    page.select_option("#status", "partial")
    found["partial"] = page.evaluate(SHOWN)
    for _ in range(found["partial"] // 150 + 1):
        page.evaluate(TO_THE_END)
        page.evaluate(DRAWN)
    found["scrolled"] = page.evaluate(DRAWN_ROWS)
    page.select_option("#status", "")
    found["at_once"] = page.evaluate(DRAWN_ROWS)
    page.fill("#text", "S007")
    page.evaluate(DRAWN)
    found["searched"] = page.evaluate(SHOWN)
    page.fill("#text", "")
    page.locator("#clips tbody a").first.click()
    page.wait_for_load_state()
    found["report"] = page.inner_text("h1")
    found["errors"] = errors
    browser.close()
print(json.dumps(found))
