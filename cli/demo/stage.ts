import type { PgConfig } from "../../databases/postgres/config";
import type { DemoDatabase } from "./database";
import type { Narrator } from "./narrator";
import type { DemoSource } from "./source";

/** What the story is played with. */
export interface Stage {
  readonly narrator: Narrator;
  readonly source: DemoSource;
  readonly database: DemoDatabase;
  /** The server's own database, to make ours from. */
  readonly server: PgConfig;
  /** The copy of the example. */
  readonly directory: string;
}
