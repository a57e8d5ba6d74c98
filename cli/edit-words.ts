import { InvalidArgumentError } from "commander";

type Assigned = Readonly<Record<string, string>>;

/** Parser of options and arguments such as `dev=clinic_dev prod=clinic`, given once or several times. */
export function assignments(text: string, before: Assigned | undefined): Assigned {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError("name=value is needed.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
