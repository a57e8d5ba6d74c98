import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate } from "../sandbox/certificate";
import { startIdentity, type RunningIdentity } from "../sandbox/identity";
import { startServiceBus, type RunningServiceBus } from "../sandbox/servicebus";
import { startAzurite, type Azurite } from "./harness/azurite";
import { startCdc, type EndedProcess } from "./harness/cdc-process";
import { temporaryFolder } from "./harness/temporary-folder";

jest.setTimeout(300_000);

const CLIENT = "11111111-2222-3333-4444-555555555555";
const COUNT = 50;
const QUEUE = "Counter_cdc_events";

let identity: RunningIdentity;
let bus: RunningServiceBus;
let storage: Azurite | undefined;
let folder: string;

beforeAll(async () => {
  identity = await startIdentity({ clientIds: [CLIENT] });
  bus = await startServiceBus({ tls: true, identityKey: identity.key });
  folder = temporaryFolder("cdc-identity-");
  writeFileSync(join(folder, "certificate.pem"), bus.certificate);
});
afterAll(async () => {
  await storage?.stop();
  await bus.close();
  await identity.close();
});

/** What of a task differs from test to test. */
interface Written {
  readonly input?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly lease?: Readonly<Record<string, unknown>>;
}

/** Writes the file of a task that has no key, and only says which namespace, and whose identity. */
function writeTask(clientId: string | undefined, { input, output, lease = { type: "file" } }: Written = {}): void {
  const access = { namespace: `127.0.0.1:${String(bus.port)}`, ...managed(clientId) };
  const counted = {
    input: { provider: "counter", config: { max_count: COUNT, ...input } },
    output: { provider: "servicebus", config: { ...access, tables: ["Counter"], ...output } },
    relay: { restart: { max: 0 } },
    lease,
  };
  writeFileSync(join(folder, "tasks.yaml"), JSON.stringify({ tasks: { counted } }));
}

function managed(clientId: string | undefined): object {
  return clientId === undefined ? {} : { managed_identity: { client_id: clientId } };
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

/** What a message tells of an event that is too large for it. */
interface ClaimedMessage {
  readonly metadata: { readonly ClaimCheck: { readonly bytes: number } };
}

/** How a process ends, with what it tells. */
function ended(code: number, stderr = ""): Partial<EndedProcess> {
  return { stderr: expect.stringContaining(stderr) as string, code };
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
  writeTask(undefined);
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
  writeTask(undefined);
  expect(await cdc(["run", "counted"], { ...other.environment, ...MANAGED })).toMatchObject(
    ended(2, "access was refused"),
  );
  await other.close();
});

test("the lease, and events that are too large, lie in a storage account of the same identity", async () => {
  const { key, certificate } = makeCertificate("azurite");
  const [keyFile, cert] = [join(folder, "azurite.key"), join(folder, "azurite.pem")];
  writeFileSync(keyFile, key);
  writeFileSync(cert, certificate);
  appendFileSync(join(folder, "certificate.pem"), certificate);
  storage = await startAzurite({ cert, key: keyFile });
  const { accountUrl: account_url } = storage;
  bus.createQueue(QUEUE, { requiresSession: true, requiresDuplicateDetection: true });
  bus.createQueue("buried");
  bus.control.record(QUEUE);
  writeTask(CLIENT, {
    input: { max_count: 2, size: 300_000 },
    output: { dead_letter_queue: "buried", oversize: { policy: "claim_check", account_url } },
    lease: { type: "blob", account_url, ...managed(CLIENT) },
  });
  const before = identity.requests.length;
  expect(await cdc(["run", "counted"], endpoint())).toMatchObject(ended(0));
  const messages = bus.control.arrivals(QUEUE).map(({ body }) => JSON.parse(String(body)) as ClaimedMessage);
  expect(messages.map(({ metadata }) => metadata.ClaimCheck.bytes)).toEqual([299_999, 299_999]);
  const stored = identity.requests.slice(before).filter(({ resource }) => resource.includes("storage"));
  // The lease's, and the output's.
  expect(stored.map(({ clientId }) => clientId)).toEqual([CLIENT, CLIENT]);
});
