import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { CORE_SCHEMA, load } from "js-yaml";
import { CdcError } from "../../lib/errors";

/** What the engine needs to know of a Pulumi.yaml. */
export interface Project {
  readonly name: string;
  /** Folder of Pulumi.yaml. */
  readonly directory: string;
  /** Folder the program runs in: that of `main`. */
  readonly programDirectory: string;
  /** What the SDK's runner is given: a file name in `programDirectory`, or `.`. */
  readonly entryPoint: string;
  /** `runtime.options`, such as `typescript: false`. */
  readonly runtimeOptions: Readonly<Record<string, unknown>>;
  /** `config:` of the project, as written. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Folder of the stack files. */
  readonly stackDirectory: string;
  /** `backend.url`, if any. */
  readonly backend?: string;
  /** Added to the environment of its processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Reads Pulumi.yaml. Throws `CdcError` when it is absent, malformed, or of another runtime. */
export function readProject(directory: string): Project {
  const file = ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(resolve(directory), name)).find(existsSync);
  if (file === undefined) {
    throw new CdcError("CDC_PROJECT_MISSING", `there is no Pulumi.yaml in ${resolve(directory)}`, {
      hint: "Run the command in the folder of a Pulumi project, or name that folder.",
    });
  }
  const yaml = readYaml(file);
  const name = yaml["name"];
  if (typeof name !== "string" || !/^[A-Za-z0-9_.-]{1,100}$/.test(name)) {
    throw new CdcError("CDC_PROJECT_INVALID", `${file}: name must be letters, digits, hyphens, underscores or periods`);
  }
  const home = dirname(file);
  const backend = record(yaml["backend"])["url"];
  const stackDirectory = textOr(yaml["stackConfigDir"], textOr(yaml["config"], "."));
  return {
    name,
    directory: home,
    ...locateMain(home, yaml["main"], file),
    runtimeOptions: readRuntime(yaml["runtime"], file),
    config: typeof yaml["config"] === "string" ? {} : record(yaml["config"]),
    stackDirectory: resolve(home, stackDirectory),
    ...(typeof backend === "string" ? { backend } : {}),
  };
}

/** Reads a YAML file whose top level is a mapping (an empty file is `{}`). Throws `CdcError` naming file and line. */
export function readYaml(file: string): Record<string, unknown> {
  try {
    const value = load(readFileSync(file, "utf8"), { filename: file, schema: CORE_SCHEMA });
    if (value === undefined || value === null) return {};
    if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new CdcError("CDC_PROJECT_INVALID", `${file} cannot be read: ${reason}`, { cause });
  }
  throw new CdcError("CDC_PROJECT_INVALID", `${file} must be a YAML mapping`);
}

/** The value as a record; `{}` when it is not one. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}

function readRuntime(runtime: unknown, file: string): Readonly<Record<string, unknown>> {
  const name = typeof runtime === "string" ? runtime : record(runtime)["name"];
  if (name !== "nodejs") {
    throw new CdcError(
      "CDC_PROJECT_UNSUPPORTED",
      `${file}: the built-in engine runs nodejs programs, not ${String(name)}`,
      {
        hint: "Install the Pulumi CLI for other runtimes.",
      },
    );
  }
  return record(record(runtime)["options"]);
}

function locateMain(home: string, main: unknown, file: string): Pick<Project, "programDirectory" | "entryPoint"> {
  if (typeof main !== "string" || main === "") return { programDirectory: home, entryPoint: "." };
  const path = isAbsolute(main) ? main : join(home, main);
  if (!existsSync(path)) {
    throw new CdcError("CDC_PROJECT_INVALID", `${file}: main names ${path}, which does not exist`, {
      hint: "Build the program first (npm run build), or correct main.",
    });
  }
  if (statSync(path).isDirectory()) return { programDirectory: path, entryPoint: "." };
  return { programDirectory: dirname(path), entryPoint: basename(path) };
}
