#!/usr/bin/env bash
# Runs every benchmark once, so that none rots between the days somebody needs it. About 1 minute.
set -euo pipefail
cargo bench -p shardproof-benches -- --test
