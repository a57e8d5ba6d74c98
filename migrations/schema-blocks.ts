import { CdcError } from "../lib/errors";
import { SCHEMA_PLACEHOLDER, type Target } from "./migration-set";
import { fillText } from "./substitute";

/** Begins the part of 01-create-schemas.sql that makes one schema; its name follows, as JSON. */
export const SCHEMA_BLOCK = "-- Schema: ";

/**
 * The statements of 01-create-schemas.sql that make one schema: those under its own name, else those with the
 * placeholder. Throws CdcError (CDC_SCHEMA_NOT_GENERATED) when there are neither.
 */
export function schemaStatements(body: string, { schema }: Pick<Target, "schema">): string {
  const blocks = new Map(
    body
      .split(new RegExp(`^(?=${SCHEMA_BLOCK}")`, "m"))
      .filter((block) => block.startsWith(SCHEMA_BLOCK))
      .map((block) => {
        const end = block.indexOf("\n");
        return [
          JSON.parse(block.slice(SCHEMA_BLOCK.length, end)) as string,
          block.slice(end + 1).trimEnd() + "\n",
        ] as const;
      }),
  );
  const own = blocks.get(schema.replaceAll("{{", "{{OPEN}}")) ?? blocks.get(SCHEMA_PLACEHOLDER);
  if (own !== undefined) return fillText(own, schema);
  throw new CdcError("CDC_SCHEMA_NOT_GENERATED", `01-create-schemas.sql doesn't make schema ${schema}`, {
    hint: "Run `cdc manage-migrations generate`.",
  });
}
