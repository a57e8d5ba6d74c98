import { CdcError } from "../../lib/errors";
import { didYouMean } from "../../model/findings";
import { nearestWord } from "../../model/nearest-word";

/** Throws CdcError (CDC_EDIT_UNKNOWN) unless the name is one of those there are. `what`: such as `source group clinics has no customer`. */
export function requireKnown(what: string, name: string, names: readonly string[]): void {
  if (!names.includes(name)) throw unknownName(what, name, names);
}

/** The error for a name that isn't there, with the nearest one that is, or what is near in another way. */
export function unknownName(what: string, name: string, names: readonly string[], near?: string): CdcError {
  const others = names.length === 0 ? "There is none yet." : `There are ${names.join(", ")}.`;
  const hint = didYouMean(nearestWord(name, names) ?? near, others);
  return new CdcError("CDC_EDIT_UNKNOWN", `${what} ${name}`, { hint: hint.replace(/^d/, "D") });
}

/** The only name, or the one that is wanted. Throws CdcError when there are several and none is wanted. */
export function chosenName(noun: string, where: string, wanted: string | undefined, names: readonly string[]): string {
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    const hint = names.length === 0 ? "Add one first." : `Choose one: ${names.join(", ")}.`;
    throw new CdcError("CDC_EDIT_UNKNOWN", `${where} has ${names.length === 0 ? "no" : "several"} ${noun}s`, { hint });
  }
  requireKnown(`${where} has no ${noun}`, name, names);
  return name;
}

/** Something of that name is there already, and says something else. */
export function existsAlready(what: string, hint: string): CdcError {
  return new CdcError("CDC_EDIT_EXISTS", `${what} is there already`, { hint });
}

/** Something can't go while others need it. */
export function stillUsed(what: string, uses: readonly string[], hint: string): CdcError {
  return new CdcError("CDC_EDIT_IN_USE", [`${what} is still used:`, ...uses.map((use) => `  ${use}`)].join("\n"), {
    hint,
  });
}

/** A value that can't be taken. */
export function refused(message: string, hint: string): CdcError {
  return new CdcError("CDC_EDIT_VALUE", message, { hint });
}
