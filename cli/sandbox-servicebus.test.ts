import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../sandbox/free-port";
import { runCdc } from "../test/harness/captured-io";
import { startCdc } from "../test/harness/cdc-process";
import { startServiceBus } from "../sandbox/servicebus";

describe("cdc sandbox servicebus", () => {
  const directory = mkdtempSync(join(tmpdir(), "cdc-servicebus-"));

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test("runs a stand-in with its queues until it is stopped", async () => {
    const port = await freePort();
    const args = ["--port", String(port), "--key", "a-key", "--queue", "plain", "Orders_cdc_events:session:duplicates"];
    const command = ["sandbox", "servicebus", ...args, "--certificate", "ca.pem", "--json"];
    const cdc = startCdc(command, { cwd: directory });
    const told = await new Promise<string>((resolve) => {
      cdc.child.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    });
    const { connectionString, queues } = JSON.parse(told) as { connectionString: string; queues: string[] };
    expect(connectionString).toBe(
      `Endpoint=sb://127.0.0.1:${String(port)};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=a-key;UseDevelopmentEmulator=true`,
    );
    expect(queues).toEqual(["plain", "Orders_cdc_events"]);
    const client = new ServiceBusClient(connectionString);
    await client.createSender("plain").sendMessages({ body: 1 });
    await client.close();
    const ca = readFileSync(join(directory, "ca.pem"), "utf8");
    const admin = new ServiceBusAdministrationClient(connectionString, { tlsOptions: { ca } });
    const made = { requiresSession: true, requiresDuplicateDetection: true };
    expect(await admin.getQueue("Orders_cdc_events")).toMatchObject(made);
    cdc.child.kill("SIGINT");
    expect((await cdc.ended).code).toBe(0);
  });

  test.each([
    [["--queue", "a:fifo"], "--queue a:fifo: 'fifo' is unknown"],
    [["--queue", "a", "A"], "--queue A: 'A' already exists."],
    [["--queue", "with space"], "'with space' is no name for a queue."],
  ])("%s is an error", async (args, message) => {
    const { code, stderr } = await runCdc(["sandbox", "servicebus", ...args], { cwd: directory });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test("a port that is taken is an error", async () => {
    const other = await startServiceBus();
    const { code, stderr } = await runCdc(["sandbox", "servicebus", "--port", String(other.port)], { cwd: directory });
    expect(code).toBe(2);
    expect(stderr).toContain("the port is taken");
    await other.close();
  });
});
