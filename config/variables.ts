/** Result of putting variables into a value: the value, and the names that are not set. */
export interface Expanded {
  readonly value: unknown;
  readonly missing: readonly MissingVariable[];
}

export interface MissingVariable {
  readonly name: string;
  /** Where in the value it is used. */
  readonly path: readonly (string | number)[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$\{([^{}]*)\}/g;
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Replaces `${VAR}` and `${VAR:-default}` in every text of a parsed YAML value, keys aside. A variable that is
 * unset or empty takes its default; without one it is missing and stays as it is written. The default may be empty.
 */
export function expandVariables(value: unknown, env: Environment): Expanded {
  const missing: MissingVariable[] = [];
  const expanded = expandNode(value, env, [], missing);
  return { value: expanded, missing };
}

function expandNode(value: unknown, env: Environment, path: (string | number)[], missing: MissingVariable[]): unknown {
  if (typeof value === "string") return value.includes("${") ? expandText(value, env, path, missing) : value;
  if (Array.isArray(value)) return value.map((one, index) => expandNode(one, env, [...path, index], missing));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, expandNode(one, env, [...path, key], missing)]);
  return Object.fromEntries(entries) as unknown;
}

function expandText(text: string, env: Environment, path: (string | number)[], missing: MissingVariable[]): string {
  return text.replace(VARIABLE, (written: string, inside: string) => {
    const [, name, fallback] = NAME.exec(inside) ?? [];
    if (name === undefined) {
      missing.push({ name: written, path });
      return written;
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value !== undefined && value !== "") return value;
    if (fallback === undefined) missing.push({ name, path });
    return fallback ?? written;
  });
}
