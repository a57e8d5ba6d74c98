import type { ConformanceCase } from "../conformance-case";
import type { Kit } from "../kit";
import type { ProviderRun } from "../provider-run";
import { applies, demand, shownLine } from "../verdict";

const SECRET_NAME = /password|passphrase|secret|token|connection_?string|api_?key|pwd/i;
const SHORTEST_SECRET = 4;
const MARK = "conformance-s3cr3t-5f1d";

/** What goes to stderr, and what must not. */
export const LOG_CASES: readonly ConformanceCase[] = [
  {
    name: "logs/no-secrets",
    proves: "no value of the config that looks like a secret is written anywhere",
    role: "any",
    run: async (kit) => {
      const run = await kit.start({ first: withSecret(kit, "password") });
      await settle(run);
      const secrets = [MARK, ...secretsIn(kit.subject.config)];
      for (const secret of secrets)
        demand(
          !written(run).includes(secret),
          () => `a secret is on ${run.stderr.includes(secret) ? "stderr" : "stdout"}`,
        );
    },
  },
  {
    name: "logs/no-secrets-in-refusals",
    proves: "a first line that can't be used isn't quoted",
    role: "any",
    run: async (kit) => {
      const run = await kit.start({ first: `{"command":"run","config":{"password":"${MARK}"\n` });
      run.end();
      await run.over();
      demand(!written(run).includes(MARK), "the refusal quotes the line with its secret");
    },
  },
  {
    name: "logs/lines",
    proves: "what stderr has is text, and JSON lines there have a level and a message",
    role: "any",
    run: async (kit) => {
      const { stderr } = await kit.probe();
      applies(stderr !== "", "it logged nothing");
      demand(!stderr.includes("\u0000"), "there are zero bytes in it");
      for (const line of stderr.split("\n").filter((one) => one.startsWith("{"))) {
        const { level, msg, message } = JSON.parse(line) as Record<string, unknown>;
        demand(typeof level === "string" && typeof (msg ?? message) === "string", () => shownLine(line));
      }
    },
  },
];

function withSecret(kit: Kit, key: string): string {
  const { config } = kit.subject;
  return kit.startLine({ config: key in config ? config : { ...config, [key]: MARK } });
}

async function settle(run: ProviderRun): Promise<void> {
  await run.until(() => run.out.handshake !== undefined);
  run.end();
  run.kill("SIGTERM");
  await run.over();
}

function written(run: ProviderRun): string {
  return run.stderr + run.out.texts.join("\n") + run.out.stray.join("\n");
}

function secretsIn(value: unknown, key = ""): string[] {
  if (typeof value === "string") return SECRET_NAME.test(key) && value.length >= SHORTEST_SECRET ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => secretsIn(one, Array.isArray(value) ? key : name));
}
