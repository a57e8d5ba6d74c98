import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathPart } from "../../lib/path-part";
import { ClaimFiles, type FoundClaim } from "./file-claim";
import type { Grip, LeaseBackend } from "./lease";
import { isAlive, ownIdentity } from "./process-identity";

/** How many times its time a claim may show no sign of life before it counts as dead. */
const PATIENCE = 2;

/** What was seen of a claim, by our own clock. */
interface Seen {
  readonly token: bigint;
  readonly beat: number;
  readonly since: number;
}

/**
 * Leases as files of one machine. The system tells whether the process that has one lives; one that is stopped keeps it.
 * Where processes can't see each other, as in containers that share a folder, signs of life count.
 */
export class FileLeases implements LeaseBackend {
  readonly title = "the file system";
  readonly runsOut = false;
  private readonly seen = new Map<string, Seen>();

  constructor(private readonly directory: string) {}

  take(name: string, holder: string, ttlMs: number): Promise<Grip | string> {
    return Promise.resolve().then(() => this.tryTake(name, holder, ttlMs));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private tryTake(name: string, holder: string, ttlMs: number): Grip | string {
    const directory = join(this.directory, pathPart(name));
    mkdirSync(directory, { recursive: true });
    const claims = new ClaimFiles(directory);
    const highest = claims.highest();
    if (highest !== undefined && !this.isFree(directory, highest, ttlMs)) return highest.text?.holder ?? "";
    // The first token is above those of a lease that was kept elsewhere, or in a folder that was removed.
    const token = highest === undefined ? BigInt(Date.now()) : highest.token + 1n;
    const text = { ...ownIdentity(), holder, ttlMs };
    if (!claims.make(token, text)) return claims.highest()?.text?.holder ?? "";
    return {
      token: String(token),
      renew: () => Promise.resolve().then(() => claims.beat(token)),
      release: () =>
        Promise.resolve()
          .then(() => claims.release(token, text))
          .catch(() => undefined),
    };
  }

  private isFree(directory: string, { token, text, beat }: FoundClaim, ttlMs: number): boolean {
    if (text?.released === true) return true;
    const alive = text === undefined ? undefined : isAlive(text);
    if (alive !== undefined) return !alive;
    const now = performance.now();
    const before = this.seen.get(directory);
    const seen = before?.token === token && before.beat === beat ? before : { token, beat, since: now };
    this.seen.set(directory, seen);
    return now - seen.since > PATIENCE * (text?.ttlMs ?? ttlMs);
  }
}
