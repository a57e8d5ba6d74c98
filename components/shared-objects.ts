import type { CdcManagement } from "../providers/cdc-management";
import type { SinkSchema } from "../providers/sink-schema";

/**
 * What several sinks and services have in common when they share a database: made once in a program, by the first
 * that needs it, and named after the database, so that it doesn't matter which was first.
 */
export class SharedObjects {
  private readonly made = new Map<string, CdcManagement | SinkSchema>();

  management(database: string, make: (name: string) => CdcManagement): CdcManagement {
    return this.once(database, make);
  }

  schema(database: string, schema: string, make: (name: string) => SinkSchema): SinkSchema {
    return this.once(`${database}/${schema}`, make);
  }

  private once<R extends CdcManagement | SinkSchema>(name: string, make: (name: string) => R): R {
    const known = this.made.get(name) as R | undefined;
    if (known !== undefined) return known;
    const resource = make(name);
    this.made.set(name, resource);
    return resource;
  }
}
