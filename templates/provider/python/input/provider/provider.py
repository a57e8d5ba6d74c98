#!/usr/bin/env python3
"""An input that counts. Replace what it reads; what is sent and saved stays."""

from protocol import Refused, run


def read(session):
    interval = session.config.get("interval_ms", 1000)
    last = session.config.get("max", float("inf"))
    if not isinstance(interval, (int, float)) or not isinstance(last, (int, float)):
        raise Refused("BAD_CONFIG", "interval_ms and max must be numbers")
    value = (session.state or {}).get("value", 0)
    while value < last and session.wait(interval / 1000):
        value += 1
        session.send({"value": value}, table="Numbers")
        # Where to go on, once everything that was sent so far has arrived.
        session.save({"value": value})


run(read=read)
