import { sinkPgConfig, type SettingsSources } from "../../databases/postgres/settings";
import { readStreamsStatus, type StreamsStatus } from "../../databases/postgres/source-status";
import { parseLsn, type Lsn } from "../../model/lsn";
import { textOf } from "./enable";
import type { CaptureTarget } from "./targets";

/** How far all streams have got in a source. */
export interface ReadPositions {
  /** Why the changes of a table must stay; undefined when every stream's position is fine. */
  problemBefore(schema: string, table: string, isTooLow: (position: Lsn) => boolean): string | undefined;
}

/** Asks every sink of a source. One that can't be asked makes every table's changes stay. */
export async function readPositions(target: CaptureTarget, settings: SettingsSources): Promise<ReadPositions> {
  const { environment, source, sinks } = target;
  const found: StreamsStatus[] = [];
  for (const { name, database } of sinks) {
    try {
      found.push(await readStreamsStatus(sinkPgConfig({ environment, sink: name }, database, settings)));
    } catch (error) {
      const text = `whether a stream has read them can't be told: ${textOf(error)}`;
      return { problemBefore: () => text };
    }
  }
  return { problemBefore: (...args) => problemIn(found, source, ...args) };
}

function problemIn(
  found: readonly StreamsStatus[],
  source: string,
  schema: string,
  table: string,
  isTooLow: (position: Lsn) => boolean,
): string | undefined {
  for (const { sources, tables } of found) {
    for (const { pipeline, position } of sources.filter((one) => one.source === source)) {
      const own = tables.find(
        (one) => one.pipeline === pipeline && one.source === source && one.schema === schema && one.table === table,
      );
      const at = own?.position ?? position;
      const lsn = at === undefined ? undefined : parseLsn(at);
      if (lsn === undefined) return `pipeline ${pipeline} has not begun to read ${source}`;
      if (isTooLow(lsn)) return `pipeline ${pipeline} has read ${source} up to ${lsn} only`;
    }
  }
  return undefined;
}
