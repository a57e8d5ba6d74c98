import type { MsSqlConfig } from "../databases/sqlserver/config";
import { CdcError } from "../lib/errors";
import { nearestWord } from "../model/nearest-word";
import type { SourceTopology, Topology } from "../model/topology";
import type { PgConfig } from "../databases/postgres/config";
import { stackDatabase } from "./chosen-database";
import type { Context } from "./context";
import { projectOfStack } from "./project";
import { openStack } from "./stack-run";
import { deployedTopology, type DeployedTopology } from "./topology";

/** What a stack streams, and how to reach both ends. */
export interface StreamPlan {
  readonly topology: Topology;
  /** The same again, as it is deployed by now. */
  readonly readTopology: () => Promise<Topology>;
  readonly sourceConfig: (connection: string, database: string) => MsSqlConfig;
  readonly serverName: (connection: string) => string;
  readonly sink: PgConfig;
  /** Passwords of both ends, for the redaction of what is logged. */
  readonly secrets: readonly (string | undefined)[];
}

/** Which part of a stack to stream. */
export interface StreamChoice {
  readonly database?: string;
  readonly source?: readonly string[];
}

/**
 * Reads what a stack has deployed.
 * @throws CdcError `CDC_NOT_DEPLOYED` when it captures nothing, `CDC_NO_SOURCE` for a name that isn't one of its sources.
 */
export async function streamPlan(context: Context, choice: StreamChoice): Promise<StreamPlan> {
  const sink = (await stackDatabase(context, choice.database)).config;
  const first = await readDeployed(context);
  let current = first;
  const topology = chosenSources(first, choice.source, context.options.stack);
  return {
    topology,
    readTopology: async () => {
      current = await readDeployed(context);
      return chosenSources(current, choice.source, context.options.stack);
    },
    sourceConfig: (connection, database) => current.sourceConfig(connection, database),
    serverName: (connection) => current.serverName(connection),
    sink,
    secrets: [sink.password, ...topology.sources.map((one) => passwordOf(first, one))],
  };
}

async function readDeployed(context: Context): Promise<DeployedTopology> {
  const { options, io } = context;
  return deployedTopology(await openStack(context), options.stack, projectOfStack(context), io.env);
}

function chosenSources(deployed: DeployedTopology, wanted: readonly string[] | undefined, stack: string): Topology {
  const { sources } = deployed.topology;
  if (sources.length === 0) throw nothingCaptured(stack);
  if (wanted === undefined) return deployed.topology;
  const named = sources.map((source) => ({ source, names: namesOf(source, deployed) }));
  const unknown = wanted.find((name) => !named.some(({ names }) => names.includes(name)));
  if (unknown !== undefined)
    throw noSource(
      unknown,
      stack,
      named.flatMap(({ names }) => names),
    );
  const chosen = named.filter(({ names }) => names.some((name) => wanted.includes(name)));
  return { sources: chosen.map(({ source }) => source) };
}

function namesOf({ connection, database, tenants }: SourceTopology, { serverName }: DeployedTopology): string[] {
  return [`${serverName(connection)}/${database}`, database, ...tenants];
}

function passwordOf(deployed: DeployedTopology, { connection, database }: SourceTopology): string | undefined {
  try {
    return deployed.sourceConfig(connection, database).password;
  } catch {
    // The stream tells it, and stops this source only.
    return undefined;
  }
}

function nothingCaptured(stack: string): CdcError {
  return new CdcError("CDC_NOT_DEPLOYED", `stack ${stack} captures no source database`, {
    hint: `Name the \`server\` of the sources in source-groups.yaml, then deploy it with \`cdc up -s ${stack}\`.`,
  });
}

function noSource(name: string, stack: string, names: readonly string[]): CdcError {
  const near = nearestWord(name, names);
  return new CdcError("CDC_NO_SOURCE", `stack ${stack} captures no source ${name}`, {
    hint: near === undefined ? `There are: ${[...new Set(names)].join(", ")}.` : `Did you mean ${near}?`,
  });
}
