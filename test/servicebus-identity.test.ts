import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startIdentity, type RunningIdentity } from "../sandbox/identity";
import { startServiceBus, type RunningServiceBus } from "../sandbox/servicebus";
import { startCdc, type EndedProcess } from "./harness/cdc-process";
import { temporaryFolder } from "./harness/temporary-folder";

jest.setTimeout(180_000);

const CLIENT = "11111111-2222-3333-4444-555555555555";
const COUNT = 50;
const QUEUE = "Counter_cdc_events";

let identity: RunningIdentity;
let bus: RunningServiceBus;
let folder: string;

beforeAll(async () => {
  identity = await startIdentity({ clientIds: [CLIENT] });
  bus = await startServiceBus({ tls: true, identityKey: identity.key });
  folder = temporaryFolder("cdc-identity-");
  writeFileSync(join(folder, "certificate.pem"), bus.certificate);
});
afterAll(async () => {
  await bus.close();
  await identity.close();
});

/** Writes the file of a task that has no key, and only says which namespace, and whose identity. */
function writeTask(clientId?: string): void {
  const managed_identity = clientId === undefined ? {} : { client_id: clientId };
  const output = { namespace: `127.0.0.1:${String(bus.port)}`, managed_identity, tables: ["Counter"] };
  const input = { max_count: COUNT };
  const tasks = {
    counted: {
      input: { provider: "counter", config: input },
      output: { provider: "servicebus", config: { ...output, queue_settings: { duplicate_window: "PT5M" } } },
      relay: { restart: { max: 0 } },
    },
  };
  writeFileSync(join(folder, "tasks.yaml"), JSON.stringify({ tasks }));
}

/** What the Azure libraries find where a managed identity is; `more` says what else the environment tells them. */
const endpoint = (more: Readonly<Record<string, string>> = {}) => ({ ...identity.environment, ...more });

/** Only managed identities: nobody is asked who has logged in at a command line. */
const MANAGED = { AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential" };

/** Runs `cdc` with the namespace's certificate trusted. */
function cdc(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<EndedProcess> {
  const trusted = { NODE_EXTRA_CA_CERTS: join(folder, "certificate.pem") };
  return startCdc([...argv, "--engine", "built-in"], { cwd: folder, env: { ...trusted, ...env } }).ended;
}

/** How a process ends, with what it tells. */
function ended(code: number, stderr = ""): Partial<EndedProcess> {
  return { code, stderr: expect.stringContaining(stderr) as string };
}

test("a task makes its queues, streams and removes them by a managed identity, without any key", async () => {
  writeTask(CLIENT);
  expect(await cdc(["init", "counted"], endpoint(MANAGED))).toMatchObject(ended(0));
  bus.control.record(QUEUE);
  expect(await cdc(["run", "counted"], endpoint())).toMatchObject(ended(0));
  const values = bus.control.arrivals(QUEUE).map(({ body }) => {
    return (JSON.parse(String(body)) as { data: { value: number } }).data.value;
  });
  expect(values).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
  const asked = new Set(identity.requests.map(({ resource, clientId }) => `${resource} ${String(clientId)}`));
  expect([...asked].map((one) => one.replace(/\/+ /, " "))).toEqual([`https://servicebus.azure.net ${CLIENT}`]);
  expect(await cdc(["destroy", "counted", "--yes"], endpoint(MANAGED))).toMatchObject(ended(2, "50 messages"));
});

test("the machine's own identity is taken where no other is named", async () => {
  writeTask();
  const before = identity.requests.length;
  expect(await cdc(["destroy", "counted", "--yes", "--force"], endpoint())).toMatchObject(ended(0));
  expect(new Set(identity.requests.slice(before).map(({ clientId }) => clientId))).toEqual(new Set([null]));
  expect(() => bus.control.totals(QUEUE)).toThrow();
});

test("an identity that isn't there is told; so is a token that the namespace doesn't take", async () => {
  bus.createQueue("cdc_dead_letters");
  writeTask("99999999-2222-3333-4444-555555555555");
  expect(await cdc(["run", "counted"], endpoint(MANAGED))).toMatchObject(ended(2, "no identity was found"));
  const other = await startIdentity();
  writeTask();
  expect(await cdc(["run", "counted"], { ...other.environment, ...MANAGED })).toMatchObject(
    ended(2, "access was refused"),
  );
  await other.close();
});
