import type { MsSqlConfig } from "../../databases/sqlserver/config";
import { CdcError } from "../../lib/errors";
import type { TableShape } from "../../model/table-shape";
import type { LineAbout } from "../json/line-about";
import { readSourceKey } from "../snapshot/source-key";
import type { CaptureInstance } from "../sources/capture-instance";
import { matchColumns } from "../sources/match-columns";
import type { Captured } from "./captured";

const NO_KEY = new Set(["CDC_SNAPSHOT_NO_KEY", "CDC_SOURCE_NO_TABLE"]);

/** What the lines of tables have in common, with the keys of the tables as they are now. */
export class LineKeys {
  private readonly known = new Map<string, { readonly ddl: Captured["ddl"]; readonly about: LineAbout }>();

  constructor(
    private readonly config: MsSqlConfig,
    private readonly tenant: string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** Asks the catalogue when a definition may have changed. */
  async aboutOf(shape: TableShape, instance: CaptureInstance, { ddl }: Captured): Promise<LineAbout> {
    const known = this.known.get(instance.name);
    if (known?.ddl === ddl) return known.about;
    const { schema, table } = shape.source;
    const key = await this.keyOf(shape, instance);
    const about = {
      schema,
      table,
      database: this.config.database,
      ...(this.tenant === undefined ? {} : { tenant: this.tenant }),
      ...(key === undefined ? {} : { key }),
    };
    this.known.set(instance.name, { ddl, about });
    return about;
  }

  /** By the names that the envelopes have; undefined when a column of the key isn't in them. */
  private async keyOf(shape: TableShape, instance: CaptureInstance): Promise<readonly string[] | undefined> {
    const names = new Map(
      [...matchColumns(shape, instance).columns].map(([name, { sourceName }]) => [sourceName, name]),
    );
    try {
      const { columns, isPrimary } = await readSourceKey(this.config, instance, this.signal);
      // Of another unique index several rows may have NULL.
      if (!isPrimary && columns.some(({ nullable }) => nullable)) return undefined;
      const key = columns.flatMap(({ name }) => names.get(name) ?? []);
      return key.length === columns.length ? key : undefined;
    } catch (error) {
      if (error instanceof CdcError && NO_KEY.has(error.code)) return undefined;
      throw error;
    }
  }
}
