#!/usr/bin/env python3
"""How far the landmarks are from MediaPipe's refined face mesh, in percent of a face unit.

    python3 -m venv venv && venv/bin/pip install mediapipe==0.10.21 'numpy<2'
    venv/bin/python benches/parity.py CLIP...

For each clip: the median and the 95th percentile over frames and points of the distance in the
picture, divided by that frame's distance between the outer canthi; for all points, the lids, the
corners of the mouth and the irises. Exits 1 when a median is over 0.5 percent.
"""

import pathlib
import subprocess
import sys
import tempfile

import cv2
import mediapipe
import numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent
POINTS = 478
# Columns before the points: time, presence, track, yaw, pitch, roll, face unit.
HEAD = 7
PRESENCE = 1
OUTER_CANTHI = [33, 263]
LIDS = [
    7, 163, 144, 145, 153, 154, 155, 246, 161, 160, 159, 158, 157, 173,
    249, 390, 373, 374, 380, 381, 382, 466, 388, 387, 386, 385, 384, 398,
]  # fmt: skip
GROUPS = {
    "all": list(range(POINTS)),
    "lids": LIDS,
    "mouth corners": [61, 291],
    "irises": list(range(468, POINTS)),
}
LIMIT = 0.5


def ours(clip):
    """Presence by frame, and points by frame in pixels."""
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch) / "landmarks"
        command = ["cargo", "bench", "--quiet", "--bench", "landmarks", "--"]
        subprocess.run(
            [*command, str(pathlib.Path(clip).resolve()), str(out)],
            cwd=ROOT,
            check=True,
            stdout=sys.stderr,
        )
        rows = numpy.fromfile(out, numpy.float32).reshape(-1, HEAD + 3 * POINTS)
    return rows[:, PRESENCE], rows[:, HEAD:].reshape(-1, POINTS, 3)


def theirs(clip):
    """Points by frame in pixels; not a number where there is no face."""
    capture = cv2.VideoCapture(clip)
    mesh = mediapipe.solutions.face_mesh.FaceMesh(refine_landmarks=True, max_num_faces=1)
    frames = []
    while True:
        read, picture = capture.read()
        if not read:
            return numpy.array(frames)
        found = mesh.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).multi_face_landmarks
        height, width = picture.shape[:2]
        points = numpy.full((POINTS, 2), numpy.nan)
        if found:
            points[:] = [[p.x * width, p.y * height] for p in found[0].landmark]
        frames.append(points)


def main():
    clips = sys.argv[1:]
    if not clips:
        sys.exit(__doc__)
    over = False
    for clip in clips:
        presence, mine = ours(clip)
        reference = theirs(clip)
        if len(mine) != len(reference):
            sys.exit(f"{clip}: {len(mine)} frames here, {len(reference)} there")
        both = (presence > 0) & ~numpy.isnan(reference[:, 0, 0])
        if not both.any():
            sys.exit(f"{clip}: no frame in which both see a face")
        mine, reference = mine[both, :, :2], reference[both]
        canthi = reference[:, OUTER_CANTHI]
        unit = numpy.linalg.norm(canthi[:, 0] - canthi[:, 1], axis=1)
        apart = 100 * numpy.linalg.norm(mine - reference, axis=2) / unit[:, None]
        print(f"{clip}: {both.sum()} of {len(both)} frames")
        for name, points in GROUPS.items():
            middle = numpy.median(apart[:, points])
            high = numpy.percentile(apart[:, points], 95)
            over |= middle > LIMIT
            print(f"  {name:<14} median {middle:.3f} %, 95th percentile {high:.3f} %")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
