import type { PgConfig } from "../../../databases/postgres/config";
import { closePools } from "../../../databases/postgres/pool";
import { environmentPrefix } from "../../../databases/postgres/settings";
import type { ResourceSpec } from "../../../model/resource-spec";
import type { BuiltInInfrastructure, Contribution, ContributionContext } from "../../lifecycle/contribution";
import type { KnownTable } from "./by-table";
import { connectionOf, type PostgresOutputConfig } from "./config";
import { heldRows } from "./held-rows";
import { sinkModel } from "./sink-model";
import { sinkResources } from "./sink-resources";

/** What the output postgres needs: a table, its staging and its merge for each table that comes down the stream. */
export const infrastructure: BuiltInInfrastructure = {
  // In a promise, so that what it throws is a rejection.
  contribute: (config, upstream, context) =>
    Promise.resolve().then(() => ({ resources: resourcesOf(config, upstream, context) })),
  environment: (config, { environment }) => variablesOf(connectionOf(config), environment),
  holdings: (deployed, config) => heldRows(deployed, connectionOf(config)).finally(closePools),
};

function resourcesOf(
  config: PostgresOutputConfig,
  upstream: Contribution | undefined,
  { task, environment }: ContributionContext,
): ResourceSpec[] {
  // An external input only names its tables: what their columns are nobody knows.
  const tables = (upstream?.tables ?? []).filter((table): table is KnownTable => table.definition !== undefined);
  if (tables.length === 0 || config.manage === false) return [];
  const { database } = connectionOf(config);
  return sinkResources(sinkModel(config, tables, { task, environment, database }), environment);
}

function variablesOf({ host, port, user, password = "", ssl }: PgConfig, environment: string) {
  const settings = { HOST: host, PORT: String(port), USER: user, PASSWORD: password, SSL: ssl ?? "disable" };
  const prefix = environmentPrefix(environment);
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${prefix}_${key}`, value]));
}
