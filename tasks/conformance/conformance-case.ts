import type { Kit } from "./kit";

/** Whom a case is for. */
export type CaseRole = "any" | "input" | "output" | "infrastructure";

/** One thing that a provider has to do. */
export interface ConformanceCase {
  /** `start/bare-config` */
  readonly name: string;
  /** What holds when it passes. */
  readonly proves: string;
  readonly role: CaseRole;
  /** Throws what {@link demand} and {@link applies} throw. */
  readonly run: (kit: Kit) => Promise<unknown>;
}
