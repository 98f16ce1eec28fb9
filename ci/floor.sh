#!/usr/bin/env bash
# The timed loop must not become more expensive unnoticed: it depends on inlining across packages,
# and one missing `#[inline]` defeats it. Counts the instructions per operation on `floor`, the
# subject that does nothing, and compares them with ci/floor.txt, so the load of the machine does
# not matter. Inconclusive without valgrind. About 1 minute.
set -euo pipefail
cd "$(dirname "$0")/.."

budgets=ci/floor.txt
if ! command -v valgrind >/dev/null; then
    echo "inconclusive: valgrind is not installed, so instructions cannot be counted"
    exit 0
fi
cargo build --release --quiet -p shardproof --example floor_cost
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One round is 8 passes of a stream of 16 384 operations.
operations=$((8 * 16384))
failed=0
while read -r mix budget; do
    case $mix in '' | '#'*) continue ;; esac
    valgrind --tool=callgrind --callgrind-out-file="$work/out" '--toggle-collect=*run_batch*' \
        target/release/examples/floor_cost 1 "$mix" >"$work/log" 2>&1 || {
        cat "$work/log"
        echo "inconclusive: valgrind cannot run this program"
        exit 0
    }
    count=$(sed -n 's/^summary: //p' "$work/out")
    if [ "${count:-0}" -eq 0 ]; then
        echo "no instructions were counted for $mix: was \`run_batch\` renamed?"
        exit 1
    fi
    per_operation=$(awk "BEGIN { printf \"%.1f\", $count / $operations }")
    if awk "BEGIN { exit !($per_operation > 1.2 * $budget) }"; then
        echo "FAIL: $mix takes $per_operation instructions per operation, more than 1.2 times the $budget of $budgets"
        failed=1
    else
        echo "$mix: $per_operation instructions per operation (budget $budget)"
    fi
done <"$budgets"
exit $failed
