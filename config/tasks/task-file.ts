import type { ProviderRole } from "../../model/built-in-providers";
import type { ProviderSource } from "../../model/provider-source";

/** A task: what comes in through one provider goes out through another. Variables are put in. */
export interface Task {
  readonly name: string;
  readonly input: ProviderUse;
  readonly output: ProviderUse;
  readonly relay: RelaySettings;
  readonly lease: LeaseSettings;
  /** The file it is written in, absolute. */
  readonly file: string;
}

/** A provider as a task uses it. */
export interface ProviderUse {
  readonly role: ProviderRole;
  readonly source: ProviderSource;
  /** For the provider alone. May hold secrets: never print it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Texts of the configuration that no output may show. */
  readonly secrets: readonly string[];
}

/** `relay:` of a task with its defaults. */
export interface RelaySettings {
  /** `parsed`: every line is parsed; `none`: lines pass through. */
  readonly check: "parsed" | "none";
  /** How long a provider may take until it is ready; 0: as long as it likes. */
  readonly handshakeTimeoutS: number;
  readonly restart: {
    /** Restarts, one after the other, until the task gives up; 0: none. */
    readonly max: number;
  };
}

/** `lease:` of a task: what keeps two of it from running at once. */
export interface LeaseSettings {
  readonly type: "none" | "file" | "postgres" | "sqlserver" | "blob";
  /** What the type needs besides, as written. May hold secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What a task's `relay:` leaves out. */
export const DEFAULT_RELAY: RelaySettings = { check: "parsed", handshakeTimeoutS: 30, restart: { max: 10 } };
