import type { Severity } from "../../model/diff";
import { KINDS, type FileChange } from "./file-change";

/** A place in a file of the repository; `uri` is relative to its root, with `/`. */
export interface SarifPlace {
  readonly uri: string;
  /** Counted from 1. */
  readonly line: number;
}

const LEVELS: Readonly<Record<Severity, "note" | "warning" | "error">> = {
  info: "note",
  warning: "warning",
  breaking: "error",
};
const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/** Differences as a SARIF 2.1.0 log, as pull requests show them. */
export function sarifLog(
  changes: readonly FileChange[],
  version: string,
  placeOf: (change: FileChange) => SarifPlace,
): object {
  const ids = [...new Set(changes.map(({ kind }) => kind))].sort();
  const rules = ids.map((id) => ({ id, name: id, shortDescription: { text: KINDS[id] } }));
  const driver = { name: "cdc manage-migrations diff", version, rules };
  const results = changes.map((change) => ({
    ruleId: change.kind,
    ruleIndex: ids.indexOf(change.kind),
    level: LEVELS[change.severity],
    message: { text: messageOf(change) },
    locations: [locationOf(placeOf(change))],
    // What stays the same when lines move.
    partialFingerprints: { "change/v1": [change.sink, change.kind, change.object].join(":") },
  }));
  return { $schema: SCHEMA, version: "2.1.0", runs: [{ tool: { driver }, columnKind: "utf16CodeUnits", results }] };
}

function messageOf({ sink, object, summary, hazard }: FileChange): string {
  const cost = hazard.text === undefined ? "" : ` ${hazard.text}.`;
  return `${sink} ${object}: ${summary}.${cost}`;
}

function locationOf({ uri, line }: SarifPlace) {
  const artifactLocation = { uri: uri.split("/").map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" };
  return { physicalLocation: { artifactLocation, region: { startLine: line } } };
}
