import { agentSeemsToRun, type CaptureState } from "../../databases/sqlserver/capture-state";
import { describe, type MsSqlConfig } from "../../databases/sqlserver/config";
import { errorNumber } from "../../databases/sqlserver/errors";
import { queryRows } from "../../databases/sqlserver/run";
import type { Sql } from "../../sql/sql";
import { disableDatabase, enableDatabase } from "../../sql/sqlserver/enable-statements";
import type { SourceDatabaseOutputs, SourceDatabaseProps } from "../../sql/plans/source-props";
import { forgetCapture, inCaptureTurn, knownCapture } from "./known-capture";
import { changeFailure, missingCapture } from "./source-errors";
import { sourceLifeCycle, type SourceKind } from "./source-life-cycle";

const ALREADY_ENABLED = 22905;
/** The database is off already, or not there at all. */
const GONE = new Set([22901, 911, 4060]);

const kind: SourceKind<SourceDatabaseProps, SourceDatabaseOutputs> = {
  noun: "SourceDatabaseCdc",
  identity: ["database"],
  object: ({ database }) => `database ${database}`,
  check: () => [],
  expected: (inputs, { enabledByUs }) => ({ ...inputs, enabledByUs }),
  converge: (config, inputs, olds) => inCaptureTurn(config, () => converge(config, inputs, olds)),
  actual: async (config, props) => ((await stateOrNone(config))?.enabled === true ? props : undefined),
  remove: (config, props) => inCaptureTurn(config, () => remove(config, props)),
};

export const sourceDatabaseCdc = sourceLifeCycle(kind);

async function converge(
  config: MsSqlConfig,
  inputs: SourceDatabaseProps,
  olds: SourceDatabaseOutputs | undefined,
): Promise<SourceDatabaseOutputs> {
  const { enabled } = await knownCapture(config);
  // What we turned on elsewhere says nothing about this server.
  const before = olds?.connection === inputs.connection && olds.enabledByUs;
  const enabledByUs = enabled ? before : await enable(config, inputs);
  if (!(await agentSeemsToRun(config)))
    tell(config, "SQL Server's agent is not running, so nothing is captured: start the service SQL Server Agent");
  return { ...inputs, enabledByUs };
}

/** True when it was off. */
async function enable(config: MsSqlConfig, { database, manage }: SourceDatabaseProps): Promise<boolean> {
  const statement = enableDatabase();
  if (!manage)
    throw missingCapture(config, `change data capture is off in database ${database} of ${describe(config)}`, [
      statement,
    ]);
  try {
    await change(config, database, statement);
    return true;
  } catch (error) {
    if (errorNumber(error) === ALREADY_ENABLED) return false;
    throw error;
  }
}

async function remove(config: MsSqlConfig, { database, enabledByUs }: SourceDatabaseOutputs): Promise<void> {
  if (!enabledByUs) return;
  // The tables of the same run went before.
  forgetCapture(config);
  const state = await stateOrNone(config);
  if (state === undefined || !state.enabled) return;
  if (state.instances.length > 0) {
    const left = state.instances.map(({ name }) => name).join(", ");
    tell(config, `change data capture stays on, since others use it: ${left}`);
    return;
  }
  try {
    await change(config, database, disableDatabase());
  } catch (error) {
    if (!GONE.has(errorNumber(error) ?? 0)) throw error;
  }
}

async function change(config: MsSqlConfig, database: string, statement: Sql): Promise<void> {
  try {
    await queryRows(config, statement, [], { object: `database ${database}` });
  } catch (error) {
    throw changeFailure(error, config, `database ${database}`, [statement]);
  } finally {
    forgetCapture(config);
  }
}

async function stateOrNone(config: MsSqlConfig): Promise<CaptureState | undefined> {
  try {
    return await knownCapture(config);
  } catch (error) {
    // A database that is gone took its capture along.
    if (GONE.has(errorNumber(error) ?? 0)) return undefined;
    throw error;
  }
}

function tell(config: MsSqlConfig, text: string): void {
  process.stderr.write(`${describe(config)}: ${text}\n`);
}
