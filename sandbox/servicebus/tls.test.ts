import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startServiceBus } from ".";

const run = promisify(execFile);

/** Both clients on one connection string, and on a credential, in a process that trusts the certificate. */
const SCRIPT = `
const { ServiceBusClient, ServiceBusAdministrationClient } = require("@azure/service-bus");
async function main([text, host]) {
  const admin = new ServiceBusAdministrationClient(text);
  await admin.createQueue("secure");
  const client = new ServiceBusClient(text);
  await client.createSender("secure").sendMessages([{ body: 1 }, { body: 2 }]);
  await client.close();
  const credential = { getToken: async () => ({ token: "a-token", expiresOnTimestamp: Date.now() + 3600000 }) };
  const other = new ServiceBusClient(host, credential);
  const messages = await other.createReceiver("secure").receiveMessages(2);
  const { activeMessageCount } = await new ServiceBusAdministrationClient(host, credential).getQueueRuntimeProperties("secure");
  await other.close();
  console.log(JSON.stringify([messages.map(({ body }) => body), activeMessageCount]));
}
main(process.argv.slice(1));
`;

describe("TLS", () => {
  const directory = mkdtempSync(join(tmpdir(), "servicebus-tls-"));

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test("one connection string serves both clients, and a credential does, too", async () => {
    const bus = await startServiceBus({ tls: true, bearerTokens: ["a-token"] });
    const certificate = join(directory, "certificate.pem");
    writeFileSync(certificate, bus.certificate);
    const args = ["-e", SCRIPT, bus.connectionString, `127.0.0.1:${String(bus.port)}`];
    const { stdout } = await run(process.execPath, args, {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate },
    });
    expect(JSON.parse(stdout)).toEqual([[1, 2], 2]);
    await bus.close();
  });
});
