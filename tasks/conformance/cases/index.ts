import type { ConformanceCase } from "../conformance-case";
import { ERROR_CASES } from "./errors";
import { HANDSHAKE_CASES } from "./handshake";
import { INFRASTRUCTURE_CASES } from "./infrastructure";
import { INPUT_CASES } from "./input";
import { LIFECYCLE_CASES } from "./lifecycle";
import { LOG_CASES } from "./logs";
import { OUTPUT_CASES } from "./output";
import { START_CASES } from "./start";
import { STATE_CASES } from "./state";
import { STDOUT_CASES } from "./stdout";

/** Everything that a provider is asked to do, in the order in which it is tried: what it makes is empty at first. */
export const CASES: readonly ConformanceCase[] = [
  ...INFRASTRUCTURE_CASES,
  ...START_CASES,
  ...HANDSHAKE_CASES,
  ...STDOUT_CASES,
  ...INPUT_CASES,
  ...STATE_CASES,
  ...OUTPUT_CASES,
  ...LOG_CASES,
  ...ERROR_CASES,
  ...LIFECYCLE_CASES,
];
