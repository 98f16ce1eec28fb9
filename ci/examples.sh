#!/usr/bin/env bash
# Runs the examples of docs/YOUR_STORE.md as a user would: a benchmark target run as a test, a store
# with a mistake, and one whose mistake only loom finds. About 1 minute after the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

cargo test -p own-store --benches
cargo run -p flat-map -- verify --profile smoke --out "$out/flat"
# A finding, and the command that reproduces it.
if cargo run -p relaxed-read -- verify --executors loom --out "$out" >"$out/loom.txt"; then
    echo "loom passed relaxed-read, which has a mistake"; exit 1
fi
grep -q 'subject `relaxed-read` breaks' "$out/loom.txt" || { cat "$out/loom.txt"; exit 1; }
# The same mistake does not show on the threads of an x86-64 processor.
if [ "$(uname -m)" = x86_64 ]; then
    cargo run -p relaxed-read -- verify --profile smoke --executors litmus,stress --out "$out/real"
fi
echo "examples: only loom found the mistake of relaxed-read"
