#!/usr/bin/env bash
# A diff shows what changed only if everybody's editor lays code out alike. Seconds.
set -euo pipefail
cargo fmt --all --check
