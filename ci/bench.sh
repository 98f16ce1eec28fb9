#!/usr/bin/env bash
# Runs every benchmark once, so that benchmarks keep working. About 1 minute.
set -euo pipefail
cargo bench -p shardproof-benches -- --test
