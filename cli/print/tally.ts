import type { Operation, RunKind } from "../../engine/stack";
import { counted, nounOf, type ResourceEvent } from "./nouns";

type Verb = readonly [planned: string, done: string];

type Counted = Operation | "left";

const VERBS: Partial<Record<Counted, Verb>> = {
  create: ["to create", "created"],
  "create-replacement": ["to replace", "replaced"],
  update: ["to update", "updated"],
  delete: ["to delete", "deleted"],
  import: ["to import", "imported"],
  left: ["to leave as it is", "left as it is"],
};

/** Counts what a run does, by operation and kind of thing. */
export class Tally {
  private readonly counts = new Map<Counted, Map<string, number>>();

  /** Counts one finished step; groups of resources are not counted. `left`: it stays in the database. */
  add(event: ResourceEvent, left = false): void {
    const noun = nounOf(event.type);
    if (noun === undefined) return;
    const key = left ? "left" : event.operation;
    const nouns = this.counts.get(key) ?? new Map<string, number>();
    nouns.set(noun, (nouns.get(noun) ?? 0) + 1);
    this.counts.set(key, nouns);
  }

  /** `created: 2 schemas, 6 tables · unchanged: 3`; `no changes · unchanged: 12` when nothing happened. */
  text(kind: RunKind): string {
    const parts = Object.entries(VERBS).flatMap(([operation, verb]) => {
      const nouns = this.counts.get(operation as Counted);
      return nouns === undefined ? [] : [`${verb[kind === "preview" ? 0 : 1]}: ${list(nouns)}`];
    });
    if (parts.length === 0) parts.push("no changes");
    const same = this.unchanged();
    return [...parts, ...(same > 0 ? [`unchanged: ${String(same)}`] : [])].join(" · ");
  }

  private unchanged(): number {
    const nouns = this.counts.get("same") ?? new Map<string, number>();
    return [...nouns.values()].reduce((sum, count) => sum + count, 0);
  }
}

function list(nouns: ReadonlyMap<string, number>): string {
  return [...nouns].map(([noun, count]) => counted(count, noun)).join(", ");
}
