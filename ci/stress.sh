#!/usr/bin/env bash
# Runs the threaded tests optimised, with at least ten million checked reads each: races need speed
# and large numbers. About 2 minutes.
set -euo pipefail
SHARDPROOF_PROFILE=ci cargo test --release -p sharded-store --test threads --test unlocked -- --nocapture
