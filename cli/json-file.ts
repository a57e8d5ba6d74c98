import { readFileSync } from "node:fs";
import { CdcError } from "../lib/errors";

/** Reads a JSON object that a flag names. Throws CdcError (CDC_JSON_FILE) when it is none. */
export function readJsonObject(path: string): Record<string, unknown> {
  const text = readFileSync(path, "utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw new CdcError("CDC_JSON_FILE", `${path} is no JSON: ${(cause as Error).message}`, { cause });
  }
  throw new CdcError("CDC_JSON_FILE", `${path} must hold a JSON object`);
}
