import { extname } from "node:path";
import { execPath } from "node:process";

/** A program and its arguments. */
export interface StartCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** Scripts that the node of this process starts, so that no other needs to be on PATH. */
const FOR_NODE = [".js", ".cjs", ".mjs"];

/** How a provider's file is started. */
export function startOf(path: string): StartCommand {
  return FOR_NODE.includes(extname(path)) ? { file: execPath, args: [path] } : { file: path, args: [] };
}
