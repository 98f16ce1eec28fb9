#!/usr/bin/env bash
# Checks the formatting, so that diffs show only real changes. Seconds.
set -euo pipefail
cargo fmt --all --check
