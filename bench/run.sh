#!/usr/bin/env bash
# Measures Moldau and Apache Kafka in the same run and prints the ratios.
#   bench/run.sh [--quick] [ROW...]     rows and their meaning: bench/run.sh --list
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 bench/run.py "$@"
