"""The provider protocol of pulumi-cdc: lines of JSON on stdin and stdout. Nothing but Python's standard library.

docs/protocol.md of pulumi-cdc tells all of it. Nothing but this file may write to stdout; logs go to stderr.
"""

import json
import os
import signal
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
COMMANDS = ("run", "init", "plan", "status", "destroy")
CHUNK_BYTES = 256 * 1024


class Refused(Exception):
    """Something that can't be done. Its message must hold no secret."""

    def __init__(self, code, message, retryable=False):
        super().__init__(message)
        self.code, self.retryable = code, retryable


class Session:
    """One start of the provider: what it was told, and what it tells."""

    def __init__(self):
        self.stopping = threading.Event()
        self._waiting = True
        self._rest = b""
        self._sent = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        start = _start_of(self._first_line())
        self._waiting = False
        self.command = start["command"]
        self.config = start["config"]
        self.state = start.get("state")
        self.relay = start["host"] == "relay"
        self.host = start["host"]

    def send(self, data, table, operation="Insert", **metadata):
        """Sends one change. It leaves with the next save() or wait(), or when many have come together."""
        envelope = {"data": data, "metadata": {"TableName": table, "OperationType": operation, **metadata}}
        self._write(envelope)
        self._sent += 1

    def save(self, state):
        """Says where to go on once everything that was sent so far is confirmed."""
        if self.relay:
            self.tell(type="state", count=self._sent, state=state)

    def wait(self, seconds):
        """Pauses; answers whether to go on."""
        sys.stdout.buffer.flush()
        return not self.stopping.wait(seconds)

    def tell(self, **message):
        """Sends a control line at once."""
        self._write(message)
        sys.stdout.buffer.flush()

    def blocks(self):
        """Lines of stdin, as many as are there at a time; a last one that is cut off comes again from a relay."""
        while True:
            *lines, self._rest = self._rest.split(b"\n")
            if lines:
                yield lines
            chunk = self._read()
            if not chunk:
                break
            self._rest += chunk
        if self._rest and self.host == "shell":
            yield [self._rest]

    def _first_line(self):
        while b"\n" not in self._rest:
            chunk = self._read()
            if not chunk:
                break
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _read(self):
        self._waiting = threading.current_thread() is threading.main_thread()
        if self._waiting and self.stopping.is_set():
            raise SystemExit(0)
        try:
            return os.read(0, CHUNK_BYTES)
        finally:
            self._waiting = False

    def _write(self, message):
        sys.stdout.buffer.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    def _told_to_stop(self, _number, _frame):
        self.stopping.set()
        if self._waiting:
            raise SystemExit(0)


def log(level, message):
    """Writes to stderr, where the relay takes level and text from."""
    print(json.dumps({"level": level, "msg": message}), file=sys.stderr, flush=True)


def run(read=None, write=None, infrastructure=None):
    """Runs the provider. `read(session)` is an input, `write(session, envelopes)` an output: it returns when they are
    durable. `infrastructure` has init, plan, status and destroy, each with the config, each answering a dict."""
    started = False
    try:
        session = Session()
        started = True
        if session.command != "run":
            _lifecycle(session, infrastructure)
        elif read is not None:
            _run_input(session, read)
        else:
            _run_output(session, write)
    except BrokenPipeError:
        os._exit(1)  # nobody reads any more
    except Refused as refused:
        _fail(refused.code, str(refused), refused.retryable, 1 if started else 2)
    except Exception as error:  # the message of what nobody foresaw may quote a secret
        _fail("PROVIDER_FAILED", f"unexpected {type(error).__name__}", True, 1)


def _start_of(line):
    try:
        start = json.loads(line)
    except ValueError:
        start = None
    if not isinstance(start, dict):
        raise Refused("BAD_START", "the first line of stdin is no JSON object")
    if "command" not in start:
        return {"command": "run", "config": start, "host": "shell"}
    if start["command"] not in COMMANDS:
        raise Refused("UNKNOWN_COMMAND", "the command is none of " + ", ".join(COMMANDS))
    if not isinstance(start.get("config", {}), dict):
        raise Refused("BAD_CONFIG", "config is no JSON object")
    return {"config": {}, **start, "host": "relay" if "protocol" in start else "older"}


def _ready(session, capabilities):
    with open(os.path.join(HERE, "provider.json"), encoding="utf-8") as file:
        about = json.load(file)
    if session.relay:
        session.tell(type="ready", protocol=1, name=about["name"], version=about["version"], capabilities=capabilities)
    elif session.host == "older":
        session.tell(status="ready")


def _run_input(session, read):
    _ready(session, ["ack", "state"])
    if session.relay:
        threading.Thread(target=_stop_at_end_of_stdin, args=(session,), daemon=True).start()
    read(session)
    if session.relay and not session.stopping.is_set():
        session.tell(type="eof")
    sys.stdout.buffer.flush()


def _stop_at_end_of_stdin(session):
    for _acks in session.blocks():
        pass
    session.stopping.set()


def _run_output(session, write):
    _ready(session, ["ack"])
    count = 0
    for lines in session.blocks():
        try:
            envelopes = [json.loads(line) for line in lines]
        except ValueError:
            raise Refused("BAD_LINE", f"a line after the first {count} is no JSON") from None
        write(session, envelopes)
        count += len(lines)
        if session.relay:
            session.tell(type="ack", count=count)


def _lifecycle(session, infrastructure):
    answer = {"message": "this provider needs no infrastructure"}
    if infrastructure is not None:
        answer = getattr(infrastructure, session.command)(session.config)
    result = {"status": "succeeded", "changes": [], "resources": [], **answer}
    session.tell(type="result", command=session.command, **result)
    if result["status"] != "succeeded":
        sys.exit(1)


def _fail(code, message, retryable, exit_code):
    log("error", message)
    line = json.dumps({"type": "error", "code": code, "message": message, "retryable": retryable})
    sys.stdout.buffer.write(line.encode() + b"\n")
    sys.stdout.buffer.flush()
    sys.exit(exit_code)
