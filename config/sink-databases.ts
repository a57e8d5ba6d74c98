import { within, type Place } from "../model/problem";
import type { ConfigFolder } from "./config-folder";

const SINK_GROUPS_FILE = "sink-groups.yaml";

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
 * has for `<sink group>.<service>`. Undefined, and a problem, when there is none.
 */
export function sinkDatabaseFinder(
  folder: ConfigFolder,
  environment: string,
): (sink: string, written: NamedDatabases, at: Place) => string | undefined {
  let groups: SinkGroups | undefined;
  return (sink, { database, databases }, at) => {
    const own = databases !== undefined && Object.hasOwn(databases, environment) ? databases[environment] : database;
    if (own !== undefined) return own;
    groups ??= folder.read<SinkGroups>(SINK_GROUPS_FILE, "sink-groups") ?? {};
    const found = inGroups(groups, sink, environment);
    if (found !== undefined) return found;
    const place = databases === undefined ? at : within(at, "databases");
    folder.problem(
      place,
      `sink ${sink} has no database in environment ${environment}`,
      `add databases: with ${environment}: <name>`,
    );
    return undefined;
  };
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
