/** A lock of PostgreSQL on a table or view, by the name that LOCK TABLE knows, or `none`. */
export type TableLock =
  | "none"
  | "ACCESS SHARE"
  | "ROW SHARE"
  | "ROW EXCLUSIVE"
  | "SHARE UPDATE EXCLUSIVE"
  | "SHARE"
  | "SHARE ROW EXCLUSIVE"
  | "EXCLUSIVE"
  | "ACCESS EXCLUSIVE";

/** What is done while a lock is held, which tells for how long: without any the lock is held for milliseconds. */
export type HeavyWork = "reads rows" | "writes rows" | "builds an index";

/** What making a change costs and risks. */
export interface Hazard {
  /** Strongest lock that PostgreSQL takes on a table or view that was there before; held until the transaction ends. */
  readonly lock: TableLock;
  /** PostgreSQL writes the whole table again. */
  readonly rewrite: boolean;
  /** Stored values are lost. */
  readonly dataLoss: boolean;
  /** Grows with the rows of the table; absent: the catalogue alone is changed. */
  readonly work?: HeavyWork;
  /** Weaker lock under which that work is done, before {@link lock} is taken for a moment. */
  readonly workLock?: TableLock;
  /** One sentence for the preview. */
  readonly text?: string;
}

export const NO_HAZARD: Hazard = { lock: "none", rewrite: false, dataLoss: false };

/** What a GRANT takes in PostgreSQL 18, and not yet in 15: nobody waits for it, save a DROP. */
export const SHARED_LOCK: Hazard = { lock: "ACCESS SHARE", rewrite: false, dataLoss: false };

/** What writing a row of `cdc_management` takes: nobody waits for it, save who changes its tables. */
export const ROW_LOCK: Hazard = { lock: "ROW EXCLUSIVE", rewrite: false, dataLoss: false };

/** A change of the catalogue alone: the lock is taken, but held for milliseconds. */
export const BRIEF_LOCK: Hazard = { lock: "ACCESS EXCLUSIVE", rewrite: false, dataLoss: false };

/** The table is written again while nobody can read or write it. */
export const REWRITE: Hazard = { lock: "ACCESS EXCLUSIVE", rewrite: true, dataLoss: false, work: "writes rows" };

export function hazardWith(text: string, hazard: Hazard = BRIEF_LOCK): Hazard {
  return { ...hazard, text };
}

/** Whom a lock keeps waiting. */
export function blockedBy(lock: TableLock): "nobody" | "writers" | "readers and writers" {
  if (lock === "ACCESS EXCLUSIVE") return "readers and writers";
  return ["SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE"].includes(lock) ? "writers" : "nobody";
}

/** `ACCESS EXCLUSIVE lock: readers and writers wait for a moment`; empty when nobody waits. */
export function describeLock({ lock, work, workLock }: Hazard): string {
  const who = blockedBy(lock);
  if (who === "nobody") return "";
  if (work === undefined) return `${lock} lock: ${who} wait for a moment`;
  if (workLock === undefined) return `${lock} lock: ${who} wait ${WAITS[work]}`;
  return `${workLock} lock: ${blockedBy(workLock)} wait ${WAITS[work]}; then ${lock} lock: ${who} for a moment`;
}

/** All that a hazard says, in words: the lock, losses, and its sentence; empty when there is nothing to fear. */
export function describeHazard(hazard: Hazard): string {
  const parts = [describeLock(hazard), hazard.dataLoss ? "loses stored values" : "", hazard.text ?? ""];
  return parts.filter((part) => part !== "").join("; ");
}

const WAITS: Readonly<Record<HeavyWork, string>> = {
  "reads rows": "while all rows are read",
  "writes rows": "while the table is written again",
  "builds an index": "while an index is built",
};

/** A condition on stored rows that must hold before the change is made; whoever renders it queries for a row that breaks it. */
export type StoredCheck =
  /** No value has more characters. */
  | { readonly kind: "max-length"; readonly characters: number }
  /** Every value lies between the two, both included. */
  | { readonly kind: "range"; readonly min: string; readonly max: string }
  /** Every value fits this precision and scale without rounding. */
  | { readonly kind: "digits"; readonly precision: number; readonly scale: number }
  /** No value has more fraction digits of a second. */
  | { readonly kind: "fraction"; readonly digits: number }
  /** Every value is at midnight. */
  | { readonly kind: "midnight" }
  /** Every value comes back the same from the new type. */
  | { readonly kind: "round-trip" }
  /** Every value's text is valid input of the new type. */
  | { readonly kind: "parses" }
  /** No value is NULL. */
  | { readonly kind: "no-nulls" }
  /** The table holds no row. */
  | { readonly kind: "no-rows" }
  /** The columns together are unique and hold no NULL. */
  | { readonly kind: "unique"; readonly columns: readonly string[] };

/** A {@link StoredCheck} as a sentence. */
export function describeCheck(check: StoredCheck): string {
  switch (check.kind) {
    case "max-length":
      return `no stored value is longer than ${String(check.characters)} characters`;
    case "range":
      return `every stored value lies between ${check.min} and ${check.max}`;
    case "digits":
      return `every stored value fits ${String(check.precision)} digits, ${String(check.scale)} of them decimals`;
    case "fraction":
      return `no stored value has more than ${String(check.digits)} fraction digits`;
    case "midnight":
      return "every stored value is at midnight";
    case "round-trip":
      return "every stored value survives the conversion unchanged";
    case "parses":
      return "every stored text is a valid value of the new type";
    case "no-nulls":
      return "no stored value is NULL";
    case "no-rows":
      return "the table holds no row";
    case "unique":
      return `${check.columns.join(", ")} is unique and never NULL`;
  }
}
