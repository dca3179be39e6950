#!/bin/sh
# Asks Moldau's servers of this user to stop: all of them, that of --node-id=N, or those whose
# process.roles are --process-role=ROLES. Which one a server is says the file that it was started
# with, and its --override. $SIGNAL, if set, is sent instead of TERM.
# Source: kafka-server-stop.sh, KIP-979.
node_id= role= found= unread=
for argument; do
  case $argument in
    --node-id=?*) node_id=${argument#*=} ;;
    --process-role=?*) role=${argument#*=} ;;
    *) echo "USAGE: $0 [--node-id=ID | --process-role=ROLES]" >&2; exit 1 ;;
  esac
done
if [ -n "$node_id" ] && [ -n "$role" ]; then
  echo "When both node-id and process-role are provided, the value for node-id will take precedence"
  role=
fi

# Of the words of a command line, one a line: is it a server; its file and its overrides.
look_at() {
  file= overrides=
  IFS='
'
  set -f
  set -- $1
  set +f
  unset IFS
  program=${1##*/}
  [ $# -eq 0 ] || shift
  case $program in
    moldau) [ "${1-}" = server ] || return 1; shift ;;
    kafka-server-start.sh) ;;
    kafka-run-class.sh)
      while [ "${1-kafka.Kafka}" != kafka.Kafka ]; do shift; done
      [ $# -gt 0 ] || return 1
      shift ;;
    *) return 1 ;;
  esac
  while [ $# -gt 0 ]; do
    case $1 in
      --override=*) overrides="$overrides
${1#*=}" ;;
      --override) shift; overrides="$overrides
${1-}" ;;
      -name | --data) shift ;;
      -*) ;;
      *) file=$1 ;;
    esac
    [ $# -eq 0 ] || shift
  done
}

# A key's value; the last one counts, as everywhere.
value_of() {
  printf '%s\n' "$settings$overrides" |
    sed -n "s/^[[:space:]]*$1[[:space:]]*[=:][[:space:]]*//p" | tail -n 1 | sed 's/[[:space:]]*$//'
}

for process in /proc/[0-9]*; do
  words=$(tr '\0' '\n' 2>/dev/null <"$process/cmdline") || continue
  look_at "$words" || continue
  if [ -n "$node_id$role" ]; then
    settings='process.roles=broker,controller
node.id=1'
    if [ -n "$file" ]; then
      case $file in /*) ;; *) file=$process/cwd/$file ;; esac
      settings=$(cat "$file") || { unread=1; continue; }
    fi
    if [ -n "$node_id" ]; then
      [ "$(value_of 'node\.id')" = "$node_id" ] || { found=${found:-another}; continue; }
    else
      [ "$(value_of 'process\.roles')" = "$role" ] || { found=${found:-another}; continue; }
    fi
  fi
  kill -s "${SIGNAL:-TERM}" "${process#/proc/}" 2>/dev/null && found=1
done
[ -z "$unread" ] || { echo "A server's configuration file cannot be read, so it goes on" >&2; exit 1; }
case $found in
  1) ;;
  another) echo "No kafka server of that ${node_id:+node id}${role:+role} to stop" ;;
  *) echo "No kafka server to stop"; exit 1 ;;
esac
