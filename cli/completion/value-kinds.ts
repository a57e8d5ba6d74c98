import type { NameKind } from "../../config/names";

/** What a shell can ask `cdc complete` for. */
export type ValueKind = NameKind | "stacks";

/** How the values of an option or an argument are completed. */
export type Values =
  | { readonly from: "choices"; readonly choices: readonly string[] }
  | { readonly from: "project"; readonly kind: ValueKind }
  | { readonly from: "folders" }
  | { readonly from: "files" };

/** Values by the name of an option, or of an argument: commands that are added later are covered by their words. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  stack: "stacks",
  service: "services",
  table: "tables",
  "source-table": "source-tables",
  sink: "sinks",
  env: "environments",
  environment: "environments",
  customer: "customers",
  tenant: "customers",
  "source-group": "source-groups",
  "server-group": "source-groups",
  "sink-group": "sink-groups",
  template: "column-templates",
  "column-template": "column-templates",
};

export const VALUE_KINDS: readonly ValueKind[] = [...new Set(Object.values(KINDS))];

/** A word of the command line that stands for a value. */
export interface ValueWord {
  /** `service` of `--service <name>` or of `<service>`. */
  readonly name: string;
  readonly choices: readonly string[] | undefined;
  /** What stands in the angle brackets, such as `dir`. */
  readonly placeholder: string;
}

/** How the value is completed: by its choices, by what the project has, else as a file name. */
export function valuesOf({ name, choices, placeholder }: ValueWord): Values {
  if (choices !== undefined && choices.length > 0) return { from: "choices", choices };
  const singular = name.replace(/s$/, "");
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : Object.hasOwn(KINDS, singular) ? KINDS[singular] : undefined;
  if (kind !== undefined) return { from: "project", kind };
  return { from: /\b(dir|folder|directory)$/.test(placeholder) ? "folders" : "files" };
}
