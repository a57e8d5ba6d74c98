#!/usr/bin/env python3
"""An output that writes each change once into SQLite. init makes the database, destroy removes it when it is empty."""

import hashlib
import json
import os
import sqlite3

from protocol import Refused, run

TABLE = "CREATE TABLE IF NOT EXISTS change (id TEXT PRIMARY KEY, source TEXT, operation TEXT, data TEXT, metadata TEXT)"


def write(session, envelopes):
    """One transaction for all that came together; what came before already changes nothing."""
    if not hasattr(session, "database"):
        session.database = opened(path_of(session.config))
    with session.database as transaction:
        transaction.executemany("INSERT OR IGNORE INTO change VALUES (?, ?, ?, ?, ?)", map(row_of, envelopes))


def row_of(envelope):
    data, metadata = envelope["data"], envelope["metadata"]
    return (
        identity(data, metadata),
        metadata["TableName"],
        metadata["OperationType"],
        json.dumps(data, ensure_ascii=False),
        json.dumps(metadata, ensure_ascii=False),
    )


def identity(data, metadata):
    """The same for the same change, whenever it comes: its position, else what it says."""
    where = [metadata.get(key) for key in ("Database", "Schema", "TableName", "OperationType", "Position", "LSN")]
    return hashlib.sha256(json.dumps([where, data], sort_keys=True).encode()).hexdigest()


def opened(path):
    # A relay that starts the output anew may do so before the last one is gone.
    database = sqlite3.connect(path, timeout=30)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(TABLE)
    return database


def path_of(config):
    path = config.get("path")
    if not isinstance(path, str) or path == "":
        raise Refused("BAD_CONFIG", "path must name a file")
    return path


class Infrastructure:
    """What has to be there before the first change."""

    def init(self, config):
        answer = self.plan(config)
        opened(path_of(config)).close()
        return answer

    def plan(self, config):
        path = path_of(config)
        return {"changes": [] if os.path.exists(path) else [change("create", path)]}

    def status(self, config):
        path = path_of(config)
        if not os.path.exists(path):
            return {"resources": [{"kind": "database", "name": path, "state": "absent"}]}
        detail = f"{count(path)} changes"
        return {"resources": [{"kind": "database", "name": path, "state": "present", "detail": detail}]}

    def destroy(self, config):
        path = path_of(config)
        if not os.path.exists(path):
            return {}
        if count(path) > 0:
            error = {"code": "NOT_EMPTY", "message": f"{path} holds changes: remove the file yourself"}
            return {"status": "failed", "error": error}
        for file in (path, f"{path}-wal", f"{path}-shm"):
            if os.path.exists(file):
                os.remove(file)
        return {"changes": [change("delete", path)]}


def count(path):
    database = opened(path)
    try:
        return database.execute("SELECT count(*) FROM change").fetchone()[0]
    finally:
        database.close()


def change(action, path):
    return {"action": action, "kind": "database", "name": path}


run(write=write, infrastructure=Infrastructure())
