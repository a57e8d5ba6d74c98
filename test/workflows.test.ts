import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { load } from "js-yaml";

const FOLDER = ".github/workflows";
const WRITTEN_BY_STRANGERS = /\$\{\{[^}]*github\.(event\.[\w.]*\.(title|body|ref|label|message)|head_ref)/;

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, unknown>;
}

interface Job {
  readonly "runs-on"?: string;
  readonly "timeout-minutes"?: number;
  readonly uses?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly with?: Record<string, string>;
  readonly strategy?: { readonly matrix: Record<string, unknown[]> };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly name: string;
  readonly on: Record<string, Record<string, unknown> | null>;
  readonly permissions: Record<string, string>;
  readonly jobs: Record<string, Job>;
}

const packageScripts = (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> })
  .scripts;
const workflows = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [file, load(readFileSync(`${FOLDER}/${file}`, "utf8")) as Workflow]),
);
const workflow = (file: string) => workflows[file]!;
const steps = (file: string) => Object.values(workflow(file).jobs).flatMap((job) => job.steps ?? []);

describe.each(Object.keys(workflows))("workflow %s", (file) => {
  test("has a name, triggers, least permissions and bounded jobs", () => {
    const { name, on, permissions, jobs } = workflow(file);
    expect(Object.keys(workflow(file)).filter((key) => !TOP_KEYS.includes(key))).toEqual([]);
    expect(name).toBe(file.replace(".yml", ""));
    expect(Object.keys(on).length).toBeGreaterThan(0);
    expect(permissions["contents"]).toBeDefined();
    for (const job of Object.values(jobs)) expect(job.uses ?? job["timeout-minutes"]).toBeDefined();
  });

  test("pins every action to a version, and calls only workflows that exist", () => {
    const used = [...Object.values(workflow(file).jobs), ...steps(file)].flatMap(({ uses }) => uses ?? []);
    for (const uses of used) {
      if (uses.startsWith("./")) expect(existsSync(uses)).toBe(true);
      else expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+/);
    }
  });

  test("runs only scripts that exist, and puts no stranger's text into a shell", () => {
    for (const run of steps(file).flatMap((step) => step.run ?? [])) {
      expect(run).not.toMatch(WRITTEN_BY_STRANGERS);
      for (const [, script] of run.matchAll(/npm run ([\w:]+)/g)) expect(packageScripts).toHaveProperty([script!]);
      for (const [path] of run.matchAll(/scripts\/[\w.-]+|^\.ci\/run$/gm)) expect(existsSync(path)).toBe(true);
    }
  });
});

const TOP_KEYS = ["name", "on", "permissions", "concurrency", "jobs"];

describe("the workflows together", () => {
  test("check on Node 20, 22 and 24 with the one CI command", () => {
    const job = workflow("checks.yml").jobs["checks"]!;
    expect(job.strategy?.matrix["node"]).toEqual([20, 22, 24]);
    expect(job.steps?.at(-1)?.run).toBe(".ci/run");
    expect(statSync(".ci/run").mode & 0o111).not.toBe(0);
  });

  test("post a preview of every stack on a pull request, and change nothing", () => {
    const pulumi = steps("preview.yml").find(({ uses }) => uses?.startsWith("pulumi/actions"));
    expect(pulumi?.with).toMatchObject({ command: "preview", "comment-on-pr": true });
    expect(workflow("preview.yml").permissions["pull-requests"]).toBe("write");
  });

  test("deploy each stack in the environment of its name, prod after dev", () => {
    const { dev, prod } = workflow("deploy.yml").jobs;
    expect([dev?.with?.["stack"], prod?.with?.["stack"], prod?.needs]).toEqual(["dev", "prod", "dev"]);
    const up = workflow("deploy-stack.yml").jobs["up"];
    expect(up?.environment).toBe("${{ inputs.stack }}");
    expect(up?.steps?.at(-1)?.with).toMatchObject({ command: "up" });
  });

  test("release what the tag says, with its section of the changelog", () => {
    const commands = steps("release.yml").flatMap(({ run }) => run ?? []);
    const place = (part: string) => commands.findIndex((command) => command.includes(part));
    const order = ["npm version", "changelog-section", ".ci/run", "npm publish", "gh release create"].map(place);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });
});

describe("the changelog's section", () => {
  const section = (version: string) =>
    execFileSync(process.execPath, ["scripts/changelog-section.mjs", version], { encoding: "utf8", stdio: "pipe" });

  test("of the version in package.json is what a release prints", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(section(version)).toMatch(/^### Added/);
  });

  test("is missing for a version that nobody wrote up", () => {
    expect(() => section("9.9.9")).toThrow("no section for 9.9.9");
  });
});
