import { nearestWord } from "../../model/nearest-word";
import { didYouMean } from "../../model/findings";
import type { Environment } from "../variables";
import type { Expanded, ExpansionFault } from "./expansion";
import { partsOf, type TextPart } from "./hcl-text";

type Path = readonly (string | number)[];

/** Puts variables and locals into the strings of an HCL value. Locals are put in where they are used. */
export class HclValues {
  private readonly faults: ExpansionFault[] = [];
  private readonly missing: { name: string; path: Path }[] = [];
  private readonly variables = new Map<string, string>();

  constructor(
    private readonly locals: Readonly<Record<string, unknown>>,
    private readonly env: Environment,
  ) {}

  /** The value with everything put in; what can't be is told, and stays as it is written. */
  expand(value: unknown, path: Path): Expanded {
    const expanded = this.node(value, path, []);
    return { value: expanded, missing: this.missing, faults: this.faults, variables: this.variables };
  }

  private node(value: unknown, path: Path, within: readonly string[]): unknown {
    if (typeof value === "string") return this.text(value, path, within);
    if (Array.isArray(value)) return value.map((one, index) => this.node(one, [...path, index], within));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, one]) => [key, this.node(one, [...path, key], within)]);
    return Object.fromEntries(entries) as unknown;
  }

  private text(text: string, path: Path, within: readonly string[]): unknown {
    const parts = partsOf(text).map((part) => this.part(part, path, within));
    // An expression that is all there is keeps its kind: a number stays one.
    if (parts.length === 1) return parts[0];
    return parts.map((part) => this.textOf(part, path)).join("");
  }

  private textOf(value: unknown, path: Path): string {
    if (isScalar(value)) return String(value);
    this.fault(path, "a list or a mapping can't be a part of a text", "use it alone");
    return "";
  }

  private part(part: TextPart, path: Path, within: readonly string[]): unknown {
    switch (part.kind) {
      case "literal":
        return part.text;
      case "variable":
        return this.variable(part, path);
      case "local":
        return this.local(part.path, path, within);
      case "fault":
        return this.fault(path, part.text, part.hint);
    }
  }

  private variable({ name, fallback }: TextPart & { kind: "variable" }, path: Path): string {
    const value = Object.hasOwn(this.env, name) ? this.env[name] : undefined;
    if (value !== undefined && value !== "") {
      this.variables.set(name, value);
      return value;
    }
    if (fallback === undefined) this.missing.push({ name, path });
    return fallback ?? "";
  }

  private local(keys: Path, path: Path, within: readonly string[]): unknown {
    const [name = "", ...rest] = keys.map(String);
    if (!Object.hasOwn(this.locals, name)) {
      const near = nearestWord(name, Object.keys(this.locals));
      const choice = Object.keys(this.locals).length === 0 ? "there are no locals" : "see the locals block";
      return this.fault(path, `there is no local.${name}`, didYouMean(near, choice));
    }
    if (within.includes(name)) return this.fault(path, `local.${name} leads back to itself`, "write out what it is");
    const value = this.node(this.locals[name], path, [...within, name]);
    const found = rest.reduce<unknown>((node, key) => childOf(node, key), value);
    if (found === undefined) return this.fault(path, `there is no local.${keys.join(".")}`, "see the locals block");
    return found;
  }

  private fault(path: Path, text: string, hint: string): string {
    this.faults.push({ path, text, hint });
    return "";
  }
}

function childOf(node: unknown, key: string): unknown {
  if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return undefined;
  return (node as Record<string, unknown>)[key];
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
