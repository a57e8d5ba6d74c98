import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CdcError } from "../../lib/errors";
import type { PassphraseVault } from "./passphrase";
import { readYaml, record, type Project } from "./project";

/** One decrypted value of the stack's configuration. */
export interface ConfigEntry {
  /** `namespace:name`. */
  readonly key: string;
  /** Text, or JSON for anything else, as the SDK reads it. */
  readonly text: string;
  readonly secret: boolean;
}

/** A stack file as written, secrets still encrypted. */
export interface StackFile {
  readonly path: string;
  readonly salt: string | undefined;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Reads Pulumi.<stack>.yaml; an absent file is an empty one. Throws `CdcError` on what the engine cannot honour. */
export function readStackFile(project: Project, stack: string): StackFile {
  const yaml = join(project.stackDirectory, `Pulumi.${stack}.yaml`);
  const path = [yaml, yaml.replace(/yaml$/, "yml")].find(existsSync) ?? yaml;
  const content = existsSync(path) ? readYaml(path) : {};
  const provider = content["secretsprovider"];
  if (content["encryptedkey"] || (typeof provider === "string" && provider !== "" && provider !== "passphrase")) {
    throw unsupported(path, `secretsprovider ${String(provider)}`);
  }
  if (content["environment"] !== undefined) throw unsupported(path, "environment");
  const salt = content["encryptionsalt"];
  return { path, salt: typeof salt === "string" ? salt : undefined, config: record(content["config"]) };
}

/** Adds a new salt to the stack file, leaving the rest as it is. */
export function writeSalt(path: string, salt: string): void {
  try {
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    appendFileSync(path, `${text === "" || text.endsWith("\n") ? "" : "\n"}encryptionsalt: ${salt}\n`);
  } catch (cause) {
    throw new CdcError("CDC_STACK_FILE_WRITE", `the encryption salt cannot be written to ${path}`, {
      hint: "Make the file writable: without its salt the stack's secrets cannot be read again.",
      cause,
    });
  }
}

/** The configuration of a stack: its file over the project's defaults, secrets decrypted. */
export function readConfig(project: Project, file: StackFile, vault: PassphraseVault): ConfigEntry[] {
  const entries = new Map<string, ConfigEntry>();
  for (const [name, value] of Object.entries(project.config)) {
    const chosen = projectDefault(value);
    if (chosen !== undefined) addEntry(entries, qualify(name, project.name), chosen, vault);
  }
  for (const [name, value] of Object.entries(file.config)) {
    addEntry(entries, qualify(name, project.name), value, vault);
  }
  return [...entries.values()];
}

function unsupported(path: string, what: string): CdcError {
  return new CdcError("CDC_STACK_UNSUPPORTED", `${path}: ${what} is not supported by the built-in engine`, {
    hint: "Install the Pulumi CLI, or use the passphrase secrets provider.",
  });
}

/** `key`, `ns:key` and the old `ns:config:key` all become `ns:key`. */
function qualify(name: string, project: string): string {
  const [namespace = "", ...rest] = name.split(":");
  if (rest.length === 0) return `${project}:${name}`;
  return `${namespace}:${(rest[0] === "config" && rest.length > 1 ? rest.slice(1) : rest).join(":")}`;
}

function projectDefault(value: unknown): unknown {
  const declared = record(value);
  const isDeclaration = ["default", "value", "type", "description", "secret"].some((key) => key in declared);
  return isDeclaration ? (declared["value"] ?? declared["default"]) : value;
}

function addEntry(entries: Map<string, ConfigEntry>, key: string, value: unknown, vault: PassphraseVault): void {
  let secret = false;
  const opened = open(value, (ciphertext) => {
    secret = true;
    return vault.decryptConfig(ciphertext, `the configuration value ${key}`);
  });
  const text = typeof opened === "string" ? opened : JSON.stringify(opened);
  entries.set(key, { key, text, secret });
}

/** Decrypts `{secure: …}` anywhere in a value; keys are sorted, as the Pulumi CLI passes them. */
function open(value: unknown, decrypt: (ciphertext: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => open(item, decrypt));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value);
  const [first] = members;
  if (members.length === 1 && first?.[0] === "secure" && typeof first[1] === "string") return decrypt(first[1]);
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, open(item, decrypt)]),
  );
}
