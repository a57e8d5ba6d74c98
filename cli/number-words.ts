import { InvalidArgumentError } from "commander";

/** Parser of options such as `--limit 50`: a whole number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number of at least 1 is needed.");
  return value;
}

/** Parser of options such as `--wait 2.5`: seconds, 0 or more. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("a number of seconds is needed.");
  return value;
}
