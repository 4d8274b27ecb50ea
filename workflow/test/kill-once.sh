#!/usr/bin/env bash
# Runs a program, but kills the first try of shard 2 as soon as the batch has something to lose, and
# with it the job of Slurm that runs it. FOLDER/killed says that it was killed, FOLDER/killed/again
# that it was tried again.
#
#   kill-once.sh FOLDER PROGRAM ARGUMENT...     FOLDER holds the batch's `parts`
set -euo pipefail
folder=$1
shift
case " $* " in
*" --shard 2/"*)
  if mkdir "$folder/killed" 2>/dev/null; then
    setsid "$@" &
    until compgen -G "$folder/parts/results/*/record.json" >/dev/null; do sleep 0.1; done
    kill -KILL -- -$! || true
    [ -z "${SLURM_JOB_ID:-}" ] || scancel --signal=KILL --full "$SLURM_JOB_ID"
    exit 137
  fi
  touch "$folder/killed/again"
  ;;
esac
exec "$@"
