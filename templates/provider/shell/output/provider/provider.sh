#!/bin/sh
# An output that appends changes to a file. Replace what it does with a line; confirm it when that is durable.
here=$(dirname "$0")
. "$here/protocol.sh"

start '"ack"'
path=$(value path '')
[ -n "$path" ] || refuse BAD_CONFIG "path must name a file"

count=0
while IFS= read -r change; do
  printf '%s\n' "$change" >>"$path" || refuse WRITE_FAILED "the file can't be written"
  count=$((count + 1))
  [ "$host" != relay ] || printf '{"type":"ack","count":%d}\n' "$count"
done
