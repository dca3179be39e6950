#!/usr/bin/env bash
# From a clone to a record produced and consumed, on a fresh Debian 12, as root or with sudo.
#   ./quickstart.sh           installs, builds, starts a broker, creates a topic, produces, consumes
#   ./quickstart.sh --build   installs and builds build/dist, and stops there
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }

say "installing what is missing"
tools/setup/install.sh build

say "building (release; a first build takes minutes, progress below)"
[ -f build/release/build.ninja ] || cmake --preset release -DMOLDAU_TESTS=OFF >/dev/null
NINJA_STATUS='[%f/%t %es] ' cmake --build --preset release --target dist
dist=build/dist
[ "${1:-}" = --build ] && { echo "built $dist"; exit 0; }

work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || :
  rm -rf "$work"
}
trap cleanup EXIT

say "starting a broker: $dist/bin/moldau server --data $work/data"
"$dist/bin/moldau" server --data "$work/data" 2>"$work/server.log" >"$work/server.out" &
server=$!
for _ in $(seq 100); do
  grep -q ' ready in ' "$work/server.out" "$work/server.log" && break
  kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
  sleep 0.05
done
grep -h ' ready in ' "$work/server.out" "$work/server.log"

say "creating a topic"
"$dist/bin/kafka-topics.sh" --bootstrap-server 127.0.0.1:9092 --create --topic quickstart --partitions 3

say "producing a record"
echo "hello from Moldau" |
  "$dist/bin/kafka-console-producer.sh" --bootstrap-server 127.0.0.1:9092 --topic quickstart

say "consuming it"
got=$("$dist/bin/kafka-console-consumer.sh" --bootstrap-server 127.0.0.1:9092 --topic quickstart \
  --from-beginning --max-messages 1 --timeout-ms 10000)
echo "$got"
[ "$got" = "hello from Moldau" ] || { echo "that is not what was produced" >&2; exit 1; }

say "it works. Next:"
cat <<NEXT
  $dist/bin/moldau server                 a broker on 127.0.0.1:9092, data in ./moldau-data
  $dist/bin/kafka-topics.sh --list --bootstrap-server 127.0.0.1:9092
  $dist/bin/moldau --help                 every tool
  ./test.sh --fast                        the quick tests
  docs/ARCHITECTURE.md                    where things are
NEXT
