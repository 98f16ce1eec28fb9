#!/usr/bin/env bash
# Runs every litmus program under loom, on the store's own sources, and then against the faults it
# is meant to find. Only loom finds races that need weak memory. About 6 minutes, mostly two release
# builds.
set -euo pipefail
SHARDPROOF_PROFILE=ci cargo test --release -p shardproof --features loom --test library -- --nocapture weak_memory:: litmus::
