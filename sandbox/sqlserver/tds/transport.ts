import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { TLSSocket, type SecureContext } from "node:tls";
import { HEADER_LENGTH, MessageReader, PACKET, PacketCutter, type Message } from "./packets";
import { Wire, type Traffic } from "./wire";

/** Carries TLS records: inside pre-login packets during the handshake, bare afterwards. */
class TlsChannel extends Duplex {
  private readonly cutter = new PacketCutter(PACKET.prelogin, 0);
  handshaking = true;

  constructor(private readonly wire: Wire) {
    super();
    wire.socket.on("close", () => this.destroy());
  }

  override _read(): void {
    // Fed by the socket's data events.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const bytes = this.handshaking ? this.cutter.cut(chunk, 4096, true) : chunk;
    this.wire.write(bytes, () => done());
  }
}

/** The two ways of a connection: messages in, bytes out, with TLS between when it was started. */
export class Transport {
  private readonly reader = new MessageReader();
  private channel: TlsChannel | undefined;
  private secure: TLSSocket | undefined;

  private readonly wire: Wire;

  constructor(
    readonly socket: Socket,
    traffic: () => Traffic | undefined,
    private readonly onMessage: (message: Message) => void,
    private readonly onBroken: () => void,
  ) {
    this.wire = new Wire(socket, traffic);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      if (!this.wire.isMuted) this.received(chunk);
    });
    socket.on("error", onBroken);
    socket.on("close", onBroken);
  }

  /** Sends bytes; whether the client is behind tells {@link drained}. */
  write(bytes: Buffer): void {
    if (this.socket.destroyed) return;
    if (this.secure) this.secure.write(bytes);
    else this.wire.write(bytes);
  }

  /** Resolves when what was written has left, or the connection is gone. */
  drained(): Promise<void> | undefined {
    const target = this.secure ?? this.socket;
    if (!target.writableNeedDrain || this.socket.destroyed) return this.wire.drained();
    return new Promise((resolve) => {
      const finish = () => {
        target.removeListener("drain", finish);
        this.socket.removeListener("close", finish);
        resolve();
      };
      target.once("drain", finish);
      this.socket.once("close", finish);
    });
  }

  /** From now on the client's bytes are TLS. */
  startTls(context: SecureContext): void {
    this.channel = new TlsChannel(this.wire);
    this.secure = new TLSSocket(this.channel, { isServer: true, secureContext: context });
    this.secure.on("error", () => this.socket.destroy());
    const inner = new MessageReader();
    this.secure.on("data", (chunk: Buffer) => {
      this.deliver(inner, chunk);
    });
  }

  /** Ends the connection after what was written. */
  end(): void {
    this.socket.end();
  }

  /** Leaves the connection open and says no more. */
  mute(): void {
    this.wire.mute();
  }

  /** Cuts the connection with a TCP reset. */
  reset(): void {
    // A reset after the end has been sent fails inside Node and would leave the socket open for ever.
    if (this.socket.writableEnded) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  private received(chunk: Buffer): void {
    if (!this.channel) this.deliver(this.reader, chunk);
    else if (this.channel.handshaking) this.receivedHandshake(this.channel, chunk);
    else this.channel.push(chunk);
  }

  /** Handshake records come in pre-login packets; the first byte that starts no such packet is bare TLS. */
  private receivedHandshake(channel: TlsChannel, chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (!this.reader.isEmpty || rest[0] === PACKET.prelogin) {
        const length = rest.length >= HEADER_LENGTH && this.reader.isEmpty ? rest.readUInt16BE(2) : rest.length;
        const packet = rest.subarray(0, Math.min(length, rest.length));
        rest = rest.subarray(packet.length);
        for (const message of this.reader.push(packet)) channel.push(message.payload);
      } else {
        channel.handshaking = false;
        channel.push(rest);
        return;
      }
    }
  }

  private deliver(reader: MessageReader, chunk: Buffer): void {
    try {
      for (const message of reader.push(chunk)) this.onMessage(message);
    } catch {
      this.socket.destroy();
      this.onBroken();
    }
  }
}
