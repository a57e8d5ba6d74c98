import { ADDED, KEYED, TYPES } from "./column-cases";
import type { HazardCase } from "./hazard-case";
import { OTHERS, STAGING, TABLES } from "./object-cases";

/** Every kind of change that cdc makes, and what it meets. */
export const CORPUS: readonly HazardCase[] = [...ADDED, ...TYPES, ...KEYED, ...TABLES, ...STAGING, ...OTHERS];
