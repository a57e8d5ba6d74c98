import type { Client, PoolClient, Submittable, Connection } from "pg";

/** A `COPY … FROM STDIN` under way on one connection. */
export interface CopyInto {
  /**
   * Sends a chunk of COPY data (tens of kilobytes are best); resolves when more may be sent.
   * The chunk must not be changed afterwards. Rejects with the server's error when it has refused.
   */
  write(chunk: Buffer | string): Promise<void>;
  /** Ends the data; resolves to the number of rows the server took. */
  finish(): Promise<number>;
  /** Tells the server to give up; the surrounding transaction is then aborted. Never rejects. */
  abort(reason: string): Promise<void>;
}

/**
 * Starts the COPY on the connection, which does nothing else until `finish` or `abort` has resolved.
 * Errors are the server's own (wrap them with `toCdcError`).
 * @param statement A `COPY … FROM STDIN` statement, rendered by the sql room.
 */
export function openCopy(client: Client | PoolClient, statement: string): CopyInto {
  return client.query(new CopyQuery(statement));
}

/** The parts of node-postgres' connection that a COPY needs. */
interface CopyConnection {
  query(text: string): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
  readonly stream: {
    write(chunk: Buffer): boolean;
    cork(): void;
    uncork(): void;
    readonly writableNeedDrain: boolean;
    once(event: "drain", listener: () => void): void;
  };
}

const COPY_DATA = 0x64;
const HEADER_BYTES = 5;

/**
 * The query object that node-postgres drives. Written by hand because pg-copy-streams throws from a
 * socket callback, out of reach of any handler, when the server refuses the data while chunks wait.
 */
class CopyQuery implements Submittable, CopyInto {
  private connection: CopyConnection | undefined;
  private failure: Error | undefined;
  private rows = 0;
  private wake: () => void = () => undefined;
  private started!: () => void;
  private settled!: () => void;
  private readonly ready = new Promise<void>((resolve) => (this.started = resolve));
  private readonly done = new Promise<void>((resolve) => (this.settled = resolve));

  constructor(private readonly text: string) {}

  async write(chunk: Buffer | string): Promise<void> {
    await this.ready;
    const stream = this.openConnection().stream;
    const data = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header[0] = COPY_DATA;
    header.writeUInt32BE(data.length + 4, 1);
    stream.cork();
    stream.write(header);
    stream.write(data);
    stream.uncork();
    if (!stream.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      stream.once("drain", resolve);
    });
  }

  async finish(): Promise<number> {
    await this.ready;
    this.openConnection().endCopyFrom();
    await this.done;
    if (this.failure !== undefined) throw this.failure;
    return this.rows;
  }

  async abort(reason: string): Promise<void> {
    await this.ready;
    if (this.failure === undefined) this.connection?.sendCopyFail(reason);
    await this.done;
  }

  submit(connection: Connection): void {
    this.connection = connection as unknown as CopyConnection;
    this.connection.query(this.text);
  }

  handleCopyInResponse(): void {
    this.started();
  }

  handleCommandComplete(message: { readonly text?: string }): void {
    this.rows = Number(/^COPY (\d+)/.exec(message.text ?? "")?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    this.settle();
  }

  handleError(error: Error): void {
    this.failure ??= error;
    this.settle();
  }

  private settle(): void {
    this.started();
    this.wake();
    this.settled();
  }

  private openConnection(): CopyConnection {
    if (this.failure !== undefined) throw this.failure;
    if (this.connection === undefined) throw new Error("the COPY was never sent");
    return this.connection;
  }
}
