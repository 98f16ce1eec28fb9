#!/usr/bin/env bash
# Runs the packages in examples/ as docs/YOUR_STORE.md says: a benchmark target as cargo and nextest
# run it, measured, verified and reported; the same store with a mistake; and a store whose mistake
# only loom finds. About 1 minute after the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# With all packages selected, what the tests have compiled is used again.
cargo build --workspace --bin relaxed-read
target=$(cargo test --workspace --bench shardproof --features own-store/mistake --no-run 2>&1 |
    sed -n 's/.*(\(target.*shardproof-[0-9a-f]*\))$/\1/p')
expect() { # expect CODE COMMAND...: runs a command that must exit with this code.
    local code=0
    "${@:2}" >"$out/stdout" 2>"$out/stderr" || code=$?
    [ "$code" -eq "$1" ] || { cat "$out/stdout" "$out/stderr"; echo "exit $code of: ${*:2}"; exit 1; }
}

[ "$("$target" --list --format terse)" = "verify_smoke: test" ]
[ -z "$("$target" --list --format terse --ignored)" ]
expect 0 "$target" --skip verify_smoke
expect 0 "$target" verify --subjects ledger --profile smoke --out "$out/own" --bench
expect 0 "$target" measure --subjects ledger --profile smoke --out "$out/own" --bench
expect 0 "$target" report --from "$out/own" --bench
grep -q ledger "$out/own/index.html"
# The mistake fails the same store.
expect 4 "$target" verify --subjects ledger-4 --executors litmus,stress --out "$out/mistake" --bench
grep -q 'subject `ledger-4` breaks' "$out/stdout"

expect 4 target/debug/relaxed-read verify --profile smoke --executors loom --out "$out/loom"
grep -q 'subject `relaxed-read` breaks' "$out/stdout"
echo "examples: a mistake was found in ledger-4, and under loom in relaxed-read"
