import { within, type Place } from "../model/problem";
import type { ConfigFolder } from "./config-folder";

export const SINK_GROUPS_FILE = "sink-groups.yaml";

interface WrittenSinkGroup {
  readonly sources?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

type SinkGroups = Readonly<Record<string, WrittenSinkGroup>>;

interface NamedDatabases {
  readonly database?: string;
  readonly databases?: Readonly<Record<string, string>>;
}

/**
 * Database of a sink in an environment: `databases:` of the sink, its `database:`, else what sink-groups.yaml
 * has for `<sink group>.<service>`. Undefined when there is none; a problem as well, unless such sinks are left out.
 */
export function sinkDatabaseFinder(
  folder: ConfigFolder,
  environment: string,
  leaveOut = false,
): (sink: string, written: NamedDatabases, at: Place) => string | undefined {
  let groups: SinkGroups | undefined;
  return (sink, { database, databases }, at) => {
    const own = databases !== undefined && Object.hasOwn(databases, environment) ? databases[environment] : database;
    if (own !== undefined) return own;
    groups ??= folder.read<SinkGroups>(SINK_GROUPS_FILE, "sink-groups") ?? {};
    const found = inGroups(groups, sink, environment);
    if (found !== undefined || leaveOut) return found;
    const place = databases === undefined ? at : within(at, "databases");
    folder.problem(
      place,
      `sink ${sink} has no database in environment ${environment}`,
      `add databases: with ${environment}: <name>`,
    );
    return undefined;
  };
}

/**
 * Databases of a sink by environment as they are written, variables and all. A `database:` alone counts for each of
 * `environments`.
 */
export function writtenDatabases(
  folder: ConfigFolder,
  sink: string,
  { database, databases }: NamedDatabases,
  environments: readonly string[],
): Record<string, string> {
  const groups = (folder.written(SINK_GROUPS_FILE) ?? {}) as SinkGroups;
  const found = environments.map((environment) => {
    const own = databases !== undefined && Object.hasOwn(databases, environment) ? databases[environment] : database;
    return [environment, own ?? inGroups(groups, sink, environment)] as const;
  });
  return Object.fromEntries(found.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}

function inGroups(groups: SinkGroups, sink: string, environment: string): string | undefined {
  const dot = sink.indexOf(".");
  const group = own(groups, dot < 0 ? sink : sink.slice(0, dot));
  const source = own(group?.sources ?? {}, sink.slice(dot + 1));
  const entry = own(source ?? {}, environment);
  const database =
    typeof entry === "object" && entry !== null ? (entry as Record<string, unknown>)["database"] : undefined;
  return typeof database === "string" ? database : undefined;
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
