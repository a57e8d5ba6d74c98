import { TYPES, type Request } from "tedious";

/**
 * A value sent beside the statement, never inside it. Only types whose values the driver sends unchanged; for another,
 * send nvarchar and write `CAST(@name AS decimal(38,10))`.
 */
export type Parameter =
  | { readonly name: string; readonly type: "int" | "bit"; readonly value: number | null }
  | { readonly name: string; readonly type: "float"; readonly value: number | null }
  | { readonly name: string; readonly type: "bigint"; readonly value: bigint | null }
  | { readonly name: string; readonly type: "nvarchar"; readonly value: string | null }
  | { readonly name: string; readonly type: "varbinary"; readonly value: Buffer | null };

export function addParameters(request: Request, parameters: readonly Parameter[]): void {
  for (const { name, type, value } of parameters) {
    if (type === "int") request.addParameter(name, TYPES.Int, value);
    else if (type === "bit") request.addParameter(name, TYPES.Bit, value === null ? null : value !== 0);
    else if (type === "float") request.addParameter(name, TYPES.Float, value);
    else if (type === "bigint") request.addParameter(name, TYPES.BigInt, value);
    else if (type === "nvarchar") request.addParameter(name, TYPES.NVarChar, value);
    else request.addParameter(name, TYPES.VarBinary, value);
  }
}
