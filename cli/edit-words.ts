import { InvalidArgumentError } from "commander";
import type { EditedFolder } from "../config/edit";
import type { Edits } from "./edit-run";

type Assigned = Readonly<Record<string, string>>;

/** Parser of options and arguments such as `dev=clinic_dev prod=clinic`, given once or several times. */
export function assignments(text: string, before: Assigned | undefined): Assigned {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError("name=value is needed.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Tells the user which comment lines stay although what they stand above goes. */
export function noteComments(
  folder: EditedFolder,
  edits: Edits,
  file: string,
  path: readonly (string | number)[],
): void {
  const lines = edits.commentAbove(folder.text(file) ?? "", path);
  if (lines.length > 0) folder.notes.push(`${file}: the comment above stays: ${lines.join(" ")}`);
}
