import { join } from "node:path";
import type { TransformUse } from "../model/config";
import type { MappingKind } from "../model/mapping";
import type { Place } from "../model/problem";
import type { ConfigFolder } from "./config-folder";
import { readTextFile } from "./text-file";

/** A transform of a sink table as it is written. */
export type WrittenTransform = string | WrittenUse;

interface WrittenUse {
  readonly bloblang_ref: string;
  readonly expected_output_column?: string;
  readonly output_type?: string;
  readonly execution_stage?: "source" | "sink";
}

interface WrittenRule extends Partial<WrittenUse> {
  readonly type?: MappingKind;
}

const RULES_FILE = "services/_schemas/transform-rules.yaml";
/** Folder of Bloblang files that are named without a path. */
const BLOBLANG_FOLDER = "services/_bloblang";

/** Reads the uses of transforms: what they leave out comes from the rule of that name or of the same file. */
export function transformReader(folder: ConfigFolder): (written: WrittenTransform, at: Place) => TransformUse {
  const file = folder.read<{ rules?: Readonly<Record<string, WrittenRule>> | null }>(RULES_FILE, "transform-rules");
  const rules = file?.rules ?? {};
  return (written, at) => {
    const use = typeof written === "string" ? { bloblang_ref: written } : written;
    const name = use.bloblang_ref;
    const rule = Object.hasOwn(rules, name) ? rules[name] : ruleOfFile(rules, name);
    const whole: WrittenRule = { ...rule, ...use, bloblang_ref: rule?.bloblang_ref ?? name };
    const text = textOf(folder, whole.bloblang_ref ?? name, at);
    return transformUse(name, whole, text, at);
  };
}

function transformUse(reference: string, written: WrittenRule, text: string | undefined, at: Place): TransformUse {
  const { type: kind, expected_output_column: outputColumn, output_type: outputType } = written;
  return {
    reference,
    stage: written.execution_stage ?? "sink",
    ...(kind === undefined ? {} : { kind }),
    ...(outputColumn === undefined ? {} : { outputColumn }),
    ...(outputType === undefined ? {} : { outputType }),
    ...(text === undefined ? {} : { text }),
    at,
  };
}

function ruleOfFile(rules: Readonly<Record<string, WrittenRule>>, file: string): WrittenRule | undefined {
  return Object.values(rules).find((rule) => rule.bloblang_ref === file);
}

/** The Bloblang of a reference: a path in the configuration's folder, or a file of `services/_bloblang`. */
function textOf(folder: ConfigFolder, reference: string, at: Place): string | undefined {
  if (reference.startsWith("/") || reference.split(/[\\/]/).includes("..")) {
    folder.problem(at, `${reference} leaves the configuration's folder`, "put the file into services/_bloblang");
    return undefined;
  }
  const places = ["", BLOBLANG_FOLDER].flatMap((place) =>
    [reference, `${reference}.blobl`].map((name) => join(place, name)),
  );
  for (const place of places) {
    const content = readTextFile(join(folder.directory, place));
    if (content === undefined) continue;
    if ("text" in content) return content.text;
    folder.problem(at, `${place} ${content.fault}`, content.hint);
    return undefined;
  }
  return undefined;
}
