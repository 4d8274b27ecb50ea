#!/usr/bin/env bash
# Runs a program, but kills the first try of shard 2 as soon as it has something to lose, and with
# it the job of Slurm that runs it. FOLDER/killed says that it was killed, FOLDER/killed/done which
# records it had written by then, FOLDER/killed/again that it was tried again.
#
#   kill-once.sh FOLDER PROGRAM ARGUMENT...     FOLDER holds the batch's `parts`
set -euo pipefail
folder=$1
shift

# The records of the shard's own clips: other shards write theirs to the same place.
done_of_shard_2() {
  local list analysis
  list=$(compgen -G "$folder/parts/shards/2-of-*.json") || return 0
  grep -lFf <(sed -n 's/^ *"clip": \(.*\),$/"path": \1,/p' "$list") \
    "$folder"/parts/results/*/analysis.json 2>/dev/null | while read -r analysis; do
    [ ! -e "${analysis%/*}/record.json" ] || echo "${analysis%/*}/record.json"
  done
}

case " $* " in
*" --shard 2/"*)
  if mkdir "$folder/killed" 2>/dev/null; then
    setsid "$@" &
    until done_of_shard_2 >"$folder/killed/done" && [ -s "$folder/killed/done" ]; do
      kill -0 $! 2>/dev/null || { echo "it was over before it was killed" >&2; exit 1; }
      sleep 0.1
    done
    kill -KILL -- -$!
    # What is done now must not be done again.
    touch "$folder/killed/at"
    [ -z "${SLURM_JOB_ID:-}" ] || scancel --signal=KILL --full "$SLURM_JOB_ID"
    exit 137
  fi
  touch "$folder/killed/again"
  ;;
esac
exec "$@"
