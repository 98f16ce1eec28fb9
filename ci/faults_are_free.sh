#!/usr/bin/env bash
# The seeded faults cost the store nothing where they are off: its machine code, and that of a caller's hot
# path, is the same to the byte when every hook is cut out of the sources. The variant with the faults on
# shows that the comparison can fail. About 1 minute.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The sources as they are, and a caller; both builds happen in the same folder, so that paths and the hashes
# made of them agree.
mkdir -p "$work/tree/probe/src"
cp -R store "$work/tree/store"
rm -rf "$work/tree/store/tests"
sed -e 's|^members = .*|members = ["store", "store/variants/faulty", "probe"]|' -e '/^default-members/d' \
    Cargo.toml >"$work/tree/Cargo.toml"
cp Cargo.lock "$work/tree/Cargo.lock"
cat >"$work/tree/probe/Cargo.toml" <<'TOML'
[package]
name = "probe"
version = "0.1.0"
edition = "2024"

[features]
faulty = ["dep:sharded-store-faulty"]

[dependencies]
sharded-store = { path = "../store" }
sharded-store-faulty = { path = "../store/variants/faulty", optional = true }
TOML
cat >"$work/tree/probe/src/lib.rs" <<'RUST'
#[cfg(not(feature = "faulty"))]
use sharded_store as store;
#[cfg(feature = "faulty")]
use sharded_store_faulty as store;
use store::{Error, Key, RunHandle, RunId, ShardedStore, Snapshot, Transaction, Value, Version, Versioned};

#[inline(never)]
pub fn handle_get_with(run: &RunHandle, key: &Key) -> Option<usize> {
    run.get_with(key, |value| value.len())
}
#[inline(never)]
pub fn handle_get(run: &RunHandle, key: &Key) -> Option<Versioned> {
    run.get(key)
}
#[inline(never)]
pub fn handle_contains(run: &RunHandle, key: &Key) -> bool {
    run.contains(key)
}
#[inline(never)]
pub fn handle_put(run: &RunHandle, key: &Key, value: Value) -> Result<Version, Error> {
    run.put(key, value)
}
#[inline(never)]
pub fn store_get_with(store: &ShardedStore, run: RunId, key: &Key) -> Option<usize> {
    store.get_with(run, key, |value| value.len())
}
#[inline(never)]
pub fn store_put(store: &ShardedStore, run: RunId, key: &Key, value: Value) -> Result<Version, Error> {
    store.put(run, key, value)
}
#[inline(never)]
pub fn snapshot_open(store: &ShardedStore) -> Snapshot {
    store.snapshot()
}
#[inline(never)]
pub fn snapshot_get(snapshot: &Snapshot, run: RunId, key: &Key) -> Option<Versioned> {
    snapshot.get(run, key)
}
#[inline(never)]
pub fn snapshot_close(snapshot: Snapshot) {
    drop(snapshot);
}
#[inline(never)]
pub fn commit(transaction: Transaction) -> Result<Option<Version>, Error> {
    transaction.commit()
}
RUST

# Machine code of the store and of the caller, in one file. Whole-program optimisation would put it out of sight, and
# debug information is about sources.
assemble() { # into, the store's crate, features of the caller
    local into=$1 store=$2 caller=${3-} crate features
    : >"$into"
    for crate in "$store" probe; do
        features=
        [ "$crate" = probe ] && features=$caller
        (cd "$work/tree" && CARGO_TARGET_DIR="$work/target" CARGO_PROFILE_RELEASE_LTO=off \
            CARGO_PROFILE_RELEASE_DEBUG=false RUSTFLAGS=-Awarnings \
            cargo rustc --quiet --offline -p "$crate" --lib --release ${features:+--features "$features"} \
            -- --emit asm)
        cat "$work"/target/release/deps/"${crate//-/_}"-*.s >>"$into"
    done
    rm -f "$work"/target/release/deps/*.s
}

# Cuts every hook out, leaving as many lines and columns behind as there were: panics name them.
cut_hooks() {
    find "$work/tree/store/src" -name '*.rs' ! -path '*/fault.rs' ! -path '*/fault/*' ! -name faulty.rs -print0 |
        xargs -0 perl -0777 -i -pe '
            our $block = qr/(\{(?:[^{}]++|(?-1))*\})/;
            sub blank { my $text = shift; $text =~ s/[^\n]/ /g; $text }
            # A condition that a fault only widens or narrows.
            s/(\s*(?:&&|\|\|) !?fault!\(\w+\))/blank($1)/ge;
            # A value that a fault replaces: what stands there otherwise stays.
            s/(if fault!\(\w+\) $block else )/blank($1)/ge;
            # What a fault leaves out: it stays, as a block.
            s/(if !fault!\(\w+\) )/blank($1)/ge;
            # What a fault does: it goes.
            s/((?:#\[cfg\(feature = "faults"\)\]\s*)?if fault!\(\w+\)[^{};]*?$block)/blank($1)/ge;
            s/(#\[cfg\(feature = "faults"\)\]\s*if let Some\(way\) = faulty::Way::armed\(\) $block)/blank($1)/ge;
            s/((?:#\[cfg\(feature = "faults"\)\]\s*)?use crate::fault::fault;)/blank($1)/ge;
        '
    if grep -rn 'fault!' "$work/tree/store/src" --include='*.rs' --exclude=fault.rs --exclude=faulty.rs \
        --exclude-dir=fault; then
        echo "a hook that this script does not know how to cut out"
        exit 1
    fi
}

hooks=$(grep -rn 'fault!(' store/src --include='*.rs' --exclude=fault.rs --exclude=faulty.rs | wc -l)
assemble "$work/with.s" sharded-store
assemble "$work/on.s" sharded-store-faulty faulty
cut_hooks
assemble "$work/without.s" sharded-store

for word in is_armed ARMED CATALOGUE faulty; do
    if grep -q "$word" "$work/with.s"; then
        echo "the store's machine code mentions \`$word\`"
        exit 1
    fi
done
if ! grep -q ARMED "$work/on.s"; then
    echo "the variant with faults does not look at their switch: this script looks in the wrong place"
    exit 1
fi
if ! cmp -s "$work/with.s" "$work/without.s"; then
    echo "the machine code differs:"
    diff "$work/without.s" "$work/with.s" | head -40
    exit 1
fi
functions=$(grep -cE '^[A-Za-z_][A-Za-z0-9_.$]*:$' "$work/with.s")
instructions=$(grep -cE '^	[a-z]' "$work/with.s")
instructions_on=$(grep -cE '^	[a-z]' "$work/on.s")
echo "identical: $functions functions, $instructions instructions, with $hooks hooks and without" \
    "(with the faults on: $instructions_on instructions)"
