#!/usr/bin/env bash
# Races that need weak memory show nowhere else: every litmus program under loom, on the store's own sources; then
# each litmus program against the faults that it is meant to find. About 6 minutes, most of it two release builds.
set -euo pipefail
SHARDPROOF_PROFILE=ci cargo test --release -p shardproof --features loom --test weak_memory --test litmus -- --nocapture
