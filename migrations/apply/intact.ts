import { CdcError } from "../../lib/errors";
import type { FileFault, MigrationFolder } from "../folder";

const WORDS: Readonly<Record<FileFault["kind"], string>> = {
  edited: "was edited: it isn't what its checksum says",
  other: "isn't the version that manifest.yaml lists",
  missing: "is missing",
};
const MOST = 20;

/**
 * Stops for files that are not as they were generated. With `force` only for those that are missing.
 * Throws CdcError (CDC_MIGRATION_EDITED) naming each.
 */
export function requireIntact(
  { directory, faults }: Pick<MigrationFolder, "directory" | "faults">,
  force: boolean,
): void {
  const stopping = faults.filter(({ kind }) => kind === "missing" || !force);
  if (stopping.length === 0) return;
  const named = stopping.slice(0, MOST).map((fault) => `${fault.file} ${WORDS[fault.kind]}`);
  const more = stopping.length > MOST ? [`${String(stopping.length - MOST)} more`] : [];
  const hint =
    "Take the committed version back or run `cdc manage-migrations generate`. To apply what was edited on purpose: --force --by <your name>.";
  throw new CdcError("CDC_MIGRATION_EDITED", `${directory}: ${[...named, ...more].join("; ")}; nothing was applied`, {
    hint,
  });
}
