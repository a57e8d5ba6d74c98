import type { CatalogTable } from "../../model/catalog-table";
import type { ResourceSpec } from "../../model/resource-spec";

/** Configuration of a provider, variables put in. It may hold secrets: never print it. */
export type ProviderConfig = Readonly<Record<string, unknown>>;

/** Whose stack it is, and what must not be waited for any longer. */
export interface ContributionContext {
  readonly task: string;
  /** The environment in names of connections: `sink:<environment>:…`, `source:<environment>:…`. */
  readonly environment: string;
  readonly signal: AbortSignal;
}

/** A table whose rows come down the stream. */
export interface SourceTableDescription {
  readonly schema: string;
  readonly table: string;
  /** Absent where the source is no database that could be asked. */
  readonly database?: string;
  /**
   * What the source's catalogue says of it, with the columns that are read only; absent where it could not be asked: an
   * external provider only names tables.
   */
  readonly definition?: CatalogTable;
}

/** What one provider adds to the task's own stack. */
export interface Contribution {
  readonly resources: readonly ResourceSpec[];
  /** Tables that an input reads, for the output behind it. */
  readonly tables?: readonly SourceTableDescription[];
}

/** What is there that destroying would lose. */
export interface Holding {
  /** Name of the resource. */
  readonly name: string;
  /** How many, such as 12; 0 when it holds none. */
  readonly count: number;
  /** There may be more: nobody counted to the end. */
  readonly orMore?: boolean;
  /** Of what, in the plural: `messages`, `rows`. */
  readonly noun: string;
}

/** A resource of the task's stack as its state has it. */
export interface DeployedTaskResource {
  readonly type: string;
  readonly name: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The resources that a provider needs. May ask its servers. Throws CdcError for what the user can mend. */
export type Contribute = (
  config: ProviderConfig,
  upstream: Contribution | undefined,
  context: ContributionContext,
) => Promise<Contribution>;

/**
 * Infrastructure of a built-in provider.
 *
 * The handlers find secrets in the environment that `environment` answers (names as for stacks:
 * `MSSQL_<ENV>_PASSWORD`, …); with `destroy --force` they find `CDC_FORCE_DESTROY=1` there, too.
 */
export interface BuiltInInfrastructure {
  readonly contribute: Contribute;
  /** From the configuration alone: also destroy and status need it, when the servers may be gone. */
  environment(config: ProviderConfig, context: ContributionContext): Readonly<Record<string, string>>;
  /** What the deployed resources hold, for `status`; and destroy refuses, without `--force`, when any count isn't 0. */
  holdings?(
    deployed: readonly DeployedTaskResource[],
    config: ProviderConfig,
    context: ContributionContext,
  ): Promise<readonly Holding[]>;
}
