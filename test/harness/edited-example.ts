import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCdc, type CapturedRun } from "./captured-io";

const made: string[] = [];

/** A copy of an example, to be edited by commands. */
export class EditedExample {
  readonly cwd = mkdtempSync(join(tmpdir(), "cdc-edit-"));

  constructor(example: string) {
    made.push(this.cwd);
    cpSync(join(__dirname, "../../examples", example), this.cwd, { recursive: true });
  }

  path(file: string): string {
    return join(this.cwd, file);
  }

  text(file: string): string {
    return readFileSync(this.path(file), "utf8");
  }

  rewrite(file: string, change: (before: string) => string): void {
    writeFileSync(this.path(file), change(this.text(file)));
  }

  /** Runs a command line without any variables set. */
  cdc(...argv: string[]): Promise<CapturedRun> {
    return runCdc(argv, { cwd: this.cwd, env: {} });
  }

  /** Runs a change that must be made; answers what it printed. */
  async change(...argv: string[]): Promise<string> {
    const ran = await this.cdc(...argv);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    return ran.stdout;
  }

  /** Runs a change that must be refused with words and leave a file alone; answers the words. */
  async refusal(file: string, ...argv: string[]): Promise<string> {
    const before = this.text(file);
    const ran = await this.cdc(...argv);
    expect(ran.code).toBe(2);
    expect(ran.stderr).not.toMatch(/^\s+at |bug in cdc/m);
    expect(this.text(file)).toBe(before);
    return ran.stderr;
  }
}

/** Removes all copies. */
export function removeExamples(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}
