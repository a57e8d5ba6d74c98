import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { load } from "js-yaml";
import { BUILT_IN_PROVIDERS } from "../model/built-in-providers";
import { temporaryFolder } from "./harness/temporary-folder";

const FOLDER = ".github/workflows";
const WRITTEN_BY_STRANGERS = /\$\{\{[^}]*github\.(event\.[\w.]*\.(title|body|ref|label|message)|head_ref)/;

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, unknown>;
  readonly env?: Record<string, string>;
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
    const order = ["set-version", "release-notes", ".ci/run", "npm publish", "gh release create"].map(place);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  test("release a tag with a - as a pre-release: next on npm, no latest, marked on GitHub", () => {
    const run = (part: string) => steps("release.yml").find((step) => step.run?.includes(part));
    expect(run("npm publish")?.env).toEqual({ NPM_TAG: "${{ contains(github.ref_name, '-') && 'next' || 'latest' }}" });
    expect(run("gh release create")?.env).toMatchObject({ PRERELEASE: "${{ contains(github.ref_name, '-') }}" });
    const names = steps("release.yml").find(({ uses }) => uses?.startsWith("docker/metadata-action"));
    expect(names?.with).toMatchObject({ tags: "type=semver,pattern=v{{version}}", flavor: "latest=auto" });
  });

  test("release an image of the CLI and of every built-in provider, after npm", () => {
    const { images } = workflow("release.yml").jobs;
    expect(images?.needs).toBe("npm");
    const built = images?.strategy?.matrix["include"] as { image: string; target: string }[];
    const providers = BUILT_IN_PROVIDERS.map(({ executable }) => executable);
    expect(built.map(({ image }) => image).sort()).toEqual(["pulumi-cdc", ...providers].sort());
    const dockerfile = readFileSync("Dockerfile", "utf8");
    for (const { target } of built) expect(dockerfile).toMatch(new RegExp(`^FROM .* AS ${target}$`, "m"));
    const packageFile = JSON.parse(readFileSync("package.json", "utf8")) as { bin: Record<string, string> };
    for (const provider of providers) expect(existsSync(packageFile.bin[provider]!)).toBe(true);
  });
});

describe("the version", () => {
  const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as { version: string };
  const version = readFileSync("VERSION", "utf8").trim();

  test("is that of VERSION everywhere", () => {
    expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect([read("package.json").version, read("package-lock.json").version]).toEqual([version, version]);
  });

  test("is set in all files at once, and refused when it is none", () => {
    const cwd = temporaryFolder("cdc-version-");
    for (const file of ["package.json", "package-lock.json"]) cpSync(file, join(cwd, file));
    const set = (given: string) =>
      execFileSync(process.execPath, [resolve("scripts/set-version.mjs"), given], { cwd, stdio: "pipe" });
    set("1.2.3-beta.1");
    expect(readFileSync(join(cwd, "VERSION"), "utf8")).toBe("1.2.3-beta.1\n");
    for (const file of ["package.json", "package-lock.json"])
      expect(readFileSync(join(cwd, file), "utf8")).toBe(
        readFileSync(file, "utf8")
          .replaceAll(
            `"name": "pulumi-cdc",\n  "version": "${version}"`,
            '"name": "pulumi-cdc",\n  "version": "1.2.3-beta.1"',
          )
          .replaceAll(
            `"name": "pulumi-cdc",\n      "version": "${version}"`,
            '"name": "pulumi-cdc",\n      "version": "1.2.3-beta.1"',
          ),
      );
    for (const wrong of ["", "1.2", "v1.2.3", "1.2.3-"]) expect(() => set(wrong)).toThrow("is no version");
  });
});

describe("the notes of a release", () => {
  const notes = (version: string, cwd = process.cwd()) =>
    execFileSync(process.execPath, [resolve("scripts/release-notes.mjs"), version], {
      cwd,
      encoding: "utf8",
      stdio: "pipe",
    });

  test("are the changelog's section of the version in package.json", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(notes(version)).toMatch(/^### Added/);
    expect(notes(`${version}-beta.1`)).toMatch(/^### Added/);
  });

  test("are missing for a version that nobody wrote up", () => {
    expect(() => notes("9.9.9")).toThrow("no section for 9.9.9");
    expect(() => notes("9.9.9-beta.1")).toThrow("no section for 9.9.9-beta.1");
  });

  test("list the commits since the last tag", () => {
    const cwd = temporaryFolder("cdc-notes-");
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd });
    writeFileSync(
      join(cwd, "CHANGELOG.md"),
      "# Changelog\n\n## [1.1.0]\n\n### Added\n\n- More.\n\n## [1.0.0]\n\n- All.\n",
    );
    git("init", "--quiet");
    for (const subject of ["First", "Second", "Third"]) {
      git("commit", "--quiet", "--allow-empty", "--message", subject);
      if (subject === "First") git("tag", "v1.0.0");
    }
    git("tag", "v1.1.0");
    expect(notes("1.1.0", cwd)).toMatch(
      /^### Added\n\n- More\.\n\n### Commits\n\n- Third \(\w+\)\n- Second \(\w+\)\n$/,
    );
  });
});
