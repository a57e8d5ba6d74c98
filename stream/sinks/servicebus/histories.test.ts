import fc from "fast-check";
import { linesOf, ServiceBusLab, type MadeChange } from "../../../test/harness/servicebus-lab";

const TABLES = ["A", "B"];
const RUNS = process.env["CDC_SOAK"] === undefined ? 12 : 120;

type Control = ServiceBusLab["control"];
const FAULTS: readonly ((control: Control, queue: string) => void)[] = [
  (control, queue) => control.serverBusy({ queue, times: 2 }),
  (control, queue) => control.cutAfter({ queue }),
  (control, queue) => control.cutBefore({ queue }),
  (control, queue) => control.refuse({ queue, condition: "amqp:internal-error", message: "x" }),
  (control, queue) => control.detach(queue),
  (control) => control.closeConnections(),
  (control) => control.disconnectAll(),
];

const step = fc.record({
  keys: fc.array(fc.record({ table: fc.constantFrom(...TABLES), key: fc.nat(3) }), { minLength: 1, maxLength: 40 }),
  fault: fc.option(fc.record({ kind: fc.nat(FAULTS.length - 1), table: fc.constantFrom(...TABLES) }), {
    nil: undefined,
  }),
  /** The sender dies, and the next one begins some changes earlier. */
  dies: fc.boolean(),
  again: fc.nat(30),
});

test("any history reaches its queues once and in order, whatever fails", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      const lab = await ServiceBusLab.open(...TABLES);
      try {
        const all: MadeChange[] = [];
        let sink = await lab.sink();
        for (const { keys, fault, dies, again } of steps) {
          const made = keys.map((one, index) => ({ ...one, place: all.length + index + 1 }));
          if (fault !== undefined) FAULTS[fault.kind]?.(lab.control, `${fault.table}_cdc_events`);
          const writing = sink.write([linesOf(made)]);
          const from = Math.max(0, all.length - again);
          all.push(...made);
          if (!dies) {
            await writing;
            continue;
          }
          writing.catch(() => undefined);
          await sink.close();
          lab.control.clearFaults();
          sink = await lab.sink();
          await sink.write([linesOf(all.slice(from))]);
        }
        for (const table of TABLES) {
          const expected = all.filter((one) => one.table === table).map(({ key, place }) => `${key}:${place}`);
          expect(lab.arrived(table)).toEqual(expected);
        }
      } finally {
        await lab.close();
      }
    }),
    { numRuns: RUNS },
  );
});
