import type { SqlServerControl } from "./control";
import type { FeedOptions } from "./feed/change-feed";
import type { SqlServerOptions } from ".";

/** The first message to the process: how to start. */
export interface StartOrder {
  readonly id: number;
  readonly options: SqlServerOptions;
}

/** Methods of the control that a message can ask for: those whose arguments and results can be sent. */
export type RemoteMethod = Exclude<
  keyof SqlServerControl,
  "feed" | "load" | "hookFor" | "beforeStatement" | "traffic" | "requests"
>;

/** What the process is told to do. */
export type Work =
  | { readonly do: "control"; readonly method: RemoteMethod; readonly args: readonly unknown[] }
  | { readonly do: "feed"; readonly name: string; readonly database: string; readonly options: FeedOptions }
  | { readonly do: "rate"; readonly name: string; readonly perSecond: number }
  | { readonly do: "make"; readonly name: string; readonly changes: number }
  | { readonly do: "usage" };

/** A message to the process; its answer has the same number. */
export type Order = Work & { readonly id: number };
