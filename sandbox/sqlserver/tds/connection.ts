import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { SqlError } from "../errors";
import type { Backend, Session } from "../session";
import { readLogin, type Login } from "./login";
import { PACKET, PacketCutter, type Message } from "./packets";
import { answerEncryption, ENCRYPTION, preloginAnswer, readPrelogin } from "./prelogin";
import { readBatch, readBulk, readCalls, readTransaction } from "./requests";
import { Response, type RowHook } from "./response";
import { writeAttentionDone, writeFeatureAck, writeLoginAck, writeLoginEnvironment } from "./tokens";
import { Transport } from "./transport";
import type { Traffic } from "./wire";

/** What a connection needs from the server around it. */
export interface ConnectionContext {
  readonly backend: Backend;
  /** Absent when the server has no TLS. */
  readonly tls: SecureContext | undefined;
  /** The fault planned for a request with this text, if any. */
  hookFor(text: string): RowHook | undefined;
  /** How bytes leave while a fault of the network is on. */
  traffic(): Traffic | undefined;
}

const UTF8_FEATURE = 0x0a;

/** One client: its handshake, then its requests one after another. */
export class Connection {
  private readonly transport: Transport;
  private readonly queue: Message[] = [];
  private session: Session | undefined;
  private packetSize = 4096;
  private busy = false;
  private attentions = 0;

  constructor(
    socket: Socket,
    private readonly context: ConnectionContext,
    private readonly onClose: (connection: Connection) => void,
  ) {
    this.transport = new Transport(
      socket,
      () => context.traffic(),
      (message) => this.received(message),
      () => this.broken(),
    );
  }

  /** Cuts the connection with a TCP reset. */
  reset(): void {
    this.transport.reset();
  }

  /** Leaves the connection open and falls silent. */
  mute(): void {
    this.transport.mute();
  }

  /** Id of the session, as in @@SPID. */
  get spid(): number {
    return this.session?.id ?? 0;
  }

  private broken(): void {
    this.session?.attention();
    this.session?.close();
    this.session = undefined;
    this.onClose(this);
  }

  private received(message: Message): void {
    if (message.type === PACKET.attention) {
      this.attentions++;
      this.session?.attention();
      if (!this.busy) this.acknowledgeAttention();
      return;
    }
    this.queue.push(message);
    if (!this.busy) void this.work();
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let message = this.queue.shift(); message; message = this.queue.shift()) {
      try {
        await this.handle(message);
      } catch (error) {
        this.fail(error);
      }
      if (this.attentions > 0) this.acknowledgeAttention();
    }
    this.busy = false;
  }

  /** The answer so far was ended as a message; the acknowledgement is one of its own. */
  private acknowledgeAttention(): void {
    this.attentions = 0;
    const response = this.response();
    writeAttentionDone(response.raw());
    response.end();
  }

  private async handle(message: Message): Promise<void> {
    switch (message.type) {
      case PACKET.prelogin:
        this.prelogin(message.payload);
        break;
      case PACKET.login:
        this.login(readLogin(message.payload));
        break;
      default:
        if (this.session) await this.request(this.session, message);
        else this.transport.socket.destroy();
    }
  }

  private prelogin(payload: Buffer): void {
    const { encryption } = readPrelogin(payload);
    const answer = answerEncryption(encryption, this.context.tls !== undefined);
    this.transport.write(new PacketCutter(PACKET.response, 0).cut(preloginAnswer(answer), 4096, true));
    if (answer === ENCRYPTION.on && this.context.tls) this.transport.startTls(this.context.tls);
  }

  private login(login: Login): void {
    const response = this.response();
    try {
      if (login.integrated) throw new SqlError(18452, 14, 1, "Login failed. The stand-in knows SQL logins only.");
      this.session = this.context.backend.login(login);
    } catch (error) {
      response.message(asSqlError(error));
      response.done({ kind: "batch", command: 0, failed: true });
      response.end();
      this.transport.end();
      return;
    }
    this.packetSize = Math.min(32_767, Math.max(512, login.packetSize || 4096));
    this.welcome(response, login, this.session.database);
  }

  private welcome(response: Response, login: Login, database: string): void {
    response.environment({ kind: "database", to: database, from: "master" });
    response.message(new SqlError(5701, 0, 2, `Changed database context to '${database}'.`));
    writeLoginEnvironment(response.raw(), this.packetSize, login.packetSize);
    response.message(new SqlError(5703, 0, 1, "Changed language setting to us_english."));
    writeLoginAck(response.raw());
    if (login.features.size > 0) writeFeatureAck(response.raw(), login.features.has(UTF8_FEATURE));
    response.done({ kind: "batch", command: 0 });
    response.end();
  }

  private async request(session: Session, message: Message): Promise<void> {
    const response = this.response();
    if (message.ignore) {
      // Cancelled before it was sent whole: no attention follows, and this is the answer.
      response.done({ kind: "batch", command: 0, failed: true });
      response.end();
      return;
    }
    if (message.reset) session.reset(response);
    try {
      await this.run(session, message, response);
    } catch (error) {
      response.message(asSqlError(error));
      response.done({ kind: "batch", command: 0, failed: true });
    }
    response.end();
  }

  private async run(session: Session, message: Message, response: Response): Promise<void> {
    switch (message.type) {
      case PACKET.batch: {
        const text = readBatch(message.payload);
        response.hook = this.context.hookFor(text);
        await session.batch(text, response);
        break;
      }
      case PACKET.rpc:
        for (const call of readCalls(message.payload)) {
          const text = call.parameters.find(({ value }) => typeof value === "string")?.value;
          response.hook = this.context.hookFor(typeof text === "string" ? text : call.procedure);
          await session.call(call, response);
        }
        break;
      case PACKET.transaction:
        await session.transaction(readTransaction(message.payload), response);
        break;
      case PACKET.bulk:
        await session.bulk(readBulk(message.payload), response);
        break;
      default:
        this.transport.socket.destroy();
    }
  }

  /** What isn't an answer to a request: the bytes made no sense, so the connection can't go on. */
  private fail(error: unknown): void {
    const response = this.response();
    response.message(asSqlError(error));
    response.done({ kind: "batch", command: 0, failed: true });
    response.end();
    this.transport.end();
  }

  private response(): Response {
    const { backend } = this.context;
    return new Response(this.transport, {
      packetSize: this.packetSize,
      spid: this.session?.id ?? 0,
      serverName: backend.serverName,
      database: () => this.session?.database ?? "master",
    });
  }
}

/** A bug of the stand-in must look like one: severity 20, with the place in the text. */
function asSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new SqlError(50_999, 20, 1, `The SQL Server stand-in failed: ${text}`);
}
