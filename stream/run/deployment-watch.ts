import type { TableShape } from "../../model/table-shape";
import { sleep } from "../../lib/retry";
import { readShapes } from "../sinks/postgres";
import type { Session } from "../sinks/session";

const WATCH_MS = 2_000;
// A table that was dropped and made anew by hand has another oid, and registers nothing.
const MARK = `SELECT concat_ws(' ', count(*), max(c.registered_at), max(c.unregistered_at), sum(r.oid::bigint)) AS mark
  FROM cdc_management.merge_control AS c
  LEFT JOIN pg_namespace AS n ON n.nspname = c.schema_name
  LEFT JOIN pg_class AS r ON r.relnamespace = n.oid AND r.relname = c.table_name`;

/** Notices, by one small query now and then, that other tables are deployed than before. */
export class DeploymentWatch {
  private mark: string | undefined;

  constructor(
    private readonly session: Session,
    /** Told the tables of each new deployment. */
    private readonly onChange: (shapes: readonly TableShape[]) => Promise<void>,
  ) {}

  /** Reads the tables that are deployed now. @throws CdcError `CDC_NOT_DEPLOYED`. */
  async read(): Promise<readonly TableShape[]> {
    // The mark first: what is deployed between the two is noticed at the next look.
    const mark = await this.readMark().catch(() => undefined);
    const shapes = await readShapes(this.session);
    this.mark = mark;
    return shapes;
  }

  /** Looks until the signal is aborted. A look that fails is made up for by the next. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(WATCH_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.look().catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    if ((await this.readMark()) === this.mark) return;
    await this.onChange(await this.read());
  }

  private readMark(): Promise<string | undefined> {
    return this.session.run("deployed tables", async (client) => {
      const { rows } = await client.query<{ mark: string }>(MARK);
      return rows[0]?.mark;
    });
  }
}
