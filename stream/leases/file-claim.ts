import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../../lib/generated-files";
import type { ProcessIdentity } from "./process-identity";

/** What a claim's file says. */
export interface ClaimText extends ProcessIdentity {
  readonly holder: string;
  /** How long it holds without a sign of life, where nobody can look after the process. */
  readonly ttlMs: number;
  readonly released?: boolean;
}

/** A claim of somebody: the highest token has the lease. */
export interface FoundClaim {
  readonly token: bigint;
  /** Undefined while it is being written, or when it was cut off. */
  readonly text: ClaimText | undefined;
  /** Changes with every sign of life. */
  readonly beat: number;
}

const CLAIM = /^(\d+)\.claim$/;

/** The claims of one lease: a file each, named by its token. */
export class ClaimFiles {
  constructor(private readonly directory: string) {}

  /** The highest claim; undefined when there was none yet. */
  highest(): FoundClaim | undefined {
    const token = this.tokens().at(-1);
    if (token === undefined) return undefined;
    const path = this.path(token);
    return { token, text: readClaim(path), beat: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  }

  /** Makes a claim; false when another is there already, or was and is superseded. */
  make(token: bigint, text: ClaimText): boolean {
    try {
      writeFileSync(this.path(token), JSON.stringify(text), { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
    const tokens = this.tokens();
    if (tokens.at(-1) !== token) {
      rmSync(this.path(token), { force: true });
      return false;
    }
    // The highest one is never removed, so that no token comes twice.
    for (const older of tokens.slice(0, -1)) rmSync(this.path(older), { force: true });
    return true;
  }

  /** Gives a sign of life; false when the claim isn't the highest any more. */
  beat(token: bigint): boolean {
    if (this.tokens().at(-1) !== token) return false;
    const now = new Date();
    utimesSync(this.path(token), now, now);
    return true;
  }

  /** Gives it up; the file stays. */
  release(token: bigint, text: ClaimText): void {
    if (this.tokens().at(-1) === token) writeWhole(this.path(token), JSON.stringify({ ...text, released: true }));
  }

  private tokens(): bigint[] {
    const found = readdirSync(this.directory).flatMap((name) => CLAIM.exec(name)?.[1] ?? []);
    return found.map(BigInt).sort((one, other) => (one < other ? -1 : 1));
  }

  private path(token: bigint): string {
    return join(this.directory, `${String(token)}.claim`);
  }
}

function readClaim(path: string): ClaimText | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ClaimText;
  } catch {
    return undefined;
  }
}
