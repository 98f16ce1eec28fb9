#!/usr/bin/env bash
# The program as a user starts it, on every subject, and what it wrote read back. About 1 minute, most
# of it the release build.
set -euo pipefail
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cargo run --release -- measure --profile smoke --out "$out"
for field in '"schema": *"shardproof.evidence/2"' '"subject": *"sharded-plain"' '"acquire_ns"' '"bytes_per_entry"'; do
    grep -qE "$field" "$out/evidence.json" || { echo "evidence.json lacks $field"; exit 1; }
done
echo "smoke: evidence.json is complete"
