#!/usr/bin/env bash
# The threaded tests again, optimised and for at least ten million checked reads each: races need speed and
# numbers. About 2 minutes.
set -euo pipefail
SHARDPROOF_PROFILE=ci cargo test --release -p sharded-store --test threads --test unlocked -- --nocapture
