import type { Fault } from "./fault";

const stolen: Fault = {
  name: "lease stolen",
  number: "41",
  side: "coordination",
  async strike({ sink, scenario }, { database }) {
    await sink.query(
      "UPDATE cdc_management.leases SET holder = 'thief', token = token + 1, expires_at = clock_timestamp() + $2::int * interval '1 ms' WHERE name LIKE '%/' || $1",
      [database, Math.round(scenario.leaseTtlMs / 2)],
    );
    return undefined;
  },
};

const late: Fault = {
  name: "lease renewed too late",
  number: "42",
  side: "coordination",
  async strike({ sink, streams, dice }, { database }) {
    if (dice.below(2) === 0) streams.start();
    await sink.query(
      "UPDATE cdc_management.leases SET expires_at = clock_timestamp() - interval '1 ms' WHERE name LIKE '%/' || $1",
      [database],
    );
    return undefined;
  },
};

export const COORDINATION_FAULTS: readonly Fault[] = [stolen, late];
