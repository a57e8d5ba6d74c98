import type { Place, Problem } from "./problem";
import type { Note } from "./sink";

/** Problems and notes that building a model comes across; everything is looked at before anything is refused. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly notes: Note[] = [];

  private readonly seen = new Set<string>();

  /** The same problem of the same place counts once, however many tables meet it. */
  problem(at: Place, text: string, hint?: string): void {
    const id = JSON.stringify([at.file, at.path, text]);
    if (this.seen.has(id)) return;
    this.seen.add(id);
    this.problems.push(hint === undefined ? { at, text } : { at, text, hint });
  }

  info(object: string, text: string): void {
    this.notes.push({ severity: "info", object, text });
  }

  warning(object: string, text: string): void {
    this.notes.push({ severity: "warning", object, text });
  }
}

/** `"Actr" is not one of the columns`, with the nearest of them as hint. */
export function didYouMean(nearest: string | undefined, otherwise: string): string {
  return nearest === undefined ? otherwise : `did you mean "${nearest}"?`;
}
