#!/usr/bin/env bash
# Peak memory of the whole analysis on a clip of about one minute and of about thirty, made by
# looping CLIP without encoding anew. Flat memory is a ratio near 1 plus the per-frame signals.
set -euo pipefail
clip=${1:?usage: benches/memory.sh CLIP}
root=$(cd "$(dirname "$0")/.." && pwd)
cargo build --quiet --release --manifest-path "$root/Cargo.toml"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
duration=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$clip")
for minutes in 1 30; do
  again=$(python3 -c "print(max(0, round($minutes * 60 / $duration) - 1))")
  ffmpeg -v error -stream_loop "$again" -i "$clip" -c copy -an "$work/$minutes.mp4"
  peak=$(python3 - "$root/target/release/spasmograph" "$work/$minutes.mp4" "$work/out" <<'PY'
import resource, subprocess, sys
program, clip, out = sys.argv[1:]
subprocess.run([program, "analyze", clip, "--overlay", "none", "--out", out],
               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
PY
)
  echo "$minutes min: peak $peak MiB"
done
