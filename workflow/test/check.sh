#!/usr/bin/env bash
# Runs the workflow on a few clips, kills a shard on the way, and compares its tables with those of
# one `spasmograph batch`.
#
#   workflow/test/check.sh [SNAKEMAKE OPTION...]
#
# SPASMOGRAPH names the program (default: target/debug/spasmograph), SNAKEMAKE the engine (default:
# installed under target/), WORK the folder for it all (default: under target/).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
program=${SPASMOGRAPH:-$root/target/debug/spasmograph}
work=${WORK:-$root/target/workflow-test}
say() { printf 'check: %s\n' "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }

if [ -z "${SNAKEMAKE:-}" ]; then
  env=$root/target/workflow-env
  if ! [ -x "$env/bin/snakemake" ]; then
    say "installing snakemake under target/"
    python3 -m venv "$env"
    "$env/bin/pip" install --quiet --disable-pip-version-check -r "$root/workflow/requirements.txt"
  fi
  SNAKEMAKE=$env/bin/snakemake
fi

rm -rf "$work"
mkdir -p "$work/clips"
cd "$work"
cp "$root"/samples/{atypical-left,bilateral,indeterminate-few-events,typical-right}.mp4 clips/
cp clips/typical-right.mp4 clips/renamed-copy.mp4
head -c 60000 clips/bilateral.mp4 >clips/cut-short.mp4
: >clips/empty.mp4
echo "not a video" >clips/text.mp4
visit=0
{
  echo "clip,subject,visit,truth"
  for clip in clips/*.mp4; do
    truth=$root/samples/$(basename "$clip" .mp4).truth.json
    [ -f "$truth" ] || truth=
    echo "$clip,S1,$((visit += 1)),$truth"
  done
} >clips.csv

say "one batch"
status=0
"$program" batch clips.csv --out whole >whole.log 2>&1 || status=$?
[ "$status" = 3 ] || fail "exit status $status instead of 3: $(tail -n 3 whole.log)"

say "the workflow: $SNAKEMAKE $*"
"$SNAKEMAKE" --snakefile "$root/workflow/Snakefile" --directory "$work" --cores 2 "$@" \
  --config inputs=clips.csv out=parts shards=3 \
  "program=$root/workflow/test/kill-once.sh $work $program" >workflow.log 2>&1 ||
  fail "the workflow: $(tail -n 20 workflow.log)"
[ -e killed/at ] || fail "no shard was killed"
[ -e killed/again ] || fail "the killed shard was not tried again"
while read -r record; do
  [ ! "$record" -nt killed/at ] || fail "$record was done before the shard was killed, and again"
done <killed/done
say "shard 2 was killed with $(wc -l <killed/done) of its analyses done, and went on after them"

for table in whole/*.csv whole/*.parquet whole/index.html; do
  cmp "$table" "parts/${table#whole/}" || fail "$table differs"
done
say "$(wc -l <whole/clips.csv) lines in clips.csv; all tables and the page are the same"
ls parts/logs >&2
say "passed"
