import { CdcError } from "../../../lib/errors";
import type { ProviderRole } from "../../../model/built-in-providers";

/** provider.json: what a provider says of itself, before it is started. */
export interface ProviderManifest {
  /** As in its handshake. */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly role: ProviderRole;
  /** Version of the protocol that it speaks. */
  readonly protocol: number;
  readonly description?: string;
  /** Such as `linux/amd64`; `any` for scripts. */
  readonly platforms: readonly string[];
  /** File to start, from the provider's folder. */
  readonly entry: string;
  /** JSON Schema of its configuration. */
  readonly configSchema?: Readonly<Record<string, unknown>>;
}

const NAME = /^[A-Za-z0-9](?:[\w.-]{0,98}[A-Za-z0-9])?$/;
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const LONGEST_DESCRIPTION = 1000;

/** Reads provider.json, of ours or of the earlier Go tool. Throws CdcError (CDC_PROVIDER_MANIFEST) that lists all that is wrong. */
export function readProviderManifest(text: string, where: string): ProviderManifest {
  const given = parseObject(text, where);
  const { type, config_schema: schema, ...rest } = given;
  const value = {
    protocol: 1,
    platforms: ["any"],
    entry: "",
    // Its words for the same things.
    ...(type === undefined ? {} : { role: type }),
    ...(schema === undefined ? {} : { configSchema: schema }),
    ...rest,
  };
  return checked(value, where);
}

/** The manifest with only the keys that it may have; throws as {@link readProviderManifest} does. */
export function checked(value: Readonly<Record<string, unknown>>, where: string): ProviderManifest {
  const problems = CHECKS.filter(([key, holds]) => !holds(value[key])).map(([key, , words]) => `${key} ${words}`);
  if (problems.length > 0)
    throw new CdcError("CDC_PROVIDER_MANIFEST", `${where}: ${problems.join("; ")}`, {
      hint: "docs/providers.md has an example of provider.json.",
    });
  const known = CHECKS.map(([key]) => key).filter((key) => value[key] !== undefined);
  return Object.fromEntries(known.map((key) => [key, value[key]])) as unknown as ProviderManifest;
}

/** The bytes that are published: the same for the same content. */
export function manifestBytes(manifest: ProviderManifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
}

type Check = readonly [key: keyof ProviderManifest, holds: (value: unknown) => boolean, words: string];

const isText = (value: unknown, pattern: RegExp): boolean => typeof value === "string" && pattern.test(value);

/** In the order of the published file. */
const CHECKS: readonly Check[] = [
  ["name", (value) => isText(value, NAME), "must be a name of letters, digits, and . _ - between them"],
  ["version", (value) => isText(value, VERSION), "must be a semantic version, such as 1.2.0 or 1.2.0-beta.1"],
  ["role", (value) => value === "input" || value === "output", "must be input or output"],
  ["protocol", (value) => Number.isInteger(value) && Number(value) > 0, "must be a whole number, such as 1"],
  [
    "description",
    (value) => value === undefined || (typeof value === "string" && value.length <= LONGEST_DESCRIPTION),
    `must be a text of at most ${String(LONGEST_DESCRIPTION)} characters`,
  ],
  ["platforms", (value) => Array.isArray(value) && value.every((one) => typeof one === "string"), "must be a list"],
  ["entry", (value) => typeof value === "string" && isInside(value), "must be a path inside the provider's folder"],
  ["configSchema", (value) => value === undefined || isObject(value), "must be a JSON Schema, an object"],
];

function isInside(path: string): boolean {
  return !/^[/\\]|(?:^|[/\\])\.\.(?:[/\\]|$)|:/.test(path);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(text: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw new CdcError("CDC_PROVIDER_MANIFEST", `${where} is no JSON: ${(cause as Error).message}`, { cause });
  }
  throw new CdcError("CDC_PROVIDER_MANIFEST", `${where} must be a JSON object`);
}
