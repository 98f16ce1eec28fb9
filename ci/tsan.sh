#!/usr/bin/env bash
# The store has no unsafe code, but the tables and locks below it do: its threads' tests once more, under
# ThreadSanitizer. A race fails; a machine without the sanitizer is inconclusive, and so is one where it does not see
# a race that was put there. About 3 minutes, most of it the tests, which it slows down tenfold.
set -euo pipefail
cd "$(dirname "$0")/.."

inconclusive() {
    echo "inconclusive: $*"
    exit 0
}

for tool in cargo rustc; do
    command -v "$tool" >/dev/null || inconclusive "$tool is not installed"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
host=$(rustc -vV | sed -n 's/^host: //p')

# Sanitizers are not stable yet, but every compiler has them.
export RUSTC_BOOTSTRAP=1
flags=-Zsanitizer=thread
# The standard library comes without the sanitizer; newer compilers want to hear that this is meant.
if rustc -Cunsafe-allow-abi-mismatch=sanitizer --print cfg >/dev/null 2>&1; then
    flags="$flags -Cunsafe-allow-abi-mismatch=sanitizer"
fi
# So the sanitizer does not see what the library orders by itself. The last owner of an `Arc` frees it after a fence,
# and the test harness hands results over in a queue of its own; neither is the store's.
cat >"$work/suppressions" <<'WORDS'
race:>::drop_slow
race:test::event::CompletedTest
WORDS
export TSAN_OPTIONS="suppressions=$work/suppressions print_suppressions=0"

cat >"$work/planted.rs" <<'RUST'
static mut COUNT: u64 = 0;
fn main() {
    let count = || (0..1_000).for_each(|_| unsafe { *(&raw mut COUNT) += 1 });
    let threads = [std::thread::spawn(count), std::thread::spawn(count)];
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
RUST
# shellcheck disable=SC2086
rustc --edition 2024 --target "$host" -g $flags "$work/planted.rs" -o "$work/planted" >"$work/said" 2>&1 ||
    inconclusive "nothing can be built with the sanitizer: $(grep -m 1 '^error' "$work/said" || true)"
if "$work/planted" >"$work/said" 2>&1 || ! grep -q 'ThreadSanitizer: data race' "$work/said"; then
    inconclusive "the sanitizer does not see a planted race: $(grep -m 1 'ThreadSanitizer' "$work/said" || true)"
fi
echo "a planted race is seen: $(grep -m 1 '^SUMMARY' "$work/said" | sed "s|$work/||")"

export RUSTFLAGS=$flags CARGO_TARGET_DIR=target/tsan
tests=(cargo test -p sharded-store --target "$host" --test threads --test unlocked)
"${tests[@]}" --no-run >"$work/said" 2>&1 || {
    tail -20 "$work/said"
    # No matter of the sanitizer: the planted race was built with it.
    echo "the store's tests cannot be built"
    exit 1
}
if "${tests[@]}" >"$work/said" 2>&1; then
    passed=$(sed -n 's/^test result: ok. \([0-9]*\) passed.*/\1/p' "$work/said" |
        awk '{ sum += $1 } END { print sum + 0 }')
    echo "no race: $passed tests passed under ThreadSanitizer"
    exit 0
fi
cat "$work/said"
# First what was asserted: a panic passes through the standard library, and is then reported as a race too.
if grep -q '^test result: FAILED' "$work/said"; then
    echo "the tests failed under ThreadSanitizer"
else
    echo "a race: $(grep -m 1 '^SUMMARY' "$work/said" || tail -1 "$work/said")"
fi
exit 1
