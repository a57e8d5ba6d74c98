import { setTimeout as sleep } from "node:timers/promises";
import { SqlError } from "../../sandbox/sqlserver/errors";
import type { Fault, Play } from "./fault";
import { disable, enable, enableAll, isThere, type TenantSource } from "./source-side";
import { pick } from "./workload";

const NO_SUCH_OBJECT = 208;
const SOME = ["items", "pairs"] as const;
/** What is a change of a table for sure. */
const CHANGED = {
  items: "DELETE dbo.items WHERE id = 701; INSERT dbo.items (id, name) VALUES (701, N'changed')",
  pairs: "DELETE dbo.pairs WHERE x = 50; INSERT dbo.pairs VALUES (50, 0, NULL, NULL)",
} as const;

/** What the sink must not see any more. */
const LATER = "INSERT dbo.items (id, name) VALUES (700, N'later')";

const rewound: Fault = {
  name: "backup restored: the log goes back",
  number: "16",
  side: "source",
  effect: "recopy",
  needs: { settled: true, whenNeeded: true },
  async strike(play, source) {
    const { side, dice, watch, sink } = play;
    if (!(await play.caughtUp(source))) return undefined;
    await watch.judge(source);
    const log = await side.log(source);
    const place = log[Math.max(0, log.length - 2 - dice.below(6))];
    if (place === undefined || log.length < 2) return undefined;
    watch.forget(source);
    await sink.query("DELETE FROM faults.seen WHERE place LIKE $1 || '.%'", [source.tenant]);
    side.control.rewindLog(source.database, Buffer.from(place.lsn, "hex"));
    // Seen as a log that is too short, or as one that is another one.
    if (dice.below(2) === 0) await sleep(2 * (play.scenario.behindMs ?? 0));
    return undefined;
  },
};

const agentStopped: Fault = {
  name: "SQL Server Agent stopped",
  number: "17",
  side: "source",
  strike({ side }) {
    side.control.stopAgent();
    return Promise.resolve(() => side.control.startAgent());
  },
};

const lagging: Fault = {
  name: "capture job lags",
  number: "18",
  side: "source",
  async strike({ side, transact }, source) {
    side.control.stopAgent();
    await side.run(source, "EXEC sys.sp_cdc_change_job @job_type = N'capture', @maxtrans = 1, @maxscans = 1");
    await transact(source, 4);
    side.control.startAgent();
    return undefined;
  },
};

const cleanedAway: Fault = {
  name: "cleanup passes a stream that was down",
  number: "19",
  side: "source",
  effect: "recopy",
  async strike(play, source) {
    const { streams, dice, scenario } = play;
    await streams.stop();
    await play.transact(source, 3 + dice.below(4));
    await cleanUpAll(play, source);
    streams.start(scenario.arm?.step === "snapshotReconciled" ? scenario.arm : undefined);
    return undefined;
  },
};

const cleanedMeanwhile: Fault = {
  name: "cleanup between the check and the read",
  number: "20",
  side: "source",
  effect: "recopy",
  async strike(play, source) {
    const { side, dice, watch } = play;
    side.control.stopAgent();
    await play.transact(source, 4 + dice.below(4));
    await watch.judge(source);
    side.control.cleanUpDuring({ match: /_CT\]/, afterRows: dice.below(4), database: source.database });
    side.captureAll(source);
    watch.forget(source);
    side.control.startAgent();
    return undefined;
  },
};

const dummies: Fault = {
  name: "LSNs without a transaction",
  number: "21",
  side: "source",
  async strike({ side, dice, transact }, source) {
    for (let left = 1 + dice.below(3); left > 0; left -= 1) {
      side.control.writeDummyLsn(source.database);
      await transact(source, 1);
    }
    return undefined;
  },
};

const dropped: Fault = {
  name: "capture instance dropped and made again",
  number: "22",
  side: "source",
  effect: "recopy",
  async strike({ side, dice, transact }, source) {
    const table = pick(dice, SOME);
    await side.run(source, disable(table));
    await transact(source, 3);
    return async () => {
      side.captureAll(source);
      await side.run(source, enable(table));
    };
  },
};

const second: Fault = {
  name: "second capture instance, the first one dropped",
  number: "23",
  side: "source",
  needs: { settled: true },
  async strike(play, source) {
    const { side, dice, sink } = play;
    const picked = pick(dice, SOME);
    // An instance made after a rename has the new name only, which a person has to decide on.
    const table = source.spare === "other_name" ? "pairs" : picked;
    const name = `dbo_${table}_2`;
    await side.run(source, enable(table, name));
    await play.transact(source, 3);
    return async () => {
      const asked = `SELECT FROM cdc_management.source_tables WHERE source = 'erp/${source.database}' AND table_name = '${table}' AND capture_instance = '${name}'`;
      if (!(await comesTrue(async () => (await sink.query(asked)).length > 0))) return;
      // Another fault may have taken it away.
      await side.run(source, `IF ${isThere(name)} ${disable(table)}`);
    };
  },
};

const disabled: Fault = {
  name: "capture of the database turned off and on",
  number: "24",
  side: "source",
  effect: "recopy",
  async strike({ side, dice, watch, transact }, source) {
    await watch.judge(source);
    watch.forget(source);
    await side.run(source, "EXEC sys.sp_cdc_disable_db");
    await transact(source, 2 + dice.below(3));
    await side.run(source, enableAll());
    side.captureAll(source);
    return undefined;
  },
};

const added: Fault = {
  name: "column added",
  number: "25",
  side: "source",
  async strike({ side, workload }, source) {
    await side.run(source, "ALTER TABLE dbo.items ADD added int NULL");
    await workload.commit(source, ["UPDATE dbo.items SET added = id, qty = 7 WHERE id BETWEEN 0 AND 4"]);
    return undefined;
  },
};

const columnDropped: Fault = {
  name: "column dropped: the table stops before it",
  number: "25",
  side: "source",
  effect: "freeze",
  needs: { settled: true },
  async strike({ side, workload }, source) {
    source.frozen.set("items", await side.rows(source, "items"));
    await side.run(source, `ALTER TABLE dbo.items DROP COLUMN ${source.spare ?? ""}`);
    source.spare = undefined;
    await workload.commit(source, [LATER]);
    return undefined;
  },
};

const columnAltered: Fault = {
  name: "column altered: the table stops before it",
  number: "25",
  side: "source",
  effect: "freeze",
  needs: { settled: true },
  async strike({ side, workload }, source) {
    source.frozen.set("items", await side.rows(source, "items"));
    await side.run(source, `ALTER TABLE dbo.items ALTER COLUMN ${source.spare ?? ""} nvarchar(20) NULL`);
    await workload.commit(source, [LATER]);
    return undefined;
  },
};

const renamed: Fault = {
  name: "column renamed",
  number: "25",
  side: "source",
  effect: "rename",
  async strike({ side }, source) {
    if (source.spare !== "spare") return undefined;
    await side.run(source, "EXEC sp_rename 'dbo.items.spare', 'other_name', 'COLUMN'");
    source.spare = "other_name";
    return undefined;
  },
};

const denied: Fault = {
  name: "permission revoked (229) and granted",
  number: "30",
  side: "source",
  async strike({ side, sink, dice, scenario, workload }, source) {
    const { database } = source;
    const table = pick(dice, SOME);
    const deny = (isDenied: boolean): void =>
      unlessGone(() => side.control.denySelect(database, "cdc", `dbo_${table}_CT`, isDenied));
    deny(true);
    await workload.commit(source, [CHANGED[table]]);
    const asked = `SELECT FROM cdc_management.source_tables WHERE source = 'erp/${database}' AND state = 'stopped'`;
    if (dice.below(2) === 0 || scenario.arm !== undefined)
      await comesTrue(async () => (await sink.query(asked)).length > 0);
    return () => deny(false);
  },
};

/** Another fault may have taken the table away. */
function unlessGone(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SqlError && error.number === NO_SUCH_OBJECT)) throw error;
  }
}

/** All that was captured goes, but for the newest transaction. */
async function cleanUpAll({ side, watch }: Play, source: TenantSource): Promise<void> {
  side.captureAll(source);
  await watch.judge(source);
  watch.forget(source);
  side.control.cleanUp(source.database, 0);
}

async function comesTrue(look: () => Promise<boolean>): Promise<boolean> {
  for (let left = 150; left > 0; left -= 1) {
    if (await look()) return true;
    await sleep(10);
  }
  return false;
}

export const CAPTURE_FAULTS: readonly Fault[] = [
  rewound,
  agentStopped,
  lagging,
  cleanedAway,
  cleanedMeanwhile,
  dummies,
  dropped,
  second,
  disabled,
  added,
  columnDropped,
  columnAltered,
  renamed,
  denied,
];
