import type { SinkSchemaProps } from "../../sql/plans/props";
import { planSinkSchema } from "../../sql/plans/sink-schema";
import { checkIdentifiers } from "./checks";
import { lifeCycle } from "./life-cycle";
import type { ResourceKind } from "./resource-kind";
import { roleHolding } from "./rights";

export const sinkSchemaKind: ResourceKind<SinkSchemaProps, SinkSchemaProps> = {
  noun: "SinkSchema",
  identity: ["database", "name"],
  shared: true,
  object: ({ name }) => `schema ${name}`,
  owned: ({ name }) => [{ schema: name }],
  check: (inputs) => checkIdentifiers(inputs, ["name", "applicationRole"]),
  plan: planSinkSchema,
  outputs: (inputs) => inputs,
  actual: (catalog, known) => {
    const found = catalog.schemas.get(known.name);
    if (found === undefined) return Promise.resolve(undefined);
    const { applicationRole, ...props } = known;
    return Promise.resolve({ ...props, ...roleHolding(found, applicationRole, "U") });
  },
};

export const sinkSchema = lifeCycle(sinkSchemaKind);
