import type { CaptureInstance, DdlEvent } from "../sources/capture-instance";

/** What a source captures, as a look told, found by table and by name. */
export class Captured {
  private readonly byTable = new Map<string, CaptureInstance[]>();
  private readonly byName = new Map<string, CaptureInstance>();

  /** @param instances The older one of a table first. */
  constructor(
    instances: readonly CaptureInstance[],
    readonly ddl: readonly DdlEvent[],
  ) {
    for (const instance of instances) {
      this.byName.set(instance.name, instance);
      const key = keyOf(instance.schema, instance.table);
      this.byTable.set(key, [...(this.byTable.get(key) ?? []), instance]);
    }
  }

  /** Instances of a table, the older one first. */
  of(schema: string, table: string): readonly CaptureInstance[] {
    return this.byTable.get(keyOf(schema, table)) ?? [];
  }

  named(name: string | undefined): CaptureInstance | undefined {
    return name === undefined ? undefined : this.byName.get(name);
  }
}

function keyOf(schema: string, table: string): string {
  return JSON.stringify([schema, table]);
}
