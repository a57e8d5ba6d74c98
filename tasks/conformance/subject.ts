import type { JsonObject } from "../protocol/json-object";
import type { Role } from "../protocol/messages";

/** The provider under test. */
export interface Subject {
  /** Absolute, or looked up on PATH. */
  readonly file: string;
  readonly args: readonly string[];
  readonly role: Role;
  /** Run the commands that make and remove things, too. */
  readonly infrastructure: boolean;
  readonly config: JsonObject;
  /** Data lines for an output, without line ends; made up when there are none. */
  readonly lines: readonly string[];
  /** Name and version that its handshake has to say, when they are published somewhere. */
  readonly expected?: { readonly name: string; readonly version: string } | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** How long anything that has to happen may take. */
  readonly limitMs: number;
  /** How long it may take to do what it is told: to end, to confirm, to show that it lives; as long as anything unless given. */
  readonly answerMs?: number | undefined;
  /** After so long without a line an input has nothing more to send for now; 2 s unless given. */
  readonly quietMs?: number | undefined;
}
