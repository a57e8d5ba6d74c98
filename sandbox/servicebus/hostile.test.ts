import { ServiceBusClient } from "@azure/service-bus";
import { once } from "node:events";
import { connect } from "node:net";
import { bodies, openBusLab, receive, type BusLab } from "../../test/harness/service-bus";

let lab: BusLab;

beforeAll(async () => {
  lab = await openBusLab();
});

afterAll(() => lab.close());

/** Sends bytes to the port; what comes back until the end. */
async function shout(...chunks: (string | Buffer)[]): Promise<string> {
  const socket = connect(lab.bus.port, lab.bus.host);
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  for (const chunk of chunks) socket.write(chunk);
  socket.end();
  await once(socket, "close");
  return answer;
}

const AMQP_HEADER = Buffer.from("AMQP\x00\x01\x00\x00", "latin1");

describe("clients that are none", () => {
  test.each([
    ["garbage", [Buffer.from([0xff, 0, 1, 2, 3])]],
    ["half a header", ["AM"]],
    ["a header and garbage", [AMQP_HEADER, Buffer.from([0, 0, 0, 9, 2, 0, 0, 0, 0x77])]],
    ["a frame that never ends", [AMQP_HEADER, Buffer.from([0x7f, 0xff, 0xff, 0xff, 2, 0, 0, 0])]],
    ["TLS that is none", [Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5])]],
    ["nothing", []],
  ])("%s harms nobody", async (_, chunks) => {
    await shout(...chunks);
    const queue = lab.queue();
    await lab.client.createSender(queue).sendMessages({ body: "fine" });
    expect(bodies(await receive(lab.client.createReceiver(queue), 1))).toEqual(["fine"]);
  });

  test("HTTP without a token is refused", async () => {
    expect(await shout("GET /q HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).toMatch(/^HTTP\/1.1 401 /);
  });

  test("what isn't there is refused by name", async () => {
    const upgrade =
      "GET /$servicebus/websocket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    expect(await shout(upgrade)).toContain("does not support WebSockets");
    const client = new ServiceBusClient(lab.bus.connectionString, { retryOptions: { maxRetries: 0 } });
    await expect(client.createReceiver("topic", "subscription").receiveMessages(1)).rejects.toThrow(
      "does not support topics and their subscriptions",
    );
    await expect(
      client.createRuleManager("topic", "subscription").createRule("r", { sqlExpression: "1=1" }),
    ).rejects.toThrow("does not support topics and their subscriptions");
    await client.close();
  });
});
