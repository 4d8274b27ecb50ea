"""Opens every export with a reader that knows nothing of this project and prints what it read.

usage: exports.py FOLDER; FOLDER holds one folder for each format.
"""

import glob
import json
import pathlib
import subprocess
import sys
import warnings

import pandas
import pyarrow.parquet
import pyedflib
import pympi

try:
    import mne
except ImportError:  # large, and pyedflib reads the same; used where it is there
    mne = None

warnings.simplefilter("ignore")
root = pathlib.Path(sys.argv[1])


def only(pattern):
    (path,) = glob.glob(str(root / pattern))
    return path


def edf():
    path = only("edf/*.edf")
    with pyedflib.EdfReader(path) as reader:
        onsets, lengths, texts = reader.readAnnotations()
        labels = reader.getSignalLabels()
        cheek = labels.index("cheek R")
        values = reader.readSignal(cheek)
        rate = reader.getSampleFrequency(cheek)
        lowest = reader.getPhysicalMinimum(cheek)
        unit = reader.getPhysicalDimension(cheek)
    return {
        "annotations": [[o, l, t] for o, l, t in zip(onsets.tolist(), lengths.tolist(), texts.tolist())],
        "mne": read_by_mne(path),
        "rate": rate,
        "unit": unit,
        "labels": labels,
        "peak_s": float(values.argmax()) / rate,
        "peak": float(values.max()),
        "missing_s": [float(i) / rate for i, v in enumerate(values) if abs(v - lowest) < 1e-9],
    }


def read_by_mne(path):
    if mne is None:
        return None
    own = mne.io.read_raw_edf(path, preload=True, verbose="error").annotations
    return [[o, l, t] for o, l, t in zip(
        own.onset.tolist(), own.duration.tolist(), own.description.tolist())]


def elan():
    eaf = pympi.Elan.Eaf(only("elan/*.eaf"))
    return {tier: [list(a[:3]) for a in eaf.get_annotation_data_for_tier(tier)]
            for tier in eaf.get_tier_names()}


def bids():
    folder = root / "bids"
    motion = folder / "sub-01" / "motion"
    name = "sub-01_task-face_tracksys-video"
    channels = pandas.read_csv(motion / f"{name}_channels.tsv", sep="\t")
    data = pandas.read_csv(motion / f"{name}_motion.tsv", sep="\t", header=None, na_values="n/a")
    data.columns = channels["name"]
    events = pandas.read_csv(motion / "sub-01_task-face_events.tsv", sep="\t")
    sidecar = json.loads((motion / f"{name}_motion.json").read_text())
    beside = [pathlib.Path(sys.executable).parent, *(pathlib.Path(p) / "bin" for p in sys.path)]
    validator = next((v for v in (b / "bids-validator-deno" for b in beside) if v.is_file()), None)
    problems = None
    if validator:
        run = subprocess.run([validator, "--json", folder], capture_output=True, text=True)
        issues = json.loads(run.stdout)["issues"]["issues"]
        problems = [i for i in issues if i.get("severity") == "error"]
    return {
        "latency": data["latency"].tolist(),
        "cheek": [None if pandas.isna(v) else v for v in data["cheek_right_mfu"]],
        "events": events[["onset", "duration", "trial_type"]].values.tolist(),
        "rate": sidecar["SamplingFrequency"],
        "channels": len(channels) - sidecar["MotionChannelCount"],
        "problems": problems,
    }


def table(path, **options):
    frame = pandas.read_csv(path, **options)
    return {"columns": frame.columns.tolist(), "rows": len(frame),
            "first": json.loads(frame.iloc[0].to_json()), "last": json.loads(frame.iloc[-1].to_json()),
            "empty": int(frame.isna().any(axis=1).sum())}


def parquet():
    if not (root / "parquet").is_dir():
        return None
    signals = pyarrow.parquet.read_table(root / "parquet" / "signals.parquet")
    events = pyarrow.parquet.read_table(root / "parquet" / "events.parquet").to_pandas()
    return {
        "types": {field.name: str(field.type) for field in signals.schema},
        "times": signals["time_s"].to_pylist(),
        "cheek": signals["cheek_right_mfu"].to_pylist(),
        "events": events[["kind", "onset_s"]].astype(object).where(events[["kind", "onset_s"]].notna(), None).values.tolist(),
    }


print(json.dumps({
    "edf": edf(),
    "elan": elan(),
    "bids": bids(),
    "openface": table(only("openface/*.csv")),
    "jefapato": table(only("jefapato/*.csv"), sep=";"),
    "csv": table(root / "csv" / "signals.csv"),
    "parquet": parquet(),
}))
