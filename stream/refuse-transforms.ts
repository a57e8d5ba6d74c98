import { CdcError } from "../lib/errors";
import type { TableShape } from "../model/table-shape";

/** @throws CdcError `CDC_TRANSFORM_UNSUPPORTED` naming table and transforms, when the table has any. */
export function refuseTransforms(shape: TableShape): void {
  if (shape.transforms.length === 0) return;
  const names = shape.transforms.join(", ");
  throw new CdcError(
    "CDC_TRANSFORM_UNSUPPORTED",
    `table ${shape.schema}.${shape.table}: the native path cannot run its transforms: ${names}`,
    {
      hint: "Load this table through the Kafka path, or take the transforms out of the service's YAML and deploy again.",
    },
  );
}
