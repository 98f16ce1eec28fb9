#!/usr/bin/env bash
# Runs every benchmark once, so that benchmarks keep working. About 1 minute.
set -euo pipefail
cargo test --workspace --bench one_thread --bench two_threads
