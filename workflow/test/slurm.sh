#!/usr/bin/env bash
# Starts a real Slurm on this machine (munge, a controller, two nodes; Debian's packages, which are
# installed where they are missing) and runs check.sh on it, or another command. Needs root.
# Everything it starts is ended again; its files lie in one scratch folder, to which
# /etc/slurm/slurm.conf points meanwhile.
#
#   workflow/test/slurm.sh [COMMAND...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
say() { printf 'slurm: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
[ "$(id -u)" = 0 ] || fail "needs root: it installs packages and starts daemons"

if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
  say "installing slurm-wlm and munge"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    slurm-wlm munge >/dev/null
fi

# What a run that was killed left behind.
left=$(readlink /etc/slurm/slurm.conf || true)
if [[ $left == /tmp/spasmograph-slurm.*/slurm.conf ]] && ! pgrep -x slurmctld >/dev/null; then
  rm -rf /etc/slurm/slurm.conf "${left%/slurm.conf}"
fi
[ ! -e /etc/slurm/slurm.conf ] || fail "/etc/slurm/slurm.conf: this machine has a Slurm of its own"
scratch=$(mktemp -d /tmp/spasmograph-slurm.XXXXXX)
chmod 755 "$scratch"
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  sleep 1
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait "${pids[@]}" 2>/dev/null || true
  [ "$(readlink /etc/slurm/slurm.conf)" != "$scratch/slurm.conf" ] || rm /etc/slurm/slurm.conf
  rm -rf "$scratch"
}
trap finish EXIT

# munge: its own user, key and socket.
mkdir "$scratch/munge"
dd if=/dev/urandom of="$scratch/munge/key" bs=1024 count=1 status=none
chmod 400 "$scratch/munge/key"
chown -R munge: "$scratch/munge"
# Others must reach the socket through this folder.
chmod 711 "$scratch/munge"
runuser -u munge -- munged --foreground --force --key-file="$scratch/munge/key" \
  --socket="$scratch/munge/socket" --pid-file="$scratch/munge/pid" \
  --log-file="$scratch/munge/log" --seed-file="$scratch/munge/seed" >/dev/null 2>&1 &
pids+=($!)

mkdir "$scratch"/{state,spool-n1,spool-n2,log}
cat >"$scratch/slurm.conf" <<CONF
ClusterName=kit
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=26817
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$scratch/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$scratch/state
SlurmdSpoolDir=$scratch/spool-%n
SlurmctldPidFile=$scratch/slurmctld.pid
SlurmdPidFile=$scratch/slurmd-%n.pid
SlurmctldLogFile=$scratch/log/slurmctld
SlurmdLogFile=$scratch/log/slurmd-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
MinJobAge=3600
NodeName=n1 NodeHostname=localhost Port=26818 CPUs=1 RealMemory=4000 State=UNKNOWN
NodeName=n2 NodeHostname=localhost Port=26819 CPUs=1 RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
CONF
# Jobs look for it in its usual place: the engine hands them nothing of this environment.
mkdir -p /etc/slurm
ln -s "$scratch/slurm.conf" /etc/slurm/slurm.conf

until [ -S "$scratch/munge/socket" ]; do sleep 0.2; done
slurmctld -D >/dev/null 2>&1 & pids+=($!)
for node in n1 n2; do
  slurmd -D -N "$node" >/dev/null 2>&1 & pids+=($!)
done
for _ in $(seq 60); do
  idle=$(sinfo --noheader --Node --format=%t 2>/dev/null | grep -c idle || true)
  [ "$idle" = 2 ] && break
  sleep 1
done
[ "$idle" = 2 ] || fail "the nodes do not come up: $(tail -n 5 "$scratch"/log/* 2>&1)"
say "$(sinfo --version): two nodes are idle"

if [ $# -gt 0 ]; then
  "$@"
else
  "$here/check.sh" --executor slurm --jobs 4 --latency-wait 30 --slurm-no-account \
    --slurm-status-command squeue --slurm-init-seconds-before-status-checks 10 \
    --default-resources mem_mb=1000 runtime=30
fi
