import type { CdcManagement } from "../providers/cdc-management";
import type { SinkSchema } from "../providers/sink-schema";

/** A sink as far as it decides what it shares: its name, and its database. */
export interface SharingSink {
  readonly name: string;
  readonly database: string;
}

/**
 * What several sinks and services have in common when they share a database: made once in a program, by the first
 * that needs it. Named after the database, so that it doesn't matter which was first; on another server than the
 * usual one after sink and database.
 */
export class SharedObjects {
  private readonly made = new Map<string, CdcManagement | SinkSchema>();

  /** @param serverOf The server of a sink, in any words; "" for the usual one, which is that of all sinks by default. */
  constructor(private readonly serverOf: (sink: string) => string = () => "") {}

  management(sink: SharingSink, make: (name: string) => CdcManagement): CdcManagement {
    return this.once(sink, [], make);
  }

  schema(sink: SharingSink, schema: string, make: (name: string) => SinkSchema): SinkSchema {
    return this.once(sink, [schema], make);
  }

  private once<R extends CdcManagement | SinkSchema>(
    { name, database }: SharingSink,
    within: readonly string[],
    make: (name: string) => R,
  ): R {
    const server = this.serverOf(name);
    const key = JSON.stringify([server, database, ...within]);
    const known = this.made.get(key) as R | undefined;
    if (known !== undefined) return known;
    // Not after the host: a server may get another address without its objects becoming others.
    const resource = make([...(server === "" ? [] : [name]), database, ...within].join("/"));
    this.made.set(key, resource);
    return resource;
  }
}
