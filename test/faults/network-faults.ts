import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./fault";
import { pick } from "./workload";

/** What a stream asks a source: changes, moments, rows. */
const CHANGES = /_CT\]/;
const ASKED = [CHANGES, CHANGES, /lsn_time_mapping/, /change_tables/, /\[dbo\]\.\[/];

const reset: Fault = {
  name: "TCP reset in the middle of a row",
  number: "8",
  side: "source",
  strike({ side, dice }) {
    side.control.resetMidRow({ match: pick(dice, ASKED), afterRows: dice.below(6), times: 1 + dice.below(3) });
    return Promise.resolve(undefined);
  },
};

// These end before another fault begins: the test asks the source, too.
const halfOpen: Fault = {
  name: "half-open connections",
  number: "9",
  side: "source",
  async strike({ side, transact }, source) {
    const stall = side.control.halfOpen();
    await transact(source, 3);
    await sleep(40);
    stall.release();
    return undefined;
  },
};

const slow: Fault = {
  name: "slow network",
  number: "10",
  side: "source",
  async strike({ side, dice, transact }, source) {
    const stall = side.control.slowDown(pick(dice, [1, 1_000, 20_000]));
    await transact(source, 3);
    await sleep(60);
    stall.release();
    return undefined;
  },
};

const split: Fault = {
  name: "packets split and merged",
  number: "11",
  side: "source",
  strike({ side, dice }) {
    const { control } = side;
    const stall = dice.below(2) === 0 ? control.splitPackets(1 + dice.below(40)) : control.mergePackets(5);
    return Promise.resolve(() => stall.release());
  },
};

const held: Fault = {
  name: "answer held back, statement cancelled",
  number: "12",
  side: "source",
  async strike({ side, dice, streams, transact }, source) {
    const stall = side.control.stall({ match: pick(dice, ASKED), afterRows: dice.below(3) });
    await transact(source, 2);
    // Some are cancelled, since the stream is stopped meanwhile.
    if (dice.below(6) === 0) streams.worker?.signal("SIGTERM");
    return async () => {
      await sleep(20);
      stall.release();
    };
  },
};

const login: Fault = {
  name: "login refused, then accepted",
  number: "13",
  side: "source",
  async strike({ side, transact }, source) {
    side.control.changePassword("another one");
    side.control.disconnectAll();
    await transact(source, 3);
    await sleep(30);
    side.control.changePassword(side.server.password);
    return undefined;
  },
};

const deadlock: Fault = {
  name: "deadlock victim (1205)",
  number: "14",
  side: "source",
  strike({ side, dice }) {
    side.control.deadlock({ match: pick(dice, ASKED), times: 1 + dice.below(3) });
    return Promise.resolve(undefined);
  },
};

const failover: Fault = {
  name: "failover to a server that lags behind",
  number: "15",
  side: "source",
  async strike({ side, dice }, source) {
    side.captureAll(source);
    const log = await side.log(source);
    const place = log[Math.max(0, log.length - 1 - dice.below(8))];
    if (place === undefined) return undefined;
    const replica = side.control.failOver(source.database, Buffer.from(place.lsn, "hex"));
    await sleep(40);
    return () => replica.release();
  },
};

const offline: Fault = {
  name: "database offline",
  number: "16",
  side: "source",
  async strike({ side, dice }, { database }) {
    side.control.setOnline(database, false);
    if (dice.below(2) === 0) side.control.disconnectAll();
    await sleep(30 + dice.below(60));
    side.control.setOnline(database, true);
    return undefined;
  },
};

export const NETWORK_FAULTS: readonly Fault[] = [
  reset,
  halfOpen,
  slow,
  split,
  held,
  login,
  deadlock,
  failover,
  offline,
];
