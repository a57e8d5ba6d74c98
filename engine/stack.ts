/** What a run does to one resource. */
export type Operation =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "refresh"
  | "import";

/** Something that happened during a run, in order. */
export type EngineEvent =
  | { readonly kind: "start"; readonly operation: RunKind; readonly stack: string; readonly resources?: number }
  | { readonly kind: "resource-start"; readonly urn: string; readonly type: string; readonly operation: Operation }
  | {
      readonly kind: "resource";
      readonly urn: string;
      readonly type: string;
      readonly name: string;
      readonly operation: Operation;
      /** Resource properties before and after (secrets masked), without `__provider`. */
      readonly oldProperties?: Readonly<Record<string, unknown>>;
      readonly newProperties?: Readonly<Record<string, unknown>>;
      /** Names of the properties that differ. */
      readonly changed?: readonly string[];
      readonly durationMs: number;
    }
  | {
      readonly kind: "diagnostic";
      readonly severity: "info" | "warning" | "error";
      readonly message: string;
      readonly urn?: string;
    }
  | { readonly kind: "end"; readonly result: RunResult };

export type RunKind = "preview" | "up" | "refresh" | "destroy";

/** How a run ended. */
export interface RunResult {
  /** Number of resources per operation, `same` included. */
  readonly summary: Readonly<Partial<Record<Operation, number>>>;
  /** True when anything but `same` happened or would happen. */
  readonly changed: boolean;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly durationMs: number;
}

/** Settings of one run. */
export interface RunOptions {
  readonly onEvent?: (event: EngineEvent) => void;
  /** Resource operations under way at once. */
  readonly parallel?: number;
  /** Read the real state first. */
  readonly refresh?: boolean;
  /** Only these URNs (and what they need). */
  readonly targets?: readonly string[];
  readonly expectNoChanges?: boolean;
  readonly signal?: AbortSignal;
}

/** One stack of one project, on whichever engine. */
export interface Stack {
  /** `pulumi 3.260.0` or `built-in`. */
  readonly engine: string;
  preview(options?: RunOptions): Promise<RunResult>;
  up(options?: RunOptions): Promise<RunResult>;
  refresh(options?: RunOptions): Promise<RunResult>;
  destroy(options?: RunOptions): Promise<RunResult>;
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  /** The deployment, as `pulumi stack export` prints it. */
  export(): Promise<unknown>;
  import(deployment: unknown): Promise<void>;
  cancel(): Promise<void>;
  /** Removes the stack itself, which must hold no resource any more; fine when there is none. */
  remove(): Promise<void>;
}

/** What is needed to open a stack. */
export interface OpenStackOptions {
  /** Folder that holds Pulumi.yaml. */
  readonly projectDirectory: string;
  /** Stack name, such as `dev`. */
  readonly stack: string;
  /** State store as in `pulumi login`: `file://<dir>`; default `PULUMI_BACKEND_URL`, else `file://<projectDirectory>/.pulumi-state`. */
  readonly backend?: string;
  /** `auto`: the Pulumi CLI when on PATH, else built-in. */
  readonly engine?: "auto" | "pulumi" | "built-in";
  /** Added to the environment of the program and of its providers: secrets that no file may hold. */
  readonly environment?: Readonly<Record<string, string>>;
}
