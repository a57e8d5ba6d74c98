import { CdcError } from "../../lib/errors";
import type { SnapshotContext } from "../run/snapshot-context";
import { readSelect, withSession } from "./page-reader";
import { readSourceColumns, readSourceKey } from "./source-key";
import { SourceLookup } from "./source-lookup";
import { tableReader } from "./table-reader";

/** Of keys of the sink, as PostgreSQL prints them, those whose rows are not at the source now. */
export async function absentKeys(
  context: SnapshotContext,
  keys: readonly (readonly string[])[],
): Promise<readonly (readonly string[])[]> {
  if (keys.length === 0) return [];
  const { config, shape, instance, signal } = context;
  const reader = tableReader(shape, instance, await readSourceKey(config, instance, signal));
  const types = await readSourceColumns(config, instance, signal);
  const lookup = SourceLookup.of(shape, reader.pages, reader.sources, types);
  if (typeof lookup === "string")
    throw new CdcError(
      "CDC_SNAPSHOT_NO_KEY",
      `table ${shape.schema}.${shape.table}: ${lookup}: rows cannot be looked up`,
      {
        hint: "Map the table's key from columns of the source.",
      },
    );
  const sourceOf = new Map(shape.columns.map(({ name, source }) => [name, source ?? ""]));
  const present = new Set<string>();
  const about = { object: `table ${instance.schema}.${instance.table}`, signal };
  await withSession(config, about, async (session) => {
    for (const select of lookup.selects(keys)) {
      for await (const rows of readSelect(session, select, about))
        for (const row of rows)
          present.add(
            lookup.identity(shape.key.map((name) => row[reader.sources.indexOf(sourceOf.get(name) ?? "")] ?? null)),
          );
    }
  });
  return keys.filter((key) => !present.has(lookup.identity(key)));
}
