import type { ServiceBusReceivedMessage, ServiceBusSessionReceiver } from "@azure/service-bus";
import { eventually } from "../../test/harness/eventually";
import { bodies, openBusLab, receive, receiveNow, type BusLab } from "../../test/harness/service-bus";
import type { QueueSettings } from ".";

let lab: BusLab;

beforeEach(async () => {
  lab = await openBusLab();
});

afterEach(() => lab.close());

/** A queue with the messages 1, 2, 3 in each of these sessions. */
async function filled(sessions: readonly string[], settings?: Partial<QueueSettings>) {
  const queue = lab.queue({ requiresSession: true, ...settings });
  const sender = lab.client.createSender(queue);
  for (const body of [1, 2, 3]) await sender.sendMessages(sessions.map((sessionId) => ({ body, sessionId })));
  return { queue, sender, control: lab.bus.control };
}

async function completeAll(receiver: ServiceBusSessionReceiver, messages: readonly ServiceBusReceivedMessage[]) {
  for (const message of messages) await receiver.completeMessage(message);
}

describe("sessions", () => {
  test("by name and as they come; each keeps its order", async () => {
    const { queue } = await filled(["a", "b", "c"]);
    const b = await lab.client.acceptSession(queue, "b");
    const next = [await lab.client.acceptNextSession(queue), await lab.client.acceptNextSession(queue)];
    expect(next.map(({ sessionId }) => sessionId)).toEqual(["a", "c"]);
    for (const receiver of [...next, b]) {
      const messages = await receive(receiver, 3);
      expect(bodies(messages)).toEqual([1, 2, 3]);
      expect(messages.every(({ sessionId }) => sessionId === receiver.sessionId)).toBe(true);
      await completeAll(receiver, messages);
    }
    expect(lab.bus.control.counts(queue).active).toBe(0);
  });

  test("one that is locked cannot be had; closing it frees it, and no delivery counts", async () => {
    const { queue } = await filled(["a"]);
    const first = await lab.client.acceptSession(queue, "a");
    await receive(first, 2);
    await expect(lab.client.acceptSession(queue, "a")).rejects.toMatchObject({ code: "SessionCannotBeLocked" });
    await first.close();
    const second = await lab.client.acceptSession(queue, "a");
    const messages = await receive(second, 3);
    expect(bodies(messages)).toEqual([1, 2, 3]);
    expect(messages.map(({ deliveryCount }) => deliveryCount)).toEqual([0, 0, 0]);
  });

  test("waits for the next one, which comes with its first message or from another receiver", async () => {
    const { queue, sender } = await filled([]);
    const waiting = [lab.client.acceptNextSession(queue), lab.client.acceptNextSession(queue)];
    await sender.sendMessages({ body: 1, sessionId: "x" });
    const first = await Promise.race(waiting);
    expect(first.sessionId).toBe("x");
    await first.close();
    const [one, two] = await Promise.all(waiting);
    const second = one === first ? two : one;
    expect(second!.sessionId).toBe("x");
    expect(bodies(await receive(second!, 1))).toEqual([1]);
  });

  test("nobody waits for ever", async () => {
    const { queue } = await filled([]);
    const waiting = lab.client.acceptNextSession(queue);
    await expect(waiting).rejects.toMatchObject({ code: "ServiceTimeout" });
  });

  test("what is abandoned comes again in its place, and what fails too often goes", async () => {
    const { queue, control } = await filled(["a"], { maxDeliveryCount: 2 });
    const receiver = await lab.client.acceptSession(queue, "a");
    for (const round of [1, 2]) {
      const [first, second] = await receive(receiver, 2);
      expect(bodies([first!, second!])).toEqual([1, 2]);
      await receiver.abandonMessage(first!);
      if (round === 1) await receiver.abandonMessage(second!);
    }
    expect(control.messages(`${queue}/$DeadLetterQueue`)).toMatchObject([{ sessionId: "a", sequence: 1 }]);
  });

  test("a lock that ran out frees the session; its delivery counts", async () => {
    const { queue, control } = await filled(["a"]);
    const lost = await lab.client.acceptSession(queue, "a", { maxAutoLockRenewalDurationInMs: 0 });
    const [message] = await receive(lost, 1);
    control.skip(60_001);
    await eventually(() => expect(lost.isClosed).toBe(true));
    await expect(lost.completeMessage(message!)).rejects.toMatchObject({ code: "SessionLockLost" });
    const next = await lab.client.acceptNextSession(queue);
    const again = await receive(next, 3);
    expect(bodies(again)).toEqual([1, 2, 3]);
    expect(again.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 0, 0]);
    await completeAll(next, again);
  });

  test("renewing keeps it", async () => {
    const { queue, control } = await filled(["a"]);
    const receiver = await lab.client.acceptSession(queue, "a", { maxAutoLockRenewalDurationInMs: 0 });
    const [message] = await receive(receiver, 1);
    control.skip(50_000);
    expect((await receiver.renewSessionLock()).getTime()).toBeGreaterThan(Date.now() + 100_000);
    control.skip(50_000);
    await receiver.completeMessage(message!);
  });

  test("the client renews by itself", async () => {
    const { queue } = await filled(["a"], { lockDurationMs: 5000 });
    const receiver = await lab.client.acceptSession(queue, "a");
    const first = receiver.sessionLockedUntilUtc.getTime();
    const messages = await receive(receiver, 3);
    await eventually(() => expect(receiver.sessionLockedUntilUtc.getTime()).toBeGreaterThan(first));
    await completeAll(receiver, messages);
  });

  test("a state is kept, for whoever has the session, messages or not", async () => {
    const { queue } = await filled(["a"]);
    const first = await lab.client.acceptSession(queue, "a");
    expect(await first.getSessionState()).toBeNull();
    await first.setSessionState({ at: 7 });
    await completeAll(first, await receive(first, 3));
    await first.close();
    const second = await lab.client.acceptSession(queue, "a");
    expect(await second.getSessionState()).toEqual({ at: 7 });
    await second.setSessionState(null);
    await second.close();
    const third = await lab.client.acceptSession(queue, "a");
    expect(await third.getSessionState()).toBeNull();
  });

  test("its messages can be peeked, deferred and dead-lettered", async () => {
    const { queue, control } = await filled(["a", "b"]);
    const receiver = await lab.client.acceptSession(queue, "a");
    expect(bodies(await receiver.peekMessages(10))).toEqual([1, 2, 3]);
    const [first, second] = await receive(receiver, 2);
    await receiver.deferMessage(first!);
    await receiver.deadLetterMessage(second!, { deadLetterReason: "r", deadLetterErrorDescription: "d" });
    const [deferred] = await receiver.receiveDeferredMessages(first!.sequenceNumber!);
    expect(deferred!.body).toBe(1);
    await receiver.completeMessage(deferred!);
    expect(control.counts(queue)).toEqual({ active: 4, scheduled: 0, deadLetters: 1 });
    const dead = lab.client.createReceiver(queue, { subQueueType: "deadLetter" });
    expect((await receive(dead, 1))[0]).toMatchObject({ body: 2, sessionId: "a" });
  });

  test("a connection that breaks frees it", async () => {
    const { queue, control } = await filled(["a"]);
    const receiver = await lab.client.acceptSession(queue, "a");
    await receive(receiver, 1);
    control.disconnectAll();
    await eventually(() => expect(receiver.isClosed).toBe(true));
    const again = await lab.client.acceptSession(queue, "a");
    expect(bodies(await receive(again, 3))).toEqual([1, 2, 3]);
  });

  test("receivers go on with a session while more comes", async () => {
    const { queue, sender } = await filled(["a"]);
    const receiver = await lab.client.acceptSession(queue, "a");
    await completeAll(receiver, await receive(receiver, 3));
    expect(await receiveNow(receiver)).toEqual([]);
    await sender.sendMessages([4, 5].map((body) => ({ body, sessionId: "a" })));
    expect(bodies(await receive(receiver, 2))).toEqual([4, 5]);
  });

  test("a queue without sessions has none to accept", async () => {
    const queue = lab.queue();
    await expect(lab.client.acceptSession(queue, "a")).rejects.toThrow("does not require sessions");
  });

  test("messages can be taken at once", async () => {
    const { queue, control } = await filled(["a", "b"]);
    const receiver = await lab.client.acceptSession(queue, "b", { receiveMode: "receiveAndDelete" });
    expect(bodies(await receive(receiver, 3))).toEqual([1, 2, 3]);
    expect(control.counts(queue).active).toBe(3);
  });
});
