import { parseSourceType } from "../model/source-type";

const LARGE = ["text", "ntext", "image", "xml", "geometry", "geography", "json"];

/** Whether an update that leaves a value of this SQL Server type alone has NULL for it in the change tables. */
export function isLarge(type: string): boolean {
  const parsed = parseSourceType(type);
  return parsed?.length === "max" || LARGE.includes(parsed?.name ?? "");
}
