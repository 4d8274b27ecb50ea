#!/usr/bin/env python3
"""Compares the whole program with its floor and with the field's usual tool, on one clip.

    python3 benches/compare.py CLIP [--sizes 360x288 640x480 ...] [--rounds 2] [--seconds 30] [--ledger]
    python3 benches/compare.py CLIP --count [--sizes ...]

The clip is scaled to each size and looped to about --seconds. In each round, one after the other:
decoding alone, landmark inference alone, the whole analysis without overlay, and MediaPipe's FaceMesh
with refined landmarks on frames read by OpenCV, in Python. Of each, frames a second by the clock and
milliseconds of processor time a frame, both without what starting costs: medians over the rounds,
and the medians of the ratios within a round, which hold where single figures drift. With --ledger
the figures are added to benches/ledger.tsv.

--count counts instructions a frame instead, of the analysis, of decoding alone and of inference
alone, each over a short and a longer stretch whose difference leaves starting out: the same on a busy
machine as on an idle one. The processor counts them where perf may ask it; otherwise valgrind's
callgrind does, as on a machine without AVX-512.

--program and --floor name builds that are there already; without them both are built.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEDGER = ROOT / "benches" / "ledger.tsv"
SIZES = ["360x288", "640x480", "1280x720", "1920x1080"]
USUAL_TOOL = ["mediapipe==0.10.21", "numpy<2"]
FACE_MESH = """
import json, sys, time, cv2, mediapipe
mesh = mediapipe.solutions.face_mesh.FaceMesh(refine_landmarks=True)
frames, capture = 0, cv2.VideoCapture(sys.argv[1])
while True:
    there, frame = capture.read()
    if not there:
        break
    mesh.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    frames += 1
    if frames == 1:
        # Reading the model is not the tool's speed.
        start, spent = time.perf_counter(), time.process_time()
wall, cpu = time.perf_counter() - start, time.process_time() - spent
print(json.dumps({"frames": frames, "fps": (frames - 1) / wall, "cpu_ms": 1e3 * cpu / (frames - 1)}))
"""
# Stretches of a recording whose difference leaves out what starting costs, seconds.
SHORT_S, COUNTED_S = 0.5, 2.5
# Most of the usual tool's processor time, least of its rate, and most over the floor.
GOALS = {360: (0.6, 2.0), 640: (0.6, 2.0), 1280: (0.75, 1.8)}
FLOOR_GOAL = 1.2


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


def floor_program():
    """Builds the bench of decoding and inference alone."""
    build = ["cargo", "bench", "--no-run", "--bench", "floor", "--message-format", "json"]
    said = subprocess.run(build, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    built = (json.loads(line) for line in said.splitlines())
    return next(one["executable"] for one in built if one.get("target", {}).get("name") == "floor")


def scaled(clip, size, seconds, folder):
    """The clip at a size, repeated until it lasts about `seconds`."""
    shown = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]
    duration = float(run(["ffprobe", *shown, clip]))
    again = max(0, round(seconds / duration) - 1)
    width, height = size.split("x")
    fit = (
        f"scale={width}:{height}:force_original_aspect_ratio=decrease,"
        f"pad={width}:{height}:-1:-1,setsar=1"
    )
    once, out = pathlib.Path(folder) / f"once-{size}.mp4", pathlib.Path(folder) / f"{size}.mp4"
    encoding = ["-c:v", "libx264", "-preset", "medium", "-crf", "20", "-pix_fmt", "yuv420p"]
    some = ["-t", str(seconds), "-i", clip]
    run(["ffmpeg", "-v", "error", *some, "-vf", fit, "-an", *encoding, once])
    loop = ["-stream_loop", str(again), "-i", once, "-t", str(seconds)]
    run(["ffmpeg", "-v", "error", *loop, "-c", "copy", out])
    return out


def run(command):
    """The last line that a command prints."""
    result = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return (result.stdout.strip().splitlines() or [""])[-1]


def counters():
    """The commands that count a program's instructions, and what finds the number in their words."""
    perf = ["perf", "stat", "-x,", "-e", "instructions:u"]
    if shutil.which("perf"):
        tried = subprocess.run([*perf, "true"], capture_output=True, text=True)
        if tried.returncode == 0 and re.search(r"^\d+,", tried.stderr, re.MULTILINE):
            return perf, r"^(\d+),"
    if shutil.which("valgrind"):
        return ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"], r"Collected : (\d+)"
    sys.exit("neither perf nor valgrind can count instructions here")


def analyzed(program, clip, folder, end_s=None, before=()):
    """Frames that an analysis reads, and what it takes: seconds by the clock and of processors."""
    out = pathlib.Path(folder) / "out"
    command = [*before, program, "analyze", clip, "--overlay", "none", "--out", out]
    if end_s is not None:
        command += ["--end", str(end_s)]
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    wall = time.perf_counter() - start
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 3):
        sys.exit(f"analysis failed: {done.stderr}")
    cpu = now.ru_utime + now.ru_stime - spent.ru_utime - spent.ru_stime
    frames = json.loads((out / "analysis.json").read_text())["coverage"]["frames_read"]
    return {"frames": frames, "wall": wall, "cpu": cpu, "said": done.stderr}


def analysis(program, clip, folder):
    short, whole = (analyzed(program, clip, folder, end_s) for end_s in (SHORT_S, None))
    frames = whole["frames"] - short["frames"]
    return {
        "fps": frames / (whole["wall"] - short["wall"]),
        "cpu_ms": 1e3 * (whole["cpu"] - short["cpu"]) / frames,
    }


def counted(program, floor, clip, folder):
    """Instructions a frame of the analysis, of decoding and of inference."""
    command, pattern = counters()
    short = pathlib.Path(folder) / f"short-{clip.name}"
    run(["ffmpeg", "-v", "error", "-y", "-i", clip, "-t", str(SHORT_S), "-c", "copy", short])

    def instructions(said):
        return int(re.search(pattern, said, re.MULTILINE)[1])

    def alone(what, of):
        line = [*command, *floor, what, of]
        done = subprocess.run(line, capture_output=True, text=True, check=True, cwd=ROOT)
        return json.loads(done.stdout)["frames"], instructions(done.stderr)

    def whole(of):
        done = analyzed(program, of, folder, before=command)
        return done["frames"], instructions(done["said"])

    def a_frame(way):
        (frames, some), (more_frames, more) = way(short), way(clip)
        return (more - some) / (more_frames - frames)

    decoding = a_frame(lambda of: alone("decode", of))
    # Inference must be given frames.
    inference = a_frame(lambda of: alone("infer", of)) - decoding
    return {
        "decoding alone": decoding,
        "inference alone": inference,
        "whole analysis": a_frame(whole),
    }


def compared(program, floor, python, clip, size, options, folder):
    """Prints the figures of one size and returns them."""
    names = ["decoding alone", "inference alone", "whole analysis", "usual tool"]
    rounds = []
    for _ in range(options.rounds):
        rounds.append(
            [
                json.loads(run([*floor, "decode", clip])),
                json.loads(run([*floor, "infer", clip])),
                analysis(program, clip, folder),
                json.loads(run([python, "-c", FACE_MESH, clip])),
            ]
        )
    print(f"{size}, {rounds[0][0]['frames']} frames, median of {options.rounds}")
    figures = {}
    for i, name in enumerate(names):
        fps, cpu = (statistics.median(r[i][unit] for r in rounds) for unit in ("fps", "cpu_ms"))
        figures[name] = (fps, cpu)
        print(f"  {name:16} {fps:8.1f} frames/s {cpu:8.2f} ms of processor time a frame")
    over = statistics.median(min(d["fps"], i["fps"]) / a["fps"] for d, i, a, _ in rounds)
    share = statistics.median(a["cpu_ms"] / u["cpu_ms"] for _, _, a, u in rounds)
    speed = statistics.median(a["fps"] / u["fps"] for _, _, a, u in rounds)
    most, least = GOALS.get(int(size.split("x")[0]), (None, None))
    goal = lambda text, value: f" (goal {text} {value})" if value else ""
    print(f"  processor time over the usual tool's: {share:.2f}{goal('<=', most)}")
    print(f"  rate over the usual tool's: {speed:.2f}{goal('>=', least)}")
    print(f"  time over the floor (slower of decoding, inference): {over:.2f}{goal('<=', FLOOR_GOAL)}")
    return figures, [share, speed, over]


def note(clip, size, figures, ratios):
    """Adds a line to the ledger of speeds."""
    if not LEDGER.exists():
        names = [f"{name.replace(' ', '_')}_{unit}" for name in figures for unit in ("fps", "cpu_ms")]
        columns = ["date", "commit", "clip", "size", "load", *names]
        LEDGER.write_text("\t".join([*columns, "cpu_over_usual", "rate_over_usual", "over_floor"]) + "\n")
    commit = run(["git", "describe", "--always", "--dirty=+", "--abbrev=10"])
    values = [f"{value:.2f}" for pair in figures.values() for value in pair]
    ratios = [f"{ratio:.2f}" for ratio in ratios]
    line = [str(datetime.date.today()), commit, clip.name, size, f"{os.getloadavg()[0]:.1f}"]
    with LEDGER.open("a") as ledger:
        ledger.write("\t".join([*line, *values, *ratios]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip")
    parser.add_argument("--sizes", nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--count", action="store_true")
    parser.add_argument("--ledger", action="store_true")
    parser.add_argument("--program", type=pathlib.Path)
    parser.add_argument("--floor", type=pathlib.Path)
    options = parser.parse_args()
    clip = pathlib.Path(options.clip).resolve()

    program = options.program and options.program.resolve()
    if program is None:
        subprocess.run(["cargo", "build", "--quiet", "--release"], check=True, cwd=ROOT)
        program = ROOT / "target" / "release" / "spasmograph"
    floor = [options.floor.resolve() if options.floor else floor_program()]
    with tempfile.TemporaryDirectory() as folder:
        if options.count:
            for size in options.sizes:
                one = scaled(clip, size, COUNTED_S, folder)
                for name, instructions in counted(program, floor, one, folder).items():
                    print(f"{size} {name:16} {instructions / 1e6:8.2f} million instructions a frame")
            return
        python = usual_tool_python()
        print(f"{clip.name}, load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for size in options.sizes:
            one = scaled(clip, size, options.seconds, folder)
            figures, ratios = compared(program, floor, python, one, size, options, folder)
            if options.ledger:
                note(clip, size, figures, ratios)


if __name__ == "__main__":
    main()
