import type { Pattern } from "../../model/config";
import { SOURCE_GROUPS_FILE } from "../read-source-groups";
import { SINK_GROUPS_FILE } from "../sink-databases";
import type { EditedFolder } from "./edited-folder";
import { chosenName } from "./known-name";

type Scalar = string | number | boolean | null;

/** A server as it is written. */
export interface WrittenServer {
  readonly host?: string;
  readonly port?: string | number;
  readonly user?: string;
  readonly password?: string;
  readonly kafka_bootstrap_servers?: string;
  readonly environments?: readonly string[];
}

/** A customer or service of a group: settings by environment, and single values. */
export type WrittenSource = Readonly<Record<string, Scalar | readonly string[] | Readonly<Record<string, Scalar>>>>;

/** A group of source-groups.yaml or sink-groups.yaml, as it is written. */
export interface WrittenGroup {
  readonly pattern?: Pattern;
  readonly type?: string;
  readonly description?: string;
  readonly source_group?: string;
  readonly servers?: Readonly<Record<string, WrittenServer>>;
  readonly sources?: Readonly<Record<string, WrittenSource>>;
}

/** The two files of groups. */
export type GroupKind = "source" | "sink";

/** A group in its file. */
export interface GroupText {
  readonly kind: GroupKind;
  readonly name: string;
  readonly file: string;
  readonly written: WrittenGroup;
}

/** File of the groups of a kind. */
export function groupFile(kind: GroupKind): string {
  return kind === "source" ? SOURCE_GROUPS_FILE : SINK_GROUPS_FILE;
}

/** Groups by name; none when the file isn't there. Throws CdcConfigError when it is wrong. */
export function groupsOf(folder: EditedFolder, kind: GroupKind): Readonly<Record<string, WrittenGroup>> {
  return folder.read<Record<string, WrittenGroup>>(groupFile(kind), `${kind}-groups`) ?? {};
}

/** The named group, or the only one. Throws CdcError (CDC_EDIT_UNKNOWN). */
export function openGroup(folder: EditedFolder, kind: GroupKind, wanted: string | undefined): GroupText {
  const groups = groupsOf(folder, kind);
  const file = groupFile(kind);
  const name = chosenName(`${kind} group`, file, wanted, Object.keys(groups));
  return { kind, name, file, written: groups[name] ?? {} };
}

/** Settings of a source by environment. */
export function environmentsOf(source: WrittenSource): Readonly<Record<string, Readonly<Record<string, Scalar>>>> {
  const parts = Object.entries(source).filter(
    ([, value]) => typeof value === "object" && value !== null && !Array.isArray(value),
  );
  return Object.fromEntries(parts) as Record<string, Record<string, Scalar>>;
}

/** Values of a source that hold in every environment, `schemas` aside. */
export function valuesOf(source: WrittenSource): Readonly<Record<string, Scalar>> {
  const parts = Object.entries(source).filter(([, value]) => typeof value !== "object" || value === null);
  return Object.fromEntries(parts) as Record<string, Scalar>;
}
