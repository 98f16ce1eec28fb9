#!/usr/bin/env bash
# The store under every executor in the default profile, and every seeded fault hunted: a check that cannot fail
# proves nothing. About 6 minutes.
set -euo pipefail
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cargo run --release -- verify --out "$out"
cargo run --release -- verify --faults --out "$out"
for field in '"verifications"' '"could_have_failed"' '"how_ended": *"bounded' '"verdict": *"killed"'; do
    grep -qE "$field" "$out/evidence.json" || { echo "evidence.json lacks $field"; exit 1; }
done
# And a store that breaks its promises is caught by name.
if cargo run --release -- verify --profile smoke --subjects seed --out "$out" >"$out/seed.txt"; then
    echo "the literal design passed, and it should not"; exit 1
fi
grep -q 'subject `seed` breaks' "$out/seed.txt"
echo "verify: all faults killed, and the literal design caught"
