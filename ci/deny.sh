#!/usr/bin/env bash
# Licences, advisories and banned crates of everything we depend on. Seconds. The tool is optional:
# without it this gate is inconclusive, and says so.
set -euo pipefail
if ! command -v cargo-deny >/dev/null; then
    echo "inconclusive: cargo-deny is not installed (cargo install cargo-deny --locked)"
    exit 0
fi
# Advisories need a database from the network; where it cannot be had, the rest still counts.
said=$(mktemp)
trap 'rm -f "$said"' EXIT
if cargo deny check advisories 2>"$said"; then
    echo "advisories: ok"
elif grep -qiE "failed to fetch advisory database" "$said"; then
    echo "inconclusive: the advisory database cannot be reached"
else
    cat "$said"
    exit 1
fi
cargo deny check bans licenses sources
