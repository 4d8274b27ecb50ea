#!/usr/bin/env bash
# Runs a program, but kills the first try of shard 2 as soon as the batch has something to lose.
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
    exit 137
  fi
  ;;
esac
exec "$@"
