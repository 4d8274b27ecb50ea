"""Latency, losses and memory of live sessions, with a real page watching.

usage: PYTHONPATH=PLAYWRIGHT python3 benches/monitor.py PROGRAM CLIP [--seconds S] [--soak MINUTES]

Plays CLIP, scaled to each case's size and rate and repeated, in real time through `PROGRAM monitor`
while Chromium shows the page, and prints a table:

- program: from a frame's arrival to its numbers leaving the program, median and 95th percentile;
- page: from its arrival until the page has painted them (its clock is the machine's);
- lost: frames that gave way to newer ones;
- memory: resident set of the program after a tenth of the time and at the end.

Needs ffmpeg, Chromium and the Python package playwright.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time

from playwright.sync_api import sync_playwright


def percentile(values, part):
    return sorted(values)[round((len(values) - 1) * part)] if values else float("nan")


def film(clip, folder, width, height, rate, seconds):
    """The clip filling width x height at a rate, repeated for so many seconds."""
    once, whole = folder / f"once-{height}-{rate}.mp4", folder / f"whole-{height}-{rate}.mp4"
    run = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
    fill = f"scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height},fps={rate}"
    subprocess.run(run + ["-i", clip, "-vf", fill, "-an", "-c:v", "libx264", "-preset", "veryfast",
                          "-crf", "18", "-bf", "0", once], check=True)
    subprocess.run(run + ["-stream_loop", "-1", "-i", once, "-t", str(seconds), "-c", "copy", whole],
                   check=True)
    return whole


def resident_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def session(program, browser, clip, folder, seconds):
    out = folder / "session"
    shutil.rmtree(out, ignore_errors=True)
    child = subprocess.Popen([program, "monitor", "--port", "0", "--out", out, "--input", clip],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    url = next(m[1] for m in (re.search(r"page is at (\S+)", line) for line in child.stderr) if m)
    threading.Thread(target=child.stderr.read, daemon=True).start()
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(url)
    memory, began, program_ms, shown = [], time.time(), None, []
    while child.poll() is None and not page.evaluate("spasmograph.saved"):
        memory.append((time.time() - began, resident_mb(child.pid)))
        shown = page.evaluate("spasmograph.shown") or shown
        program_ms = page.evaluate("spasmograph.latency") or program_ms
        page.wait_for_timeout(1000)
    page.close()
    child.wait(timeout=120)
    record = json.loads((out / "session.json").read_text())
    early = next((mb for at, mb in memory if at > seconds / 10), float("nan"))
    return {
        "program": program_ms or [float("nan")] * 2,
        "page": [percentile(shown, 0.5), percentile(shown, 0.95)],
        "arrived": record["arrived"],
        "lost": record["dropped"],
        "memory": [early, memory[-1][1]],
    }


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("program")
    words.add_argument("clip")
    words.add_argument("--seconds", type=float, default=60)
    words.add_argument("--soak", type=float, default=0, metavar="MINUTES")
    words.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    asked = words.parse_args()
    cases = [(1280, 720, 30, asked.seconds), (640, 480, 60, asked.seconds)]
    if asked.soak:
        cases.append((1280, 720, 30, 60 * asked.soak))
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| case | seconds | program ms, median and 95 % | page ms, median and 95 % | lost | memory MB |")
    print("|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        folder = pathlib.Path(folder)
        browser = play.chromium.launch(
            executable_path=asked.chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        for width, height, rate, seconds in cases:
            clip = film(asked.clip, folder, width, height, rate, seconds)
            got = session(asked.program, browser, clip, folder, seconds)
            print(f"| {width}x{height} at {rate} | {seconds:.0f} "
                  f"| {got['program'][0]:.0f}, {got['program'][1]:.0f} "
                  f"| {got['page'][0]:.0f}, {got['page'][1]:.0f} "
                  f"| {got['lost']} of {got['arrived']} "
                  f"| {got['memory'][0]:.0f}, {got['memory'][1]:.0f} |", flush=True)
        browser.close()
    print(f"\nload after: {os.getloadavg()[0]:.1f}")


main()
