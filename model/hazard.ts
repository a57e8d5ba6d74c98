/** What making a change costs and risks. */
export interface Hazard {
  /** Table lock that PostgreSQL takes, such as `ACCESS EXCLUSIVE`, or `none`. */
  readonly lock: "none" | "ACCESS EXCLUSIVE" | "SHARE ROW EXCLUSIVE" | "SHARE";
  /** PostgreSQL writes the whole table again. */
  readonly rewrite: boolean;
  /** Stored values are lost. */
  readonly dataLoss: boolean;
  /** One sentence for the preview. */
  readonly text?: string;
}

export const NO_HAZARD: Hazard = { lock: "none", rewrite: false, dataLoss: false };

/** A change of the catalogue alone: the lock is taken, but held for milliseconds. */
export const BRIEF_LOCK: Hazard = { lock: "ACCESS EXCLUSIVE", rewrite: false, dataLoss: false };

export function hazardWith(text: string, hazard: Hazard = BRIEF_LOCK): Hazard {
  return { ...hazard, text };
}

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
