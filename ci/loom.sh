#!/usr/bin/env bash
# Races that need weak memory show nowhere else: every litmus program under loom, on the store's own sources, and
# the faults that only loom finds. About 4 minutes, most of it the release build.
set -euo pipefail
SHARDPROOF_PROFILE=ci cargo test --release -p shardproof --features loom --test weak_memory -- --nocapture
