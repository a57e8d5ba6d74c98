import { failure } from "../../test/fixtures/engine/failure";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Journal } from "./state/journal";
import { FileProject, type Plan } from "../../test/fixtures/engine/file-project";

const plan: Plan = {
  resources: [
    { name: "group", component: true, props: { size: 1 } },
    ...["a", "b", "c", "d", "e", "f"].map((name, index) => ({
      name,
      props: { delayMs: 40, index, ...(index === 0 ? {} : { first: { $: "a.made" } }) },
      opts: { parent: "group" },
    })),
  ],
  outputs: { last: { $: "f.made" } },
};

/** What matters of a state: everything but times. */
function essence(project: FileProject): unknown {
  const resources = project
    .resources()
    .map(({ created: _created, modified: _modified, ...rest }) => JSON.stringify(rest));
  return resources
    .map((text) => text.replaceAll(project.directory, "").replace(/default::[0-9a-f-]{36}|"id":"[0-9a-f-]{36}"/g, ""))
    .sort();
}

function startUp(project: FileProject): ChildProcess {
  const script = resolve(__dirname, "../../test/fixtures/engine/run-up.js");
  return spawn(process.execPath, [script, project.path("project"), project.backend], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise((done) => child.on("close", done));

async function logLines(project: FileProject, count: number): Promise<void> {
  const file = project.path("out", "log.txt");
  while (!existsSync(file) || readFileSync(file, "utf8").split("\n").length <= count) await sleep(5);
}

describe("an interrupted run of the built-in engine", () => {
  const projects: FileProject[] = [];
  const make = (): FileProject => {
    const project = new FileProject();
    projects.push(project);
    return project;
  };

  afterEach(() => {
    for (const project of projects.splice(0)) project.remove();
  });

  it("is completed by the next run after kill -9 at any point", async () => {
    const undisturbed = make();
    undisturbed.plan(plan);
    await undisturbed.run("up");
    for (let lines = 1; lines <= 6; lines += 1) {
      const project = make();
      project.plan(plan);
      const child = startUp(project);
      await logLines(project, lines);
      await sleep(lines * 9);
      child.kill("SIGKILL");
      await ended(child);
      await project.run("up");
      expect(essence(project)).toEqual(essence(undisturbed));
      expect(existsSync(project.journalFile)).toBe(false);
      const created = project.log().filter((line) => line.startsWith("create"));
      // Only what was under way when the run died may have been made twice.
      expect(created.length).toBeLessThanOrEqual(6 + 2);
      const again = await project.run("up");
      expect(again.changed).toBe(false);
    }
  }, 300_000);

  it("leaves a lock that the next run removes, saying so, and a journal that export and preview see", async () => {
    const project = make();
    project.plan(plan);
    const child = startUp(project);
    await logLines(project, 3);
    child.kill("SIGKILL");
    await ended(child);
    expect(existsSync(project.journalFile)).toBe(true);
    const exported = JSON.stringify(await (await project.open()).export());
    expect(exported).toContain("File::a");
    const preview = await project.run("preview");
    expect(preview.summary.create).toBeLessThan(8);
    expect(existsSync(project.journalFile)).toBe(true);
    await project.run("up");
    expect(project.messages().join()).toMatch(/Removed the lock of process \d+, which is no longer running/);
    expect(project.messages().join()).toMatch(/An earlier run was interrupted: \d+ changes/);
  });

  it("ignores a journal of another state, and a last line that was cut off", async () => {
    const project = make();
    project.plan({ resources: [{ name: "a" }] });
    await project.run("up");
    writeFileSync(project.journalFile, '{"journal":1,"base":"other"}\n{"old":0}\n');
    expect((await project.run("up")).changed).toBe(false);
    expect(project.messages().join()).toContain("the journal is ignored");

    const child = startUp(project);
    project.plan(plan);
    await logLines(project, 3);
    child.kill("SIGKILL");
    await ended(child);
    const journal = readFileSync(project.journalFile, "utf8");
    writeFileSync(project.journalFile, journal.slice(0, -20));
    await project.run("up");
    expect(project.resources()).toHaveLength(9);
  });

  it("does not let two runs change a stack at once", async () => {
    const project = make();
    project.plan(plan);
    const child = startUp(project);
    await logLines(project, 1);
    const error = await failure(project.run("up"));
    expect(error.code).toBe("CDC_STACK_LOCKED");
    expect(error.message).toContain(`process ${child.pid ?? 0} of`);
    expect(error.message).toContain(`@${hostname()} since 20`);
    expect(await ended(child)).toBe(0);
    expect((await project.run("up")).changed).toBe(false);
  });

  it("lets one of many that start together win, or all step back, and never corrupts the state", async () => {
    const project = make();
    project.plan(plan);
    const runs = await Promise.all([startUp(project), startUp(project), startUp(project)].map(ended));
    expect(runs.filter((code) => code === 0).length).toBeLessThanOrEqual(3);
    await project.run("up");
    expect(project.resources()).toHaveLength(9);
    expect(readdirSync(project.path("state", ".pulumi", "locks", "organization", "files", "dev"))).toEqual([]);
  });

  it("respects a lock of another machine until it is cancelled", async () => {
    const project = make();
    const lock = project.path("state", ".pulumi", "locks", "organization", "files", "dev", "1234.json");
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(
      lock,
      JSON.stringify({ pid: 1, username: "eve", hostname: "elsewhere", timestamp: "2026-01-01T00:00:00Z" }),
    );
    const error = await failure(project.run("up"));
    expect(error.message).toContain("process 1 of eve@elsewhere since 2026-01-01T00:00:00Z");
    await (await project.open()).cancel();
    await project.run("up");
  });

  it("says that the state cannot grow, keeps what was done, and goes on when it can", async () => {
    const project = make();
    project.plan(plan);
    const script = resolve(__dirname, "../../test/fixtures/engine/run-up.js");
    // Files of more than 5 KB are refused, as on a full disk.
    const command = `ulimit -f 5; exec ${process.execPath} ${script} ${project.path("project")} ${project.backend}`;
    const child = spawn("bash", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    expect(await ended(child)).toBe(2);
    expect(said).toMatch(/^CDC_STATE_WRITE: the state cannot be written to .*: a file may not grow that much$/m);
    expect(project.log()).not.toContain("create f");
    expect(() => project.resources()).not.toThrow();
    await project.run("up");
    expect(project.messages().join()).toContain("changes it had made were recovered");
    expect(project.resources()).toHaveLength(9);
  });

  it("knows a full disk", () => {
    if (!existsSync("/dev/full")) return;
    expect(() => new Journal("/dev/full", "").append({ old: 1 })).toThrow("the disk is full");
  });

  it("says that the state folder cannot be written, before anything is done", async () => {
    const project = make();
    project.plan({ resources: [{ name: "a" }] });
    writeFileSync(project.path("blocked"), "");
    const stack = { backend: `file://${join(project.path("blocked"), "state")}` };
    Object.defineProperty(project, "backend", { value: stack.backend });
    const error = await failure(project.run("up"));
    expect(error.code).toBe("CDC_STATE_WRITE");
    expect(error.message).toContain("a file is in the place of a folder");
    expect(project.log()).toEqual([]);
  });
});
