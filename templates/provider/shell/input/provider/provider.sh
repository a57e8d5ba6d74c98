#!/bin/sh
# An input that counts. Replace what it reads.
here=$(dirname "$0")
. "$here/protocol.sh"

start ''
interval=$(number interval_ms 1000)
last=$(number max 0)

count=0
while [ "$last" -eq 0 ] || [ "$count" -lt "$last" ]; do
  count=$((count + 1))
  printf '{"data":{"value":%d},"metadata":{"TableName":"Numbers","OperationType":"Insert"}}\n' "$count"
  sleep "$((interval / 1000)).$(printf '%03d' $((interval % 1000)))"
done
[ "$host" != relay ] || printf '{"type":"eof"}\n'
