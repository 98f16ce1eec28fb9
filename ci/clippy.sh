#!/usr/bin/env bash
# Denies warnings: warnings that may be ignored are ignored. About 1 minute.
set -euo pipefail
cargo clippy --workspace --all-targets -- -D warnings
