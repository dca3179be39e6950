#!/bin/sh
# Asks every Moldau server of this user to stop, as Kafka's script of this name does.
found=
for process in /proc/[0-9]*; do
  name=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline") || continue
  case $name in
    *moldau\ server* | *kafka-server-start.sh* | *kafka-run-class.sh*kafka.Kafka*)
      kill -s "${SIGNAL:-TERM}" "${process#/proc/}" 2>/dev/null && found=1 ;;
  esac
done
[ -n "$found" ] || { echo "No kafka server to stop"; exit 1; }
