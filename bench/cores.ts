import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningPostgres } from "../sandbox/postgres";
import type { SqlServerProcess } from "../sandbox/sqlserver/child";
import type { Figures } from "./bench";
import { cpuSeconds } from "./stream-child";

/** Clock ticks per second in /proc, the same on every Linux. */
const TICKS = 100;

/** Whose processor time is told. */
export interface Parties {
  readonly server: SqlServerProcess;
  /** What moves the rows; this process when absent. */
  readonly stream?: { report(): Promise<{ readonly cpu: NodeJS.CpuUsage }> };
  readonly postgres: RunningPostgres;
}

interface Seconds {
  readonly at: number;
  readonly server: number;
  readonly stream: number;
  readonly postgres: number;
}

/** How many processor cores each side keeps busy from a moment on. */
export class Cores {
  private constructor(
    private readonly parties: Parties,
    private readonly before: Seconds,
  ) {}

  static async begin(parties: Parties): Promise<Cores> {
    return new Cores(parties, await secondsOf(parties));
  }

  async used(): Promise<Figures> {
    const { before } = this;
    const now = await secondsOf(this.parties);
    const share = (party: "server" | "stream" | "postgres") => (now[party] - before[party]) / (now.at - before.at);
    const postgres = share("postgres");
    return {
      "cores of cdc run": share("stream"),
      "of the stand-in": share("server"),
      ...(Number.isNaN(postgres) ? {} : { "of PostgreSQL": postgres }),
    };
  }
}

async function secondsOf({ server, stream, postgres }: Parties): Promise<Seconds> {
  const none = { cpu: { user: 0, system: 0 } };
  const [usage, report] = await Promise.all([server.usage(), stream?.report() ?? { cpu: process.cpuUsage() }]);
  return {
    at: performance.now() / 1000,
    server: cpuSeconds(none, usage),
    stream: cpuSeconds(none, report),
    postgres: postgresSeconds(postgres),
  };
}

/** Of the server and its backends, those that have ended too; not a number where /proc is absent. */
function postgresSeconds({ dataDirectory }: RunningPostgres): number {
  try {
    const [pid = ""] = readFileSync(join(dataDirectory, "cluster", "postmaster.pid"), "utf8").split("\n");
    const below = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    const [own, ended] = ticksOf(pid);
    return below.reduce((sum, child) => sum + ticksOf(child)[0], own + ended) / TICKS;
  } catch {
    return Number.NaN;
  }
}

/** Ticks of a process and of its children that have ended. */
function ticksOf(pid: string): [number, number] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return [user + system, endedUser + endedSystem];
  } catch {
    return [0, 0];
  }
}
