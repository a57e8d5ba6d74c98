import type { ConformanceCase } from "../conformance-case";
import { PROTOCOL_VERSION } from "../../protocol/limits";
import type { Ready } from "../../protocol/messages";
import type { Kit } from "../kit";
import { applies, demand, shownLine } from "../verdict";

const KNOWN = ["ack", "state", "heartbeat"];

/** What the first line of a provider says. */
export const HANDSHAKE_CASES: readonly ConformanceCase[] = [
  {
    name: "handshake/comes-first",
    proves: "nothing is written to stdout before the handshake",
    role: "any",
    run: async (kit) => {
      const { out, ending } = await kit.probe();
      const [first] = out.texts;
      demand(first !== undefined, () => `it wrote nothing: ${ending}`);
      demand(out.handshake?.type !== "data", () => `the first line is ${shownLine(first)}`);
      demand(
        /"(?:type|status)"\s*:\s*"(?:ready|starting|heartbeat|error)"/.test(first),
        () => `the first line is ${shownLine(first)}`,
      );
    },
  },
  {
    name: "handshake/version",
    proves: "it says which version of the protocol it speaks: 1",
    role: "any",
    run: async (kit) => {
      const { protocol } = await readyOf(kit);
      demand(protocol === PROTOCOL_VERSION, `it says ${String(protocol)}`);
    },
  },
  {
    name: "handshake/identity",
    proves: "it says its name and version, those of provider.json",
    role: "any",
    run: async (kit) => {
      const { name, version } = await readyOf(kit);
      demand(name !== "" && version !== "", `it says name "${name}" and version "${version}"`);
      const { expected } = kit.subject;
      demand(
        expected === undefined || expected.name === name,
        `it says "${name}", provider.json "${expected?.name ?? ""}"`,
      );
      demand(
        expected === undefined || expected.version === version,
        `it says version ${version}, provider.json ${expected?.version ?? ""}`,
      );
    },
  },
  {
    name: "handshake/capabilities",
    proves: "its capabilities are words that fit its role",
    role: "any",
    run: async (kit) => {
      const { capabilities } = await readyOf(kit);
      const unknown = capabilities.find((word) => !KNOWN.includes(word));
      demand(unknown === undefined, `nobody knows the capability "${unknown ?? ""}"`);
      demand(kit.subject.role === "input" || !capabilities.includes("state"), "an output has no state to keep");
    },
  },
  {
    name: "handshake/once",
    proves: "it says that it is ready once",
    role: "any",
    run: async (kit) => {
      const { out } = await kit.probe();
      demand(out.handshakes === 1, `there were ${String(out.handshakes)} handshakes`);
    },
  },
];

async function readyOf(kit: Kit): Promise<Ready> {
  const { handshake, ending } = await kit.probe();
  demand(handshake !== undefined, () => `there was no handshake: ${ending}`);
  demand(handshake.type !== "error", () => `it refused: ${handshake.type === "error" ? handshake.message : ""}`);
  applies(handshake.type === "ready", "an older provider: its handshake says nothing of itself");
  return handshake;
}
