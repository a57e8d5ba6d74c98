#!/bin/sh
# An input that reports how full the disks are: one change per file system and report.
here=$(dirname "$0")
. "$here/protocol.sh"

report() {
  df -P -k | tail -n +2 | while read -r device kilobytes used _free _percent place; do
    printf '{"data":{"place":"%s","device":"%s","kilobytes":"%s","used":"%s"},' \
      "$(quoted "$place")" "$(quoted "$device")" "$(quoted "$kilobytes")" "$(quoted "$used")"
    printf '"metadata":{"TableName":"Disks","OperationType":"Read"}}\n'
  done
}

start ''
interval=$(number interval_s 60)
times=$(number times 0)

count=0
while :; do
  # Fails when nobody reads any more.
  report || exit 1
  count=$((count + 1))
  [ "$count" -ne "$times" ] || break
  sleep "$interval"
done
[ "$host" != relay ] || printf '{"type":"eof"}\n'
