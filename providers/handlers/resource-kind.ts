import type { Catalog } from "../../databases/postgres/catalog";
import type { PgConfig } from "../../databases/postgres/config";
import type { Plan } from "../../sql/plan";
import type { Sql } from "../../sql/sql";
import type { SinkProps } from "../../sql/plans/props";
import type { CheckFailure } from "./dynamic-provider";
import type { OwnedObject } from "./known-catalog";

/** What one kind of resource adds to the common life cycle of {@link ./life-cycle}. */
export interface ResourceKind<Inputs extends SinkProps, Outputs extends SinkProps> {
  /** `SinkTable`. */
  readonly noun: string;
  /** Properties that name the object. They never change under one resource: that would be another object. */
  readonly identity: readonly (keyof Inputs & string)[];
  /** True when all resources of a database share what it writes, so that only one at a time may. */
  readonly shared: boolean;
  /** The object in words, such as `table cust01.Actor`. */
  object(props: Inputs | Outputs): string;
  /** What a write changes in the catalogue. */
  owned(props: Inputs | Outputs): readonly OwnedObject[];
  /** What is wrong with the inputs, by property. */
  check(inputs: Inputs): readonly CheckFailure[];
  /** Statements from one state to another; see the sql room. */
  plan(olds: Outputs | undefined, news: Inputs | undefined): Plan;
  /** The old outputs with what came by other means than this resource, and is as the inputs want it. */
  met?(olds: Outputs, inputs: Inputs): Outputs;
  /** What goes into state after the object has become what the inputs say. */
  outputs(inputs: Inputs, actual: Outputs | undefined): Outputs;
  /**
   * The object as the database really has it, or undefined when it isn't there. `known` tells what it should be:
   * a spelling that means the same is reported as `known` spells it.
   */
  actual(catalog: Catalog, known: Inputs | Outputs, config: PgConfig): Promise<Outputs | undefined>;
  /** Statements that keep the record of a change, sent in one transaction with the plan's. */
  history?(inputs: Inputs): readonly Sql[];
  /** Adds to the outputs what only a look at the finished object tells. */
  settled?(catalog: Catalog, outputs: Outputs): Outputs;
  /** Statements that tell others what {@link settled} saw. */
  told?(outputs: Outputs): readonly Sql[];
}
