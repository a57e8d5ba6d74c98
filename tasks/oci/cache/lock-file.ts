import { CdcError } from "../../../lib/errors";
import { textIfThere, writeWhole } from "../../../lib/generated-files";

/** Name of the lock file, beside the task file. */
export const LOCK_FILE = "cdc-providers.lock.json";

interface LockFile {
  readonly version: 1;
  readonly providers: Readonly<Record<string, { readonly digest: string }>>;
}

const DIGEST = /^sha(?:256|512):[0-9a-f]+$/;

/** The digest that a lock file holds for a name with its tag; undefined when it holds none. */
export function lockedDigest(path: string, tagged: string): string | undefined {
  const { providers } = readLock(path);
  return Object.hasOwn(providers, tagged) ? providers[tagged]?.digest : undefined;
}

/** Writes down what a tag stands for. In one turn of the event loop: two pulls of one process don't lose each other's line. */
export function lock(path: string, tagged: string, digest: string): void {
  const { providers } = readLock(path);
  if (Object.hasOwn(providers, tagged) && providers[tagged]?.digest === digest) return;
  const all = { ...providers, [tagged]: { digest } };
  const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  const file: LockFile = { version: 1, providers: Object.fromEntries(sorted) };
  writeWhole(path, `${JSON.stringify(file, undefined, 2)}\n`);
}

function readLock(path: string): LockFile {
  const text = textIfThere(path);
  if (text === undefined) return { version: 1, providers: {} };
  try {
    const value = JSON.parse(text) as Partial<LockFile> | null;
    const all = Object.values(value?.providers ?? {});
    if (value?.version === 1 && all.every(({ digest }) => DIGEST.test(digest)))
      return { version: 1, providers: value.providers ?? {} };
  } catch {
    // Told below.
  }
  throw new CdcError("CDC_PROVIDER_LOCK", `${path} is no lock file of providers, version 1`, {
    hint: "Restore it from version control, or remove it and run `cdc providers pull` again.",
  });
}
