import { sqlError } from "../errors";

/** Collation of every database of the stand-in. */
export const DEFAULT_COLLATION = "SQL_Latin1_General_CP1_CI_AS";

/** How texts compare under a collation. Trailing spaces never count. */
export interface Collation {
  /** Equal texts have equal folds. */
  fold(text: string): string;
  /** Order of two texts: negative, zero or positive. */
  compare(a: string, b: string): number;
}

const collations = new Map<string, Collation>();

/** The rules of a collation. Throws 448 for a name that is none of the known families. */
export function collationOf(name = DEFAULT_COLLATION): Collation {
  const known = collations.get(name);
  if (known) return known;
  const made = make(name);
  collations.set(name, made);
  return made;
}

/** Throws 468 when the two differ and neither gives way. */
export function commonCollation(a: string | undefined, b: string | undefined, operation: string): string | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  throw sqlError(468, a, b, operation);
}

function make(name: string): Collation {
  if (!/^(SQL_)?Latin1_General_/i.test(name)) throw sqlError(448, name);
  if (/_BIN2?(_UTF8)?$/i.test(name)) return binary();
  return /_CS_/i.test(name) ? linguistic("variant", false) : linguistic(/_AI/i.test(name) ? "base" : "accent", true);
}

const trimEnd = (text: string) => (text.endsWith(" ") ? text.replace(/ +$/, "") : text);

function binary(): Collation {
  return { fold: trimEnd, compare: (a, b) => compareStrings(trimEnd(a), trimEnd(b)) };
}

function linguistic(sensitivity: "base" | "accent" | "variant", ignoreCase: boolean): Collation {
  const collator = new Intl.Collator("en", { sensitivity });
  const fold =
    sensitivity === "base"
      ? (text: string) => trimEnd(text).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
      : (text: string) => (ignoreCase ? trimEnd(text).toLowerCase() : trimEnd(text));
  return {
    fold,
    compare: (a, b) => {
      if (a === b) return 0;
      const [x, y] = [fold(a), fold(b)];
      if (x === y) return 0;
      // Texts that the collator takes for equal but the fold doesn't (control characters) still need an order.
      return collator.compare(x, y) || compareStrings(x, y);
    },
  };
}

/** Order by code units. */
export function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
