import { setTimeout as sleep } from "node:timers/promises";
import type { StreamStep } from "../../stream/run/steps";
import type { Fault } from "./fault";
import type { TenantSource } from "./source-side";
import { pick, type Workload } from "./workload";

const crashed: Fault = {
  name: "crash of PostgreSQL",
  number: "31",
  side: "sink",
  needs: { ownServer: true },
  async strike({ server, sink, dice }) {
    if (server === undefined) return undefined;
    await server.current.kill();
    await sleep(dice.below(60));
    await server.startAgain();
    await sink.reconnect();
    return undefined;
  },
};

const restarted: Fault = {
  name: "PostgreSQL restarted",
  number: "32",
  side: "sink",
  needs: { ownServer: true },
  async strike({ server, sink }) {
    if (server === undefined) return undefined;
    await server.current.stop();
    await server.startAgain();
    await sink.reconnect();
    return undefined;
  },
};

const terminated: Fault = {
  name: "sessions of PostgreSQL terminated",
  number: "32",
  side: "sink",
  async strike({ sink, dice }) {
    await sleep(dice.below(20));
    await sink.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pulumi-cdc'",
    );
    return undefined;
  },
};

/** The answer to COMMIT never comes: nobody knows whether it was done, and it was. */
const unknown: Fault = {
  name: "connection cut after COMMIT was sent",
  number: "33",
  side: "sink",
  needs: { relay: true },
  async strike({ relay, streams, dice, transact }, source) {
    const step = pick<StreamStep>(dice, ["recorded", "recorded", "snapshotRecorded", "stateRecorded"]);
    const { worker } = streams;
    worker?.arm({ step, nth: 1, act: "hold" });
    await transact(source, 2);
    if (worker === undefined || relay === undefined || !(await worker.untilStruck(100))) {
      worker?.go();
      return undefined;
    }
    relay.resetAfter(0);
    worker.go();
    await sleep(25);
    relay.resetAfter(Number.POSITIVE_INFINITY);
    return undefined;
  },
};

const serialization = struck("serialization failure (40001)", "34", "40001");
const deadlock = struck("deadlock in the sink (40P01)", "34", "40P01");
const diskFull = struck("disk full (53100)", "37", "53100");
const timeout = struck("statement timeout (57014)", "38", "57014");

const cancelled: Fault = {
  name: "statements in the sink cancelled",
  number: "38",
  side: "sink",
  async strike({ sink, dice }) {
    for (let left = 1 + dice.below(4); left > 0; left -= 1) {
      await sink.query(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pulumi-cdc' AND state = 'active'",
      );
      await sleep(4);
    }
    return undefined;
  },
};

const check = poison("row against a check", "35", (key) => [
  `INSERT dbo.items (id, name) VALUES (${key}, N'good')`,
  `UPDATE dbo.items SET amount = 666.666, name = N'bad' WHERE id = ${key}`,
]);
const unique = poison("row against a unique index", "35", (key) => [
  `INSERT dbo.pairs VALUES (${key}, 0, NULL, 'once${key}')`,
  `INSERT dbo.pairs VALUES (${key}, 1, N'bad', 'once${key}')`,
]);
const overflow = poison("number too large", "36", (key) => [
  `INSERT dbo.items (id, name, qty) VALUES (${key}, N'bad', 3000000000)`,
]);
const zeroByte = poison("text that PostgreSQL can't hold", "36", (key) => [
  `INSERT dbo.items (id, name) VALUES (${key}, N'bad' + NCHAR(0))`,
]);

const locked: Fault = {
  name: "table locked by DDL",
  number: "40",
  side: "sink",
  async strike({ sink, dice }, { tenant }) {
    const client = await sink.connect();
    await client.query(`BEGIN; LOCK TABLE ${tenant}.${pick(dice, ["items", '"stg_items"'])} IN ACCESS EXCLUSIVE MODE`);
    return async () => {
      await sleep(40);
      // Where the server was restarted meanwhile, nothing is locked any more.
      await client.query("COMMIT").catch(() => undefined);
      await client.end();
    };
  },
};

/** The sink refuses the next writes of rows, one to three times. */
function struck(name: string, number: string, state: string): Fault {
  return {
    name,
    number,
    side: "sink",
    async strike({ sink, dice }) {
      await sink.strike(state, 1 + dice.below(3));
      return () => sink.unstrike();
    },
  };
}

/** Rows that the sink must refuse, among good ones, under keys of their own: negative ones. */
function poison(name: string, number: string, statements: (key: string) => readonly string[]): Fault {
  return {
    name,
    number,
    side: "sink",
    async strike({ workload }, source) {
      await feed(workload, source, statements);
      return undefined;
    },
  };
}

async function feed(workload: Workload, source: TenantSource, statements: (key: string) => readonly string[]) {
  const key = -1 - source.poisoned.length;
  const [first = "", ...rest] = statements(String(key));
  source.poisoned.push({ table: first.includes("dbo.pairs") ? "pairs" : "items", key });
  await workload.commit(source, [first]);
  if (rest.length > 0) await workload.commit(source, rest);
}

export const SINK_FAULTS: readonly Fault[] = [
  crashed,
  restarted,
  terminated,
  unknown,
  serialization,
  deadlock,
  check,
  unique,
  overflow,
  zeroByte,
  diskFull,
  timeout,
  cancelled,
  locked,
];
