import { ClaimStore } from "../../../databases/azure-blob/claim-store";
import { startAzurite, type Azurite } from "../../../test/harness/azurite";
import { changeLine, ServiceBusLab } from "../../../test/harness/servicebus-lab";
import { claimCheck } from "./claim-check";

let lab: ServiceBusLab;
let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(async () => {
  lab = await ServiceBusLab.open("Orders");
});
afterEach(() => lab.close());

const small = (place: number) => changeLine({ table: "Orders", key: 1, place });
const LARGE = changeLine({ table: "Orders", key: 1, place: 2 }, { Text: "x".repeat(400_000) });
const LINES = Buffer.from(`${small(1)}\n${LARGE}\n${small(3)}\n`);

test("an oversize event is a dead letter without its data, and blocks nobody", async () => {
  const sink = await lab.sink();
  await sink.write([LINES]);
  expect(lab.arrived("Orders")).toEqual(["1:1", "1:3"]);
  const [letter] = lab.control.arrivals("cdc_dead_letters");
  expect(letter?.applicationProperties).toMatchObject({
    DeadLetterReason: "TooLarge",
    queue: "Orders_cdc_events",
    key: "1",
    bodyBytes: LARGE.length,
  });
  expect(JSON.parse(String(letter?.body))).toMatchObject({ metadata: { TableName: "Orders" } });
});

test("an oversize event lies in a container, and its message is in its place", async () => {
  const store = new ClaimStore({ connectionString: azurite.connectionString, container: "cdc-oversize" });
  const sink = await lab.sink({ oversize: claimCheck(store) });
  await sink.write([LINES]);
  const arrived = lab.control.arrivals("Orders_cdc_events");
  expect(arrived.map(({ messageId }) => Number.parseInt(messageId.split("/")[2] ?? "", 16))).toEqual([1, 2, 3]);
  const { metadata } = JSON.parse(String(arrived[1]?.body)) as {
    metadata: { ClaimCheck: { url: string; bytes: number } };
  };
  expect(metadata.ClaimCheck.bytes).toBe(LARGE.length);
  expect(arrived[1]?.applicationProperties["claimCheck"]).toBe(metadata.ClaimCheck.url);
  const { BlobServiceClient } = await import("@azure/storage-blob");
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient("cdc-oversize");
  const name = decodeURIComponent(new URL(metadata.ClaimCheck.url).pathname.split("/").slice(3).join("/"));
  expect((await container.getBlobClient(name).downloadToBuffer()).toString()).toBe(LARGE);
});
