import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket, type SecureContext } from "node:tls";

/** Who takes which clients. */
export interface Rooms {
  readonly amqp: (socket: Socket) => void;
  readonly http: (socket: Socket) => void;
  /** Made when the first client asks for TLS. */
  readonly secure: () => SecureContext;
}

const TLS_HANDSHAKE = 0x16;
const AMQP = "A".charCodeAt(0);

/** One port for AMQP and HTTP, both with TLS or without: the first byte tells. */
export class FrontDoor {
  readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly rooms: Rooms) {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
      this.show(socket, true);
    });
  }

  /** Stops listening and cuts all connections. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private show(socket: Socket, mayEncrypt: boolean): void {
    socket.on("error", () => socket.destroy());
    socket.once("data", (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      if (mayEncrypt && chunk[0] === TLS_HANDSHAKE) this.encrypt(socket);
      else {
        (chunk[0] === AMQP ? this.rooms.amqp : this.rooms.http)(socket);
        process.nextTick(() => socket.resume());
      }
    });
  }

  private encrypt(socket: Socket): void {
    const encrypted = new TLSSocket(socket, { isServer: true, secureContext: this.rooms.secure() });
    this.show(encrypted, false);
  }
}
