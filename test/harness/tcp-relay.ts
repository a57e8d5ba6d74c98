import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** How a relay passes on what the server sends. */
export interface RelayOptions {
  /** Bytes written at once, so that packets are torn; as they come when absent. */
  readonly piece?: number;
  /** Where it listens; a free port when absent. */
  readonly port?: number;
}

/** Stands between a client and a server on this machine: tears, counts and cuts. */
export class TcpRelay {
  bytesToClient = 0;
  private readonly sockets = new Set<Socket>();
  private bytesLeft = Number.POSITIVE_INFINITY;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
    private readonly options: RelayOptions,
  ) {}

  static async open(target: number, options: RelayOptions): Promise<TcpRelay> {
    const server = createServer();
    const relay = new TcpRelay(server, target, options);
    server.on("connection", (client) => {
      relay.join(client);
    });
    await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
    return relay;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Resets the connection once so many more bytes have reached the client. */
  resetAfter(bytes: number): void {
    this.bytesLeft = bytes;
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private join(client: Socket): void {
    const upstream = connect(this.target, "127.0.0.1");
    client.setNoDelay(true);
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.pipe(upstream);
    upstream.on("data", (chunk) => {
      this.pass(chunk, client, upstream);
    });
    client.on("drain", () => upstream.resume());
  }

  private pass(chunk: Buffer, client: Socket, upstream: Socket): void {
    const part = chunk.subarray(0, this.bytesLeft);
    this.bytesLeft -= part.length;
    this.bytesToClient += part.length;
    const piece = this.options.piece ?? part.length;
    let hasRoom = true;
    for (let at = 0; at < part.length; at += piece) hasRoom = client.write(part.subarray(at, at + piece)) && hasRoom;
    if (this.bytesLeft <= 0) setImmediate(() => client.resetAndDestroy());
    else if (!hasRoom) upstream.pause();
  }
}
