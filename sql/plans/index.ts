import type { Plan } from "../plan";
import { planCdcManagement } from "./cdc-management";
import { planEventQueue } from "./event-queue";
import { planMergeProcedure } from "./merge-procedure";
import { unpackProps } from "./packed";
import { planSinkSchema } from "./sink-schema";
import { planSinkTable } from "./sink-table";
import { previewSourceDatabase, previewSourceTable } from "./source-preview";
import { planStagingTable } from "./staging-table";

type Properties = Readonly<Record<string, unknown>>;
type Planner = (olds: never, news: never) => Plan;

const PLANNERS: Readonly<Record<string, Planner>> = {
  CdcManagement: planCdcManagement,
  EventQueue: planEventQueue,
  MergeProcedure: planMergeProcedure,
  SinkSchema: planSinkSchema,
  SinkTable: planSinkTable,
  SourceDatabaseCdc: previewSourceDatabase,
  SourceTableCdc: previewSourceTable,
  StagingTable: planStagingTable,
};

/**
 * The plan of one resource from its properties in state to those wanted.
 * @param typeToken such as `pulumi-nodejs:dynamic/cdc:SinkTable`
 * @returns undefined when it isn't a resource that this room plans
 */
export function planFor(
  typeToken: string,
  olds: Properties | undefined,
  news: Properties | undefined,
): Plan | undefined {
  const noun = typeToken.slice(typeToken.lastIndexOf(":") + 1);
  const planner = Object.hasOwn(PLANNERS, noun) ? PLANNERS[noun] : undefined;
  return planner?.((olds && unpackProps(olds)) as never, (news && unpackProps(news)) as never);
}
