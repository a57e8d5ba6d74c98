import type { NameKind } from "../../config/names";

/** What a shell can ask `cdc complete` for. */
export type ValueKind = NameKind | "stacks";

/** How the values of an option or an argument are completed. */
export type Values =
  | { readonly from: "choices"; readonly choices: readonly string[] }
  | { readonly from: "project"; readonly kind: ValueKind }
  | { readonly from: "folders" }
  | { readonly from: "files" };

interface Rule {
  /** Of an option or an argument, in the singular. */
  readonly name: string;
  /** Only where this stands in the angle brackets; an argument's own name does. */
  readonly placeholder?: string;
  /** Only in this group of commands. */
  readonly command?: string;
  readonly kind: ValueKind;
}

/** Which names take which values; the first that fits counts. Commands that are added later are covered by their words. */
const RULES: readonly Rule[] = [
  { name: "stack", kind: "stacks" },
  { name: "service", kind: "services" },
  { name: "table", placeholder: "table", kind: "sink-tables" },
  { name: "table", placeholder: "name", kind: "table-names" },
  { name: "table", kind: "tables" },
  { name: "source-table", kind: "source-tables" },
  { name: "from", kind: "source-tables" },
  { name: "sink", kind: "sinks" },
  { name: "env", kind: "environments" },
  { name: "environment", kind: "environments" },
  { name: "target-sink-env", kind: "environments" },
  { name: "customer", kind: "customers" },
  { name: "tenant", kind: "customers" },
  { name: "source", kind: "customers" },
  { name: "reference", kind: "customers" },
  { name: "group", command: "manage-source-groups", kind: "source-groups" },
  { name: "group", command: "manage-sink-groups", kind: "sink-groups" },
  { name: "source-group", kind: "source-groups" },
  { name: "server-group", kind: "source-groups" },
  { name: "sink-group", kind: "sink-groups" },
  { name: "template", kind: "column-templates" },
  { name: "task", kind: "tasks" },
];

export const VALUE_KINDS: readonly ValueKind[] = [...new Set(RULES.map(({ kind }) => kind))];

/** A word of the command line that stands for a value. */
export interface ValueWord {
  /** `service` of `--service <name>` or of `<service>`. */
  readonly name: string;
  readonly choices: readonly string[] | undefined;
  /** What stands in the angle brackets, such as `dir`. */
  readonly placeholder: string;
  /** The command that it is a word of, such as `manage-services tables add`. */
  readonly path: string;
}

/** How the value is completed: by its choices, by what the project has, else as a file name. */
export function valuesOf(word: ValueWord): Values {
  const { choices, placeholder } = word;
  if (choices !== undefined && choices.length > 0) return { from: "choices", choices };
  const rule = RULES.find((one) => fits(one, word));
  if (rule !== undefined) return { from: "project", kind: rule.kind };
  return { from: /\b(dir|folder|directory)$/.test(placeholder) ? "folders" : "files" };
}

function fits({ name, placeholder, command }: Rule, word: ValueWord): boolean {
  if (![word.name, singular(word.name)].includes(name)) return false;
  if (command !== undefined && !word.path.startsWith(command)) return false;
  return placeholder === undefined || placeholder === singular(word.placeholder);
}

function singular(name: string): string {
  return name.replace(/\.*$/, "").replace(/s$/, "");
}
