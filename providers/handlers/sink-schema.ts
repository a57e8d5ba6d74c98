import { actualSinkSchema } from "../../databases/postgres/actual/sink-schema";
import type { SinkSchemaProps } from "../../sql/plans/props";
import { planSinkSchema } from "../../sql/plans/sink-schema";
import { checkIdentifiers } from "./checks";
import { lifeCycle } from "./life-cycle";
import type { ResourceKind } from "./resource-kind";

export const sinkSchemaKind: ResourceKind<SinkSchemaProps, SinkSchemaProps> = {
  noun: "SinkSchema",
  identity: ["database", "name"],
  shared: true,
  object: ({ name }) => `schema ${name}`,
  owned: ({ name }) => [{ schema: name }],
  check: (inputs) => checkIdentifiers(inputs, ["name", "applicationRole"]),
  plan: planSinkSchema,
  outputs: (inputs) => inputs,
  actual: (catalog, known) => Promise.resolve(actualSinkSchema(catalog, known)),
};

export const sinkSchema = lifeCycle(sinkSchemaKind);
