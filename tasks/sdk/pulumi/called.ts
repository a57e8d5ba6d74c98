import { resourceNoun } from "../../../model/resource-noun";
import type { ResourceChange } from "../../protocol/messages";

/** Of the stack itself, and of what reaches a cloud: nothing that anybody has asked for. */
const INNER = /^pulumi:(?:pulumi|providers):/;

/** `nodejs:dynamic/cdc:EventQueue` and `servicebus:Queue`: the last word. */
const LAST_WORD = /[^:/]+$/;

/** What a resource is called in results: the last word of its type (`queue` for our own), and its name in the program. */
export function calledOf({
  type,
  name,
}: {
  readonly type: string;
  readonly name: string;
}): Pick<ResourceChange, "kind" | "name"> | undefined {
  if (INNER.test(type)) return undefined;
  return { kind: resourceNoun(LAST_WORD.exec(type)?.[0] ?? type), name };
}
