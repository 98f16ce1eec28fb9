#!/usr/bin/env bash
# Verifies the store with every executor in the default profile, and hunts every seeded fault: a
# check that cannot fail proves nothing. About 8 minutes.
set -euo pipefail
# The checker agrees with an independent one on 120 000 histories, and versionless stores that break
# their promises are found in ten of ten quick runs.
cargo test --release -p shardproof --test library -- --ignored linearizability::
SHARDPROOF_PROFILE=ci cargo test --release -p shardproof --test library -- versionless_stores::
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cargo run --release -- verify --out "$out"
cargo run --release -- verify --faults --out "$out"
for field in '"verifications"' '"could_have_failed"' '"how_ended": *"bounded' '"verdict": *"killed"'; do
    grep -qE "$field" "$out/evidence.json" || { echo "evidence.json lacks $field"; exit 1; }
done
# A store that breaks its promises must fail, by name.
if cargo run --release -- verify --profile smoke --subjects seed --out "$out" >"$out/seed.txt"; then
    echo "the literal design passed, but must fail"; exit 1
fi
grep -q 'subject `seed` breaks' "$out/seed.txt"
echo "verify: all faults were killed, and the literal design failed"
