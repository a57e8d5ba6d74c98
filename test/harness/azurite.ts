import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

/** Azure's own emulator of Blob Storage, on this machine, with nothing on disk. */
export interface Azurite {
  readonly connectionString: string;
  /** For an identity: `https` when it was started with a certificate. */
  readonly accountUrl: string;
  stop(): Promise<void>;
}

const MAIN = join(__dirname, "..", "..", "node_modules", "azurite", "dist", "src", "blob", "main.js");
const ACCOUNT = "cdctest";
const LISTENS = "successfully listens";
const KEY = Buffer.from("a key of no account anywhere").toString("base64");

/** Starts it; ends with `stop()`. With files of a certificate it takes tokens of Entra ID, over TLS alone. */
export async function startAzurite(tls?: { readonly cert: string; readonly key: string }): Promise<Azurite> {
  const port = await freePort();
  const secure = tls === undefined ? [] : ["--oauth", "basic", "--cert", tls.cert, "--key", tls.key];
  const options = ["--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence", ...secure];
  const child = spawn(process.execPath, [MAIN, ...options, "--blobHost", "127.0.0.1", "--blobPort", String(port)], {
    env: { ...process.env, AZURITE_ACCOUNTS: `${ACCOUNT}:${KEY}` },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      if (said.includes(LISTENS)) return;
      said += chunk.toString();
      if (said.includes(LISTENS)) resolve();
    });
    void ended.then(() => reject(new Error(`Azurite has ended: ${said}`)));
  });
  const scheme = tls === undefined ? "http" : "https";
  const endpoint = `${scheme}://127.0.0.1:${String(port)}/${ACCOUNT}`;
  return {
    connectionString: `DefaultEndpointsProtocol=${scheme};AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${endpoint};`,
    accountUrl: endpoint,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
