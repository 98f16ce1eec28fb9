#!/usr/bin/env bash
# Builds the documentation and denies broken links. About 1 minute.
set -euo pipefail
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
