#!/usr/bin/env python3
"""An output that appends changes to a file. Replace what it does with them; return when they are durable."""

import json
import os

from protocol import Refused, run


def write(session, envelopes):
    path = session.config.get("path")
    if not isinstance(path, str):
        raise Refused("BAD_CONFIG", "path must name a file")
    with open(path, "a", encoding="utf-8") as file:
        file.writelines(json.dumps(envelope, ensure_ascii=False) + "\n" for envelope in envelopes)
        file.flush()
        # The lines are confirmed when this function returns: they must be on the disk then.
        os.fsync(file.fileno())


run(write=write)
