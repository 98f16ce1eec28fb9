#!/usr/bin/env bash
# Runs the store's threaded tests under ThreadSanitizer. The store has no unsafe code, but the
# libraries below it do. A race fails; inconclusive if the sanitizer is missing, or misses a planted
# race. About 3 minutes, mostly the tests, which run ten times slower.
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

# Sanitizers are unstable, but every compiler has them.
export RUSTC_BOOTSTRAP=1
flags=-Zsanitizer=thread
# The standard library is not instrumented; newer compilers require a flag to allow that.
if rustc -Cunsafe-allow-abi-mismatch=sanitizer --print cfg >/dev/null 2>&1; then
    flags="$flags -Cunsafe-allow-abi-mismatch=sanitizer"
fi
# So the sanitizer does not see synchronisation inside the library: the last owner of an `Arc` frees
# it after a fence, and the test harness passes results through its own queue. Neither is in the
# store.
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
rustc --edition 2024 --target "$host" -g $flags "$work/planted.rs" -o "$work/planted" >"$work/log" 2>&1 ||
    inconclusive "the sanitizer cannot build anything: $(grep -m 1 '^error' "$work/log" || true)"
if "$work/planted" >"$work/log" 2>&1 || ! grep -q 'ThreadSanitizer: data race' "$work/log"; then
    inconclusive "the sanitizer misses a planted race: $(grep -m 1 'ThreadSanitizer' "$work/log" || true)"
fi
echo "the planted race is detected: $(grep -m 1 '^SUMMARY' "$work/log" | sed "s|$work/||")"

export RUSTFLAGS=$flags CARGO_TARGET_DIR=target/tsan
tests=(cargo test -p sharded-store --target "$host" --test threads --test unlocked)
"${tests[@]}" --no-run >"$work/log" 2>&1 || {
    tail -20 "$work/log"
    # This is not the sanitizer: the planted race was built with it.
    echo "the store's tests cannot be built"
    exit 1
}
if "${tests[@]}" >"$work/log" 2>&1; then
    passed=$(sed -n 's/^test result: ok. \([0-9]*\) passed.*/\1/p' "$work/log" |
        awk '{ sum += $1 } END { print sum + 0 }')
    echo "no race: $passed tests passed under ThreadSanitizer"
    exit 0
fi
cat "$work/log"
# Check for failed assertions first: a panic passes through the standard library, which is then
# reported as a race too.
if grep -q '^test result: FAILED' "$work/log"; then
    echo "the tests failed under ThreadSanitizer"
else
    echo "a race: $(grep -m 1 '^SUMMARY' "$work/log" || tail -1 "$work/log")"
fi
exit 1
