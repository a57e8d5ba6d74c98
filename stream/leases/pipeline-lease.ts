import type { PgConfig } from "../../databases/postgres/config";
import { acquireLease, type AcquireOptions } from "./acquire-lease";
import type { Lease } from "./lease";
import { PostgresLeases } from "./postgres-leases";

/**
 * Takes the lease of a pipeline in the sink that it writes. One that ran out goes on with a new token when nobody has had
 * it meanwhile: the token is to be read anew for each transaction.
 * @throws CdcError `CDC_LEASE_HELD` when another holder has it and the time is up.
 */
export function takePipelineLease(config: PgConfig, pipeline: string, options: AcquireOptions = {}): Promise<Lease> {
  const what = `pipeline ${pipeline}`;
  return acquireLease(new PostgresLeases(config, { mayRunOut: true }), `pipeline:${pipeline}`, { what, ...options });
}
