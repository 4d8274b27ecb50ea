#!/usr/bin/env python3
"""Compares the whole program with its floor and with the field's usual tool, on one clip.

    python3 benches/compare.py CLIP [--rounds 3] [--seconds 60]

In each round, one after the other on the same clip (looped to about --seconds): decoding alone,
landmark inference alone, the whole analysis without overlay, and MediaPipe's FaceMesh with
refined landmarks on frames read by OpenCV, in Python. Prints frames a second (median over the
rounds) and the ratios, which hold where single figures drift.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
USUAL_TOOL = ["mediapipe==0.10.21", "numpy<2"]
FACE_MESH = """
import sys, time, cv2, mediapipe
mesh = mediapipe.solutions.face_mesh.FaceMesh(refine_landmarks=True)
start, frames, capture = time.perf_counter(), 0, cv2.VideoCapture(sys.argv[1])
while True:
    there, frame = capture.read()
    if not there:
        break
    mesh.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    frames += 1
print(frames / (time.perf_counter() - start))
"""


def usual_tool_python():
    """An environment of its own for the usual tool, made once under target/."""
    folder = ROOT / "target" / "usual-tool"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        print("installing the usual tool (once) ...", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *USUAL_TOOL], check=True)
        ready.touch()
    return python


def looped(clip, seconds, folder):
    """The clip repeated, without encoding anew, until it lasts about `seconds`."""
    duration = float(
        subprocess.run(
            ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", clip],
            check=True, capture_output=True, text=True,
        ).stdout
    )
    again = max(0, round(seconds / duration) - 1)
    out = pathlib.Path(folder) / f"looped{pathlib.Path(clip).suffix}"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-stream_loop", str(again), "-i", clip,
         "-c", "copy", "-an", out],
        check=True,
    )
    return out


def run(command):
    result = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return result.stdout.strip().splitlines()[-1]


def analysis_fps(program, clip, frames, folder):
    start = time.perf_counter()
    done = subprocess.run(
        [program, "analyze", clip, "--overlay", "none", "--out", pathlib.Path(folder) / "out"],
        capture_output=True, text=True,
    )
    if done.returncode not in (0, 3):
        sys.exit(f"analysis failed: {done.stderr}")
    return frames / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    original = pathlib.Path(options.clip).resolve()

    python = usual_tool_python()
    subprocess.run(["cargo", "build", "--quiet", "--release"], check=True, cwd=ROOT)
    program = ROOT / "target" / "release" / "spasmograph"

    names = ["decoding alone", "inference alone", "whole analysis", "usual tool"]
    figures = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        clip = looped(original, options.seconds, folder)
        for _ in range(options.rounds):
            floor = json.loads(run(["cargo", "bench", "--quiet", "--bench", "floor", "--", clip]))
            figures["decoding alone"].append(floor["decoding_fps"])
            figures["inference alone"].append(floor["inference_fps"])
            figures["whole analysis"].append(
                analysis_fps(program, clip, floor["frames"], folder)
            )
            figures["usual tool"].append(float(run([python, "-c", FACE_MESH, clip])))

    print(f"{original.name}, {floor['frames']} frames, median of {options.rounds}")
    for name in names:
        print(f"  {name:16} {statistics.median(figures[name]):8.1f} frames/s")
    pairs = list(zip(*(figures[name] for name in names)))
    floors = statistics.median(min(d, i) / a for d, i, a, _ in pairs)
    usual = statistics.median(a / u for _, _, a, u in pairs)
    print(f"  time over the floor (slower of decoding, inference): {floors:.2f} (goal <= 1.35)")
    print(f"  speed over the usual tool: {usual:.2f} (goal >= 2.5)")


if __name__ == "__main__":
    main()
