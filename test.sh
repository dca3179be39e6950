#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests. The last line is `N passed, N failed, N skipped`.
#   ./test.sh            every stage but lint and tsan, which run when they are named
#   ./test.sh --fast     what one runs while writing: under 2 minutes, no network
#   ./test.sh --list     the stages
#   ./test.sh STAGE...   some of them
set -euo pipefail
cd "$(dirname "$0")"
case "${1:-}" in
  --list | --fast) command -v python3 >/dev/null || tools/setup/install.sh build ;;
  *) tools/setup/install.sh test ;;
esac
exec python3 tests/run.py "$@"
