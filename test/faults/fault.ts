import type { Dice } from "../../sandbox/sqlserver/feed/dice";
import type { RunningPostgres } from "../../sandbox/postgres";
import type { TcpRelay } from "../harness/tcp-relay";
import type { Scenario } from "./scenario";
import type { SinkSide } from "./sink-side";
import type { SourceSide, TenantSource } from "./source-side";
import type { Streams } from "./streams";
import type { Watch } from "./watch";
import type { Workload } from "./workload";

/** One run while it goes on: what a fault may reach. */
export interface Play {
  readonly scenario: Scenario;
  readonly dice: Dice;
  readonly side: SourceSide;
  readonly sink: SinkSide;
  readonly streams: Streams;
  readonly watch: Watch;
  readonly workload: Workload;
  /** Between the streams and the sink, in runs that need it. */
  readonly relay: TcpRelay | undefined;
  /** The sink's server, in runs that need one of their own. */
  readonly server: OwnServer | undefined;
  /** Writes so many transactions at the source. */
  transact(source: TenantSource, count: number): Promise<void>;
  /** Waits until all that is committed is in the sink; false when that takes long. */
  caughtUp(source: TenantSource): Promise<boolean>;
}

/** A server that may be killed and started again. */
export interface OwnServer {
  current: RunningPostgres;
  startAgain(): Promise<void>;
}

/** What ends a fault. */
export type Heal = () => void | Promise<void>;

/** Something that goes wrong. */
export interface Fault {
  readonly name: string;
  /** Its number in the list of faults to survive. */
  readonly number: string;
  readonly side: "process" | "source" | "sink" | "coordination";
  readonly needs?: {
    /** All tables are streamed before it strikes. */
    readonly settled?: boolean;
    /** Rows are copied meanwhile. */
    readonly preload?: boolean;
    readonly relay?: boolean;
    readonly ownServer?: boolean;
    /** Always copies anew by itself. */
    readonly whenNeeded?: boolean;
  };
  /**
   * `recopy`: changes are lost at the source, so the tables are copied anew. `freeze`: a table must stop before the
   * fault. `rename`: an instance made anew would not have what the sink wants. A run has one of them at most.
   */
  readonly effect?: "recopy" | "freeze" | "rename";
  /** Strikes; answers what ends it some transactions later, when it doesn't end by itself. */
  strike(play: Play, source: TenantSource): Promise<Heal | undefined>;
}
