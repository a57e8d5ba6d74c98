# The provider protocol of pulumi-cdc for POSIX shells: lines of JSON on stdin and stdout. To be sourced.
# docs/protocol.md of pulumi-cdc tells all of it. stdout belongs to the protocol; logs go to stderr.
#
# JSON is read with sed: enough for a config of words and numbers, one level deep.

# about <key>: a word of provider.json.
about() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$here/provider.json" | head -n 1; }

# value <key> <default>: a word or a number of the first line.
value() {
  found=$(printf '%s\n' "$line" | sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\{0,1\}\([^\",}]*\).*/\1/p")
  printf '%s' "${found:-$2}"
}

# number <key> <default>: refuses what is none.
number() {
  found=$(value "$1" "$2")
  case $found in '' | *[!0-9]*) refuse BAD_CONFIG "$1 must be a whole number" ;; esac
  printf '%s' "$found"
}

# quoted <text>: as it stands between the quotes of a JSON string.
quoted() { printf '%s' "$1" | tr -d '\000-\037' | sed 's/[\\"]/\\&/g'; }

# refuse <CODE> <message>: the message must hold no secret.
refuse() {
  printf '{"type":"error","code":"%s","message":"%s","retryable":false}\n' "$1" "$2" >&3
  kill -s USR1 $$
  exit 2
}

# start <capabilities>: reads the first line and ends the handshake; sets $line, $command and $host.
start() {
  exec 3>&1
  trap 'exit 2' USR1
  IFS= read -r line || [ -n "$line" ] || refuse BAD_START "no line came on stdin"
  case $(printf '%s' "$line" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//') in
    '{'*'}') ;;
    *) refuse BAD_START "the first line of stdin is no JSON object" ;;
  esac
  # Before the handshake: who is told to stop afterwards ends well.
  trap 'exit 0' TERM INT
  command=$(value command '')
  host=relay
  [ -n "$(value protocol '')" ] || host=older
  if [ -z "$command" ]; then
    command=run
    host=shell
  elif ! printf '%s' "$line" | grep -q '"config"[[:space:]]*:[[:space:]]*{'; then
    refuse BAD_CONFIG "config is no JSON object"
  fi
  case $command in
    run) ready "$1" ;;
    init | plan | status | destroy) nothing_to_do ;;
    *) refuse UNKNOWN_COMMAND "the command is none of run, init, plan, status, destroy" ;;
  esac
}

ready() {
  case $host in
    relay)
      printf '{"type":"ready","protocol":1,"name":"%s","version":"%s","capabilities":[%s]}\n' \
        "$(about name)" "$(about version)" "$1"
      ;;
    older) printf '{"status":"ready"}\n' ;;
  esac
}

nothing_to_do() {
  printf '{"type":"result","command":"%s","status":"succeeded","changes":[],"resources":[],"message":"%s"}\n' \
    "$command" "this provider needs no infrastructure"
  exit 0
}
