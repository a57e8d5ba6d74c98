import type { Pattern, SourceEntry, SourceEnvironment, SourceGroup } from "../model/config";
import { didYouMean } from "../model/findings";
import { nearestWord } from "../model/nearest-word";
import { within, type Place } from "../model/problem";
import type { ConfigFolder } from "./config-folder";
import { readCapture, readServers, type WrittenCapture, type WrittenServer } from "./read-servers";

export const SOURCE_GROUPS_FILE = "source-groups.yaml";

type Scalar = string | number | boolean | null;

interface WrittenGroup {
  readonly pattern: Pattern;
  readonly type?: "mssql" | "postgres";
  readonly servers?: Readonly<Record<string, WrittenServer>>;
  readonly capture?: WrittenCapture | null;
  readonly env_mappings?: Readonly<Record<string, string>>;
  readonly sources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** source-groups.yaml as it is; undefined when it has problems. */
export type WrittenGroups = Readonly<Record<string, WrittenGroup>>;

export function readSourceGroups(folder: ConfigFolder): WrittenGroups | undefined {
  const hint = "it names the source databases; start a project with `cdc new`";
  return folder.require<WrittenGroups>(SOURCE_GROUPS_FILE, "source-groups", hint);
}

/** The group of a service: the one it names, else the only one. */
export function chooseGroup(
  folder: ConfigFolder,
  groups: WrittenGroups,
  named: string | undefined,
  at: Place,
): SourceGroup | undefined {
  const names = Object.keys(groups);
  const name = named ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    folder.problem(
      at,
      "does not say which source group it belongs to",
      `set server_group: to one of ${names.join(", ")}`,
    );
    return undefined;
  }
  const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (group !== undefined) return sourceGroup(folder, name, group);
  const hint = didYouMean(nearestWord(name, names), `${SOURCE_GROUPS_FILE} has ${names.join(", ")}`);
  folder.problem(within(at, "server_group"), `there is no source group ${name}`, hint);
  return undefined;
}

function sourceGroup(folder: ConfigFolder, name: string, group: WrittenGroup): SourceGroup {
  const at = { file: SOURCE_GROUPS_FILE, path: [name] };
  const sources = Object.entries(group.sources).map(([key, entry]) => {
    return sourceEntry(folder, key, entry, group.env_mappings ?? {}, within(at, "sources", key));
  });
  const { pattern, type, servers, capture } = group;
  return {
    name,
    pattern,
    sources,
    ...(type === undefined ? {} : { type }),
    ...(servers === undefined ? {} : { servers: readServers(folder, servers, within(at, "servers")) }),
    ...(capture === undefined || capture === null ? {} : { capture: readCapture(capture) }),
    at,
  };
}

/** Environments of a source by the sink's environment they go to. */
function sourceEntry(
  folder: ConfigFolder,
  name: string,
  entry: Readonly<Record<string, unknown>>,
  mappings: Readonly<Record<string, string>>,
  at: Place,
): SourceEntry {
  const parts = Object.entries(entry).filter(([key]) => key !== "schemas");
  const shared = parts.filter((part): part is [string, Scalar] => !isMapping(part[1]));
  const environments = new Map<string, SourceEnvironment>();
  for (const [key, value] of parts) {
    if (!isMapping(value)) continue;
    const environment = sourceEnvironment(value, shared, within(at, key));
    const target =
      environment.targetSinkEnvironment ?? (Object.hasOwn(mappings, key) ? mappings[key] : undefined) ?? key;
    const before = environments.get(target);
    if (before !== undefined)
      folder.problem(
        environment.at,
        `two environments of ${name} go to ${target}`,
        "give one of them another target_sink_env",
      );
    environments.set(target, environment);
  }
  return { name, environments: Object.fromEntries(environments), at };
}

function sourceEnvironment(
  value: Readonly<Record<string, unknown>>,
  shared: readonly [string, Scalar][],
  at: Place,
): SourceEnvironment {
  const own = Object.entries(value) as [string, Scalar][];
  // A value of the source itself is stronger than one of its environment.
  const values = Object.fromEntries([...own, ...shared].map(([key, one]) => [key, one === null ? null : String(one)]));
  const { database, target_sink_env: target } = values;
  return {
    ...(typeof database === "string" ? { database } : {}),
    ...(typeof target === "string" ? { targetSinkEnvironment: target } : {}),
    values,
    at,
  };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
