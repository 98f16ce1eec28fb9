#!/usr/bin/env bash
# A broken link in the documentation is a broken promise. About 1 minute.
set -euo pipefail
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
