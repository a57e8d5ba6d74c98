import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { createTestDatabase, testServer, type TestDatabase } from "./harness/database";

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly uses?: string;
}

interface Job {
  readonly steps: readonly Step[];
  readonly env?: Readonly<Record<string, string>>;
  readonly needs?: string;
  readonly "timeout-minutes"?: number;
}

const ROOT = join(__dirname, "..");
const PAGE = readFileSync(join(ROOT, "docs/ci.md"), "utf8");
const MAIN = join(ROOT, "dist/cli/main.js");

const { jobs } = load(/```yaml\n([\s\S]*?)\n```\n/.exec(PAGE)?.[1] ?? "") as { jobs: Readonly<Record<string, Job>> };

/** The scripts of a job, without the installation of packages. */
function scripts(job: string): string[] {
  return (jobs[job]?.steps ?? []).flatMap(({ run }) => (run === undefined || run === "npm ci" ? [] : [run]));
}

describe("the workflow of docs/ci.md", () => {
  let folder: string;
  let repository: string;
  let database: TestDatabase;

  const git = (...argv: string[]) =>
    execFileSync("git", argv, { cwd: repository, env: environment(), encoding: "utf8" });
  const environment = (more: Record<string, string> = {}) => ({
    PATH: `${folder}:${process.env["PATH"] ?? ""}`,
    HOME: folder,
    GIT_AUTHOR_NAME: "test",
    GIT_AUTHOR_EMAIL: "test@example.org",
    GIT_COMMITTER_NAME: "test",
    GIT_COMMITTER_EMAIL: "test@example.org",
    CLINIC_DATABASE: database.config.database,
    GITHUB_BASE_REF: "main",
    GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
    ...more,
  });
  /** Runs a script as a runner of GitHub does. */
  const run = (script: string, more: Record<string, string> = {}) => {
    const argv = ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script];
    const { status, stdout, stderr } = spawnSync("bash", argv, {
      cwd: repository,
      env: environment(more),
      encoding: "utf8",
    });
    return { status, text: stdout + stderr };
  };
  const change = (file: string, from: string, to: string) => {
    const path = join(repository, file);
    writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), "cdc-ci-"));
    repository = join(folder, "repository");
    cpSync(join(ROOT, "examples/db-per-tenant"), repository, { recursive: true });
    rmSync(join(repository, "generated"), { recursive: true, force: true });
    writeFileSync(join(folder, "npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
    chmodSync(join(folder, "npx"), 0o755);
    expect(run("npx cdc manage-migrations generate")).toMatchObject({ status: 0 });
    git("init", "-q", "-b", "main");
    git("add", ".");
    git("commit", "-q", "-m", "base");
    git("update-ref", "refs/remotes/origin/main", "HEAD");
  });

  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("uses pinned actions, and bounds every job", () => {
    for (const job of Object.values(jobs)) {
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
      for (const { uses } of job.steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+(\/[\w-]+)+@v\d+$/);
    }
    expect(jobs["prod"]?.needs).toBe("dev");
  });

  test("lets a pull request through that changes nothing", () => {
    for (const script of scripts("review")) expect(run(script)).toMatchObject({ status: 0 });
    expect(git("status", "--porcelain", "migrations")).toBe("");
  });

  test("stops a pull request whose files were not generated, and annotates one whose files were", () => {
    const [, generated = "", changes = ""] = scripts("review");
    change("services/_schemas/clinic/dbo/Patient.yaml", "type: nvarchar(80)", "type: nvarchar(120)");
    expect(run(generated)).toMatchObject({ status: 1 });
    expect(run("npx cdc manage-migrations generate")).toMatchObject({ status: 0 });
    git("add", ".");
    git("commit", "-q", "-m", "widen");
    expect(run(generated)).toMatchObject({ status: 0 });
    expect(run(changes)).toMatchObject({ status: 0 });
    const sarif = JSON.parse(readFileSync(join(repository, "diff.sarif"), "utf8")) as {
      runs: {
        results: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[];
      }[];
    };
    const [result] = sarif.runs[0]?.results ?? [];
    expect(result?.ruleId).toBe("COLUMN_TYPE_CHANGED");
    expect(result?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(
      "services/_schemas/clinic/dbo/Patient.yaml",
    );
    expect(readFileSync(join(folder, "summary.md"), "utf8")).toContain("varchar(120)");
    expect(git("status", "--porcelain", "migrations")).toBe("");
  });

  test("annotates a first pull request, before which there were no files", () => {
    const [, , changes = ""] = scripts("review");
    git("checkout", "-q", "--orphan", "empty");
    git("rm", "-rq", "--cached", "migrations");
    git("commit", "-q", "-m", "no files yet");
    git("update-ref", "refs/remotes/origin/empty", "HEAD");
    git("checkout", "-qf", "main");
    expect(run(changes, { GITHUB_BASE_REF: "empty" })).toMatchObject({ status: 0 });
    expect(existsSync(join(repository, "migrations/main.clinic/manifest.yaml"))).toBe(true);
  });

  test("applies the files on a push, and finds nothing to do the next time", async () => {
    const { host, port, user, password } = testServer();
    const connection = { PG_DEV_HOST: host, PG_DEV_PORT: String(port), PG_DEV_USER: user, PG_DEV_PASSWORD: password };
    expect(Object.keys(jobs["dev"]?.env ?? {}).sort()).toEqual(Object.keys(connection).sort());
    await database.query(readFileSync(join(repository, "prepare.sql"), "utf8"));
    for (const script of [...scripts("dev"), ...scripts("dev")]) {
      const { status, text } = run(script, connection);
      expect([script, status, status === 0 ? "" : text]).toEqual([script, 0, ""]);
    }
    const { rows } = await database.query<{ type: string }>(`
      SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = 'fjord."Patient"'::regclass AND attname = 'Name'`);
    expect(rows).toEqual([{ type: "character varying(120)" }]);
  });

  test("has the same steps for prod as for dev", () => {
    expect(scripts("prod").map((script) => script.replaceAll("prod", "dev"))).toEqual(scripts("dev"));
  });
});
