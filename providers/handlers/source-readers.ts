import { instancesInUse } from "../../databases/postgres/instances-in-use";
import { parseSourceConnectionName } from "../../databases/sqlserver/source-connection";
import { unpackList } from "../../sql/plans/packed";
import type { SourceTableProps } from "../../sql/plans/source-props";
import { connectionOf } from "./connections";

/**
 * Capture instances that the streams into all sinks of a table read; undefined when a sink could not be asked, or when
 * the reader is no sink: `task:<name>`.
 */
export async function instancesReadBy(props: SourceTableProps): Promise<ReadonlySet<string> | undefined> {
  const { schema, table, database } = props;
  const source = `${parseSourceConnectionName(props.connection).server}/${database}`;
  try {
    const found = await Promise.all(
      sinksOf(props).map((sink) => instancesInUse(connectionOf(sink), { source, schema, table })),
    );
    return new Set(found.flat());
  } catch {
    // Nobody knows then what is still needed; the plan says so where it matters.
    return undefined;
  }
}

function sinksOf({ sinks }: SourceTableProps): { connection: string; database: string }[] {
  const parts = unpackList(sinks);
  return parts.flatMap((connection, index) =>
    index % 2 === 0 ? [{ connection, database: parts[index + 1] ?? "" }] : [],
  );
}
