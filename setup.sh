#!/usr/bin/env bash
# Installs what this machine lacks to build and run Spasmograph, and fetches the face models.
# Safe to run again: does nothing when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "needs root to install: ${missing[*]}; run as root, or ask an administrator to install them"
  fi
}

command -v cargo >/dev/null || fail "Rust is missing: install it with rustup, then run this again"
command -v python3 >/dev/null || fail "Python 3 is missing: install python3 with pip, then run this again"
python3 -m pip --version >/dev/null 2>&1 ||
  fail "pip is missing for $(command -v python3): install python3-pip, then run this again"

missing=()
case "$(uname -s)" in
Linux)
  command -v dpkg-query >/dev/null ||
    fail "this Linux is neither Debian nor Ubuntu: install OpenCV 4 and FFmpeg 5.1 or later (both with headers), clang, libclang, pkg-config, a C++ compiler and ffmpeg, then run models/fetch.py"
  # OpenCV for picture work, FFmpeg's libraries for decoding and encoding, clang for the bindings of
  # both, ffmpeg for painted clips.
  for package in libopencv-dev libavcodec-dev libavformat-dev libavutil-dev libswscale-dev clang \
    libclang-dev pkg-config g++ ffmpeg; do
    status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
  done
  if [ "${#missing[@]}" -gt 0 ]; then
    say "installing ${missing[*]}"
    as_root apt-get update -qq || fail "apt-get update failed: check the network"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      "${missing[@]}" >/dev/null || fail "apt-get could not install: ${missing[*]}"
  fi
  ;;
Darwin)
  command -v brew >/dev/null || fail "Homebrew is missing: install it, then run this again"
  for package in opencv llvm pkgconf ffmpeg; do
    brew list --formula "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  if [ "${#missing[@]}" -gt 0 ]; then
    say "installing ${missing[*]}"
    brew install --quiet "${missing[@]}" || fail "Homebrew could not install: ${missing[*]}"
  fi
  ;;
*)
  fail "only Linux (Debian, Ubuntu) and macOS are supported"
  ;;
esac

python3 models/fetch.py
