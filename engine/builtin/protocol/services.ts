import * as grpc from "@grpc/grpc-js";

/** Answers one call: bytes in, bytes out. A thrown {@link RpcError} sets the status. */
export type Handler = (request: Buffer) => Promise<Buffer> | Buffer;

/** Handlers by method name, such as `RegisterResource`. */
export type Handlers = Readonly<Record<string, Handler>>;

/** A gRPC failure with a status of our choosing. */
export class RpcError extends Error {
  constructor(
    readonly code: grpc.status,
    message: string,
    /** The `grpc-status-details-bin` of the answer, if any. */
    readonly details?: Buffer,
  ) {
    super(message);
  }
}

export const rpcStatus = grpc.status;

const identity = (bytes: Buffer): Buffer => bytes;
/** As the SDK has it: a message may be large, and may wait while a program computes. */
const channelOptions = {
  "grpc.max_receive_message_length": 400 * 1024 * 1024,
  "grpc.max_send_message_length": 400 * 1024 * 1024,
  "grpc.server_max_unrequested_time_in_server": 30 * 60,
};

/** Serves `services` (full name -> handlers) on a free port of 127.0.0.1. */
export async function serve(services: Readonly<Record<string, Handlers>>): Promise<{ address: string; close(): void }> {
  const server = new grpc.Server(channelOptions);
  for (const [name, handlers] of Object.entries(services)) addService(server, name, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

function addService(server: grpc.Server, service: string, handlers: Handlers): void {
  const definition: Record<string, grpc.MethodDefinition<Buffer, Buffer>> = {};
  const implementation: Record<string, grpc.handleUnaryCall<Buffer, Buffer>> = {};
  for (const [method, handler] of Object.entries(handlers)) {
    definition[method] = {
      path: `/${service}/${method}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    };
    implementation[method] = (call, callback) => void answer(handler, call.request, callback);
  }
  server.addService(definition, implementation);
}

async function answer(handler: Handler, request: Buffer, callback: grpc.sendUnaryData<Buffer>): Promise<void> {
  try {
    callback(null, await handler(request));
  } catch (error) {
    const code = error instanceof RpcError ? error.code : grpc.status.UNKNOWN;
    callback({ code, details: error instanceof Error ? error.message : String(error) });
  }
}

/** Calls the methods of one service at one address. */
export class RpcClient {
  private readonly client: grpc.Client;

  /** @param explain what to say instead when the other side is gone */
  constructor(
    address: string,
    private readonly service: string,
    private readonly explain: () => Promise<string | undefined>,
  ) {
    this.client = new grpc.Client(address, grpc.credentials.createInsecure(), channelOptions);
  }

  /** One call without a deadline: a resource may take as long as it takes. Throws {@link RpcError}. */
  call(method: string, request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(`/${this.service}/${method}`, identity, identity, request, (error, response) => {
        if (error) void this.toError(error).then(reject);
        else resolve(response ?? Buffer.alloc(0));
      });
    });
  }

  close(): void {
    this.client.close();
  }

  private async toError(error: grpc.ServiceError): Promise<RpcError> {
    const said = error.code === grpc.status.UNAVAILABLE ? await this.explain() : undefined;
    const details = error.metadata.get("grpc-status-details-bin")[0];
    const bytes = Buffer.isBuffer(details) ? details : undefined;
    return new RpcError(error.code, said ?? (error.details || error.message), bytes);
  }
}
