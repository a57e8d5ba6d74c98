import { chmodSync } from "node:fs";
import { join } from "node:path";
import { fillTemplate, type Scaffolded } from "./scaffold";

/** Languages that a provider can start in. */
export const LANGUAGES = ["typescript", "python", "shell"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a new provider is. */
export interface NewProvider {
  readonly language: Language;
  readonly role: "input" | "output";
  /** Version of this package, for what depends on it. */
  readonly version: string;
}

const STARTED: Readonly<Record<Language, readonly string[]>> = {
  typescript: [],
  python: ["provider/provider.py"],
  shell: ["provider/provider.sh"],
};

/** Writes the skeleton of a provider that passes the conformance kit. Throws CdcError (CDC_NOT_EMPTY) as {@link scaffold} does. */
export function scaffoldProvider(directory: string, { language, role, version }: NewProvider): Scaffolded {
  const parts = [`provider/${language}/base`, `provider/${language}/${role}`];
  const made = fillTemplate(directory, parts, { version, "provider-role": role });
  // Packages don't keep what may be executed.
  for (const file of STARTED[language]) chmodSync(join(directory, file), 0o755);
  return made;
}
