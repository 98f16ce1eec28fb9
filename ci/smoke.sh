#!/usr/bin/env bash
# Runs the program as a user would, on every subject: measures, reports, and examines the machine.
# About 2 minutes, mostly the release build.
set -euo pipefail
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cargo run --release -- measure --profile smoke --out "$out"
for field in '"schema": *"shardproof.evidence/2"' '"subject": *"sharded-plain"' '"acquire_ns"' '"bytes_per_version"' '"quantiles_ns"' '"core_to_core"'; do
    grep -qE "$field" "$out/evidence.json" || { echo "evidence.json lacks $field"; exit 1; }
done
cargo run --release -- report --from "$out" --out "$out"
for file in index.html report.md report.json csv/cells.csv hdr/latencies.hlog; do
    test -s "$out/$file" || { echo "the report lacks $file"; exit 1; }
done
if grep -qE '(src|href)="https?:' "$out/index.html"; then echo "index.html needs a network"; exit 1; fi
cargo run --release -- doctor
echo "smoke: evidence and report are complete"
