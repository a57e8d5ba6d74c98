import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { CASES } from "./cases";
import { casesFor, runConformance, type ConformanceReport } from "./run-conformance";
import type { Subject } from "./subject";
import { temporaryFolder } from "../../test/harness/temporary-folder";

const PLAIN = join(__dirname, "..", "..", "test", "conformance", "plain-provider.js");

const FOLDER = temporaryFolder("cdc-conformance-");

jest.setTimeout(120_000);

type Shape = "input" | "output" | "infrastructure";

/** Nothing here depends on how long it takes: the limits only end what would hang. */
const PATIENT = { limitMs: 90_000, quietMs: 60_000 };

function subject(shape: Shape, mutant = "", more: Partial<Subject> = {}): Subject {
  const role = shape === "input" ? "input" : "output";
  const PLACE = mkdtempSync(join(FOLDER, "place-"));
  return {
    ...{ file: process.execPath, args: [PLAIN], role, infrastructure: shape === "infrastructure" },
    ...{ config: {}, lines: [], expected: { name: "plain", version: "1.0.0" }, cwd: PLACE, ...PATIENT },
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

describe("a plain provider passes:", () => {
  test.concurrent.each<[Shape, string, Record<string, unknown>]>([
    ["input", "", {}],
    ["input", "input/", { max: 50 }],
    ["input", "state/", { max: 50 }],
    ["output", "", {}],
    ["infrastructure", "lifecycle/", {}],
  ])("%s, cases '%s', config %j", async (...[shape, only, config]) => {
    const report = await runConformance(subject(shape, "", { config }), { only, atOnce: 3 });
    expect(failures(report)).toEqual([]);
    expect(report.passed).toBeGreaterThanOrEqual(only === "" ? 40 : 4);
  });
});

/** Ways to break the protocol, and the case that finds each. */
const MUTANTS: [shape: Shape, mutant: string, found: string, config?: Record<string, unknown>][] = [
  ["input", "needs-command", "start/bare-config"],
  ["output", "needs-command", "start/bare-config"],
  ["input", "needs-protocol", "start/older-relay"],
  ["input", "strict-keys", "start/unknown-keys"],
  ["input", "key-order", "start/any-order"],
  ["input", "no-carriage-return", "start/windows-line-end"],
  ["input", "one-chunk", "start/in-pieces"],
  ["input", "short-line", "start/large"],
  ["input", "crashes-on-newer", "start/newer-protocol"],
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
  ["input", "torn-on-sigterm", "input/sigterm"],
  ["input", "counts-twice", "input/stopped-by-a-relay"],
  ["input", "torn-on-sigterm", "input/sigterm-while-full"],
  ["input", "data-after-eof", "input/eof-is-last", { max: 50 }],
  ["input", "crashes-on-ack", "input/acks-at-any-time"],
  ["input", "crashes-on-unknown", "input/unknown-control-lines"],
  ["input", "state-ahead", "state/counts"],
  ["input", "resume-skips", "state/resume-loses-nothing"],
  ["input", "resume-repeats", "state/resume-loses-nothing"],
  ["input", "resume-jumbles", "state/resume-goes-on-in-order"],
  ["input", "resume-skips", "state/resume-after-kill"],
  ["output", "acks-go-back", "output/acks-never-go-back"],
  ["output", "acks-ahead", "output/acks-only-what-was-sent"],
  ["output", "loses-last", "output/drains-at-the-end"],
  ["output", "fails-at-end", "output/no-lines"],
  ["output", "lost-rest", "output/with-the-first-line"],
  ["output", "text-chunks", "output/lines-in-pieces"],
  ["output", "short-data", "output/large-line"],
  ["output", "data-first-only", "output/metadata-first"],
  ["output", "strict-envelope", "output/unknown-metadata"],
  ["output", "torn-counts", "output/torn-last-line"],
  ["output", "counts-bad-lines", "output/bad-line"],
  ["output", "loses-last", "output/relay-reads-slowly"],
  ["output", "sigterm-fails", "output/sigterm"],
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

/** Ways that only time can tell, with what is said then: whoever doesn't answer within a second is taken to hang. */
const HANGING: [shape: Shape, mutant: string, found: string, reason: string][] = [
  ["input", "silent", "start/command", "there was no handshake"],
  ["input", "takes-anything", "start/no-json", "it went on"],
  ["input", "takes-anything", "start/no-object", "it went on"],
  ["input", "deaf-stdin", "input/stdin-end", "it went on"],
  ["input", "deaf-sigterm", "start/sigterm", "it went on"],
  ["input", "ignores-epipe", "input/reader-gone", "it went on"],
  ["input", "no-heartbeat", "input/heartbeat", "there was none"],
  ["input", "foreign-hang", "state/foreign", "it neither sent anything nor ended"],
  ["output", "acks-at-end", "output/acks-without-an-end", "0 of 25 lines are confirmed"],
  ["output", "hangs-at-end", "output/many-lines", "it didn't end when stdin did"],
  ["output", "hangs-on-bad-line", "output/bad-line", "it didn't end"],
  ["output", "locks", "output/again-after-kill", "it didn't end when stdin did"],
  ["output", "no-heartbeat", "output/heartbeat", "there was none"],
];

async function found(name: string, broken: Subject): Promise<unknown> {
  const { cases } = await runConformance(broken, { only: name });
  const { outcome, reason } = cases.find((one) => one.name === name) ?? {};
  return { outcome, reason };
}

describe("the kit finds", () => {
  test.concurrent.each(MUTANTS)("an %s that %s: %s", async (...[shape, mutant, name, config = {}]) => {
    const result = await found(name, subject(shape, mutant, { config }));
    expect(result).toEqual({ outcome: "failed", reason: expect.any(String) });
  });

  test.concurrent.each(HANGING)("an %s that %s: %s", async (...[shape, mutant, name, reason]) => {
    const limits = mutant === "silent" ? { limitMs: 1_000 } : { answerMs: 1_000 };
    const result = await found(name, subject(shape, mutant, limits));
    expect(result).toEqual({ outcome: "failed", reason: expect.stringContaining(reason) });
  });

  test("nearly every way: each case that a provider can fail has one", () => {
    const named = new Set([...MUTANTS, ...HANGING].map(([, , name]) => name));
    expect(CASES.map(({ name }) => name).filter((name) => !named.has(name))).toEqual(["start/nothing"]);
  });
});
