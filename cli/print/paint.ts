import picocolors from "picocolors";
import type { Output } from "../io";

/** Colour functions; they return their argument unchanged when colours are off. */
export type Paint = ReturnType<typeof picocolors.createColors>;

/** Colours for a stream: off without a terminal, with NO_COLOR or `--no-color`; FORCE_COLOR turns them on. */
export function paintFor(output: Output, env: Readonly<Record<string, string | undefined>>, wanted: boolean): Paint {
  const refused = !wanted || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  const forced = (env["FORCE_COLOR"] ?? "") !== "" && env["FORCE_COLOR"] !== "0";
  return picocolors.createColors(!refused && (forced || output.isTTY === true));
}
