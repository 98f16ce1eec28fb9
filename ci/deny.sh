#!/usr/bin/env bash
# Checks licences, advisories and bans of all dependencies. Seconds. Inconclusive without
# cargo-deny.
set -euo pipefail
if ! command -v cargo-deny >/dev/null; then
    echo "inconclusive: cargo-deny is not installed (cargo install cargo-deny --locked)"
    exit 0
fi
# Advisories need a database from the network; without it, the other checks still count.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if cargo deny check advisories 2>"$log"; then
    echo "advisories: ok"
elif grep -qiE "failed to fetch advisory database" "$log"; then
    echo "inconclusive: the advisory database cannot be reached"
else
    cat "$log"
    exit 1
fi
cargo deny check bans licenses sources
