import { openStack } from "../../engine/open-stack";
import type { EngineEvent, RunOptions, RunResult, Stack } from "../../engine/stack";
import type { PgConfig } from "./database";
import { makeProject, makeStack, removeProject, writeProject, type YamlProject } from "./yaml-project";

/** Something a run did or would do, `same` left out. */
export interface Step {
  readonly operation: string;
  /** Noun of the resource's type, such as `SinkTable`. */
  readonly noun: string;
  readonly name: string;
  readonly changed: readonly string[];
  readonly newProperties: Readonly<Record<string, unknown>>;
}

/** What came of a run. */
export interface Ran {
  readonly result: RunResult;
  readonly steps: readonly Step[];
  /** Errors and warnings that were told. */
  readonly told: readonly string[];
}

/** A generated project on the built-in engine, deploying into a test database. */
export class Deployment {
  private constructor(
    readonly directory: string,
    private project?: YamlProject,
  ) {}

  static make(config: PgConfig, project: Omit<YamlProject, "database">): Deployment {
    Object.assign(process.env, connectionVariables(config));
    const whole = { ...project, database: config.database };
    return new Deployment(makeProject(whole), whole);
  }

  /** A folder of YAML that is there already, made a project. */
  static of(config: PgConfig, directory: string): Deployment {
    Object.assign(process.env, connectionVariables(config));
    makeStack(directory);
    return new Deployment(directory);
  }

  /** Changes the YAML of a generated project. */
  rewrite(change: Partial<YamlProject>): void {
    if (this.project === undefined) throw new Error("this project was not generated");
    this.project = { ...this.project, ...change };
    writeProject(this.directory, this.project);
  }

  open(): Promise<Stack> {
    return openStack({ projectDirectory: this.directory, stack: "dev", engine: "built-in" });
  }

  /** Runs and lists what was done; `same` and components' own lines are left out. */
  async run(kind: "preview" | "up" | "refresh" | "destroy", options: RunOptions = {}): Promise<Ran> {
    const steps: Step[] = [];
    const told: string[] = [];
    const onEvent = (event: EngineEvent) => {
      if (event.kind === "resource" && event.operation !== "same" && event.type.includes("dynamic/cdc:")) {
        const { operation, name, changed = [], newProperties = {} } = event;
        steps.push({
          operation,
          noun: event.type.slice(event.type.lastIndexOf(":") + 1),
          name,
          changed,
          newProperties,
        });
      }
      if (event.kind === "diagnostic" && event.severity !== "info") told.push(event.message);
    };
    const stack = await this.open();
    return { result: await stack[kind]({ onEvent, ...options }), steps, told };
  }

  /** The deployment without what differs between equal runs. */
  async state(): Promise<unknown> {
    const exported = (await (await this.open()).export()) as { deployment: { resources?: object[] } };
    const resources = (exported.deployment.resources ?? []).map((resource) => {
      const { created: _created, modified: _modified, ...rest } = resource as Record<string, unknown>;
      return rest;
    });
    return resources.sort((one, other) => (String(one["urn"]) < String(other["urn"]) ? -1 : 1));
  }

  remove(): void {
    removeProject(this.directory);
  }
}

/** How the program and the providers find the test's server. */
export function connectionVariables({ host, port, user, password }: PgConfig): Record<string, string> {
  const own = { PG_DEV_HOST: host, PG_DEV_PORT: String(port), PG_DEV_USER: user, PG_DEV_PASSWORD: password };
  return { ...own, PULUMI_CONFIG_PASSPHRASE: "test", CDC_DB_USER: user };
}

/** One line per step, sorted: `create SinkTable main.shop/north/Actor`. */
export function lines(steps: readonly Step[]): string[] {
  return steps.map(({ operation, noun, name }) => `${operation} ${noun} ${name}`).sort();
}
