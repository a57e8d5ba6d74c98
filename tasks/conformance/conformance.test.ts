import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CASES } from "./cases";
import { casesFor, runConformance, type ConformanceReport } from "./run-conformance";
import type { Subject } from "./subject";

const PLAIN = join(__dirname, "..", "..", "test", "conformance", "plain-provider.js");

type Shape = "input" | "output" | "infrastructure";

function subject(shape: Shape, mutant = "", more: Partial<Subject> = {}): Subject {
  const role = shape === "input" ? "input" : "output";
  const PLACE = mkdtempSync(join(tmpdir(), "cdc-conformance-"));
  return {
    ...{ file: process.execPath, args: [PLAIN], role, infrastructure: shape === "infrastructure" },
    ...{ config: {}, lines: [], expected: { name: "plain", version: "1.0.0" }, cwd: PLACE, limitMs: 10_000 },
    env: { PATH: process.env["PATH"], ROLE: role, MUTANT: mutant, PLACE },
    ...more,
  };
}

const failures = ({ cases }: ConformanceReport): string[] =>
  cases.filter(({ outcome }) => outcome === "failed").map(({ name, reason }) => `${name}: ${String(reason)}`);

test("there are cases enough, each with a name of its own and a sentence", () => {
  expect(CASES.length).toBeGreaterThanOrEqual(70);
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  expect(CASES.filter(({ proves }) => proves.length < 20)).toEqual([]);
  for (const role of ["input", "output"] as const)
    expect(casesFor({ role, infrastructure: false }).length).toBeGreaterThanOrEqual(40);
});

test.each<[Shape, Record<string, unknown>]>([
  ["input", {}],
  ["input", { max: 50 }],
  ["output", {}],
  ["infrastructure", {}],
])("a plain %s with the config %j passes", async (shape, config) => {
  const report = await runConformance(subject(shape, "", { config }), { atOnce: 4 });
  expect(failures(report)).toEqual([]);
  expect(report.passed).toBeGreaterThan(40);
});

/** Ways to break the protocol, and the case that finds each. */
const MUTANTS: [shape: Shape, mutant: string, found: string, config?: Record<string, unknown>][] = [
  ["input", "silent", "start/command"],
  ["input", "needs-command", "start/bare-config"],
  ["output", "needs-command", "start/bare-config"],
  ["input", "needs-protocol", "start/older-relay"],
  ["input", "strict-keys", "start/unknown-keys"],
  ["input", "key-order", "start/any-order"],
  ["input", "no-carriage-return", "start/windows-line-end"],
  ["input", "one-chunk", "start/in-pieces"],
  ["input", "short-line", "start/large"],
  ["input", "crashes-on-newer", "start/newer-protocol"],
  ["input", "takes-anything", "start/no-json"],
  ["input", "takes-anything", "start/no-object"],
  ["input", "takes-anything", "start/no-config"],
  ["input", "takes-anything", "start/unknown-command"],
  ["input", "banner", "handshake/comes-first"],
  ["input", "version-2", "handshake/version"],
  ["input", "nameless", "handshake/identity"],
  ["input", "odd-capability", "handshake/capabilities"],
  ["input", "ready-twice", "handshake/once"],
  ["input", "chatters", "stdout/no-stray-lines"],
  ["input", "torn-end", "stdout/whole-lines"],
  ["output", "sends-data", "stdout/no-data-from-outputs"],
  ["input", "no-table", "data/envelopes"],
  ["input", "other-first-key", "data/control-lines-apart"],
  ["input", "backwards", "data/positions-in-order"],
  ["input", "hoards", "input/slow-reader"],
  ["input", "deaf-stdin", "input/stdin-end"],
  ["input", "deaf-sigterm", "start/sigterm"],
  ["input", "torn-on-sigterm", "input/sigterm"],
  ["input", "counts-twice", "input/stopped-by-a-relay"],
  ["input", "torn-on-sigterm", "input/sigterm-while-full"],
  ["input", "ignores-epipe", "input/reader-gone"],
  ["input", "data-after-eof", "input/eof-is-last", { max: 50 }],
  ["input", "crashes-on-ack", "input/acks-at-any-time"],
  ["input", "crashes-on-unknown", "input/unknown-control-lines"],
  ["input", "no-heartbeat", "input/heartbeat"],
  ["input", "state-ahead", "state/counts"],
  ["input", "resume-skips", "state/resume-loses-nothing"],
  ["input", "resume-repeats", "state/resume-loses-nothing"],
  ["input", "resume-jumbles", "state/resume-goes-on-in-order"],
  ["input", "resume-skips", "state/resume-after-kill"],
  ["input", "foreign-hang", "state/foreign"],
  ["output", "acks-go-back", "output/acks-never-go-back"],
  ["output", "acks-ahead", "output/acks-only-what-was-sent"],
  ["output", "acks-at-end", "output/acks-without-an-end"],
  ["output", "loses-last", "output/drains-at-the-end"],
  ["output", "fails-at-end", "output/no-lines"],
  ["output", "hangs-at-end", "output/many-lines"],
  ["output", "lost-rest", "output/with-the-first-line"],
  ["output", "text-chunks", "output/lines-in-pieces"],
  ["output", "short-data", "output/large-line"],
  ["output", "data-first-only", "output/metadata-first"],
  ["output", "strict-envelope", "output/unknown-metadata"],
  ["output", "torn-counts", "output/torn-last-line"],
  ["output", "hangs-on-bad-line", "output/bad-line"],
  ["output", "counts-bad-lines", "output/bad-line"],
  ["output", "loses-last", "output/relay-reads-slowly"],
  ["output", "locks", "output/again-after-kill"],
  ["output", "sigterm-fails", "output/sigterm"],
  ["output", "no-heartbeat", "output/heartbeat"],
  ["input", "leaks", "logs/no-secrets"],
  ["input", "quotes-line", "logs/no-secrets-in-refusals"],
  ["input", "bad-log", "logs/lines"],
  ["input", "mute-error", "errors/told"],
  ["input", "codeless", "errors/code"],
  ["input", "goes-on-after-error", "errors/last"],
  ["input", "no-result", "lifecycle/plan"],
  ["input", "fails-without-a-reason", "lifecycle/status"],
  ["input", "more-after-result", "lifecycle/result-is-last"],
  ["input", "fails-with-0", "lifecycle/exit-code"],
  ["input", "takes-anything", "lifecycle/bad-config-fails"],
  ["input", "plan-at-random", "lifecycle/plan-changes-nothing"],
  ["infrastructure", "no-result", "lifecycle/init"],
  ["infrastructure", "init-creates-again", "lifecycle/init-again"],
  ["infrastructure", "plan-is-blind", "lifecycle/plan-after-init"],
  ["infrastructure", "plan-is-blind", "lifecycle/init-after-destroy"],
  ["infrastructure", "status-is-blind", "lifecycle/status-after-init"],
  ["infrastructure", "destroy-needs-something", "lifecycle/destroy-again"],
  ["infrastructure", "plan-never-creates", "lifecycle/plan-after-destroy"],
];

describe("the kit finds", () => {
  test.concurrent.each(MUTANTS)("an %s that %s: %s", async (...[shape, mutant, found, config = {}]) => {
    const report = await runConformance(subject(shape, mutant, { config, limitMs: 3_000 }), { only: found });
    const one = report.cases.find(({ name }) => name === found);
    expect({ outcome: one?.outcome, reason: one?.reason }).toEqual({ outcome: "failed", reason: expect.any(String) });
  });

  test("nearly every way: each case that a provider can fail has one", () => {
    const found = new Set(MUTANTS.map(([, , name]) => name));
    expect(CASES.map(({ name }) => name).filter((name) => !found.has(name))).toEqual(["start/nothing"]);
  });
});
