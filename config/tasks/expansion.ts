import { expandVariables, type Environment, type MissingVariable } from "../variables";

/** A place that can't be what it is written as. */
export interface ExpansionFault {
  readonly path: readonly (string | number)[];
  readonly text: string;
  readonly hint: string;
}

/** A value with its variables put in. */
export interface Expanded {
  readonly value: unknown;
  /** Variables that aren't set, or are empty. */
  readonly missing: readonly MissingVariable[];
  readonly faults: readonly ExpansionFault[];
  /** Variables that were put in, and what they are. */
  readonly variables: ReadonlyMap<string, string>;
}

const NAME = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-[^{}]*)?\}/g;

/** Puts variables into a value of YAML: `${VAR}` and `${VAR:-default}`. */
export function expandYaml(value: unknown, path: readonly (string | number)[], env: Environment): Expanded {
  const { value: expanded, missing } = expandVariables(value, env);
  const variables = new Map<string, string>();
  for (const text of textsIn(value)) {
    for (const [, name = ""] of text.matchAll(NAME)) {
      const set = Object.hasOwn(env, name) ? env[name] : undefined;
      if (set !== undefined && set !== "") variables.set(name, set);
    }
  }
  const named = missing.filter(({ name }) => !name.startsWith("${"));
  const none = missing.filter(({ name }) => name.startsWith("${"));
  return {
    value: expanded,
    missing: named.map((one) => ({ ...one, path: [...path, ...one.path] })),
    faults: none.map(({ name, path: own }) => ({
      path: [...path, ...own],
      text: `${name} is no variable`,
      hint: "write ${NAME} or ${NAME:-default}",
    })),
    variables,
  };
}

/** Every text in a value. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
