import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCdc } from "../../test/harness/captured-io";

async function script(shell: string): Promise<string> {
  return (await runCdc(["completion", shell])).stdout;
}

function installed(shell: string): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}

describe("completion", () => {
  test("completes commands, options and the stacks of the folder in bash", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "cdc-completion-"));
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"]) writeFileSync(join(cwd, name), "");
    const source = await script("bash");
    const complete = (...words: string[]) => {
      const ask = `COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${String(words.length - 1)}`;
      const text = execFileSync("bash", ["-c", `${source}\n${ask}; _cdc; echo "\${COMPREPLY[@]}"`], {
        cwd,
        encoding: "utf8",
      });
      return text.trim().split(" ");
    };
    expect(complete("cdc", "pre")).toEqual(["preview"]);
    expect(complete("cdc", "up", "--ref")).toEqual(["--refresh"]);
    expect(complete("cdc", "up", "-s", "")).toEqual(["dev", "prod"]);
    expect(complete("cdc", "--engine", "b")).toEqual(["built-in"]);
    expect(complete("cdc", "stack", "ex")).toEqual(["export"]);
  });

  test.each(["zsh", "fish"])("names commands, options and stacks in %s", async (shell) => {
    const text = await script(shell);
    expect(text).toContain("preview");
    expect(text).toContain("cdc_stacks");
    const path = join(mkdtempSync(join(tmpdir(), "cdc-completion-")), "script");
    writeFileSync(path, text);
    const checked = installed(shell);
    if (checked) execFileSync(shell, ["-n", path]);
    process.stdout.write(
      `${shell}: ${checked ? "syntax checked by the shell itself" : "shell not installed, text checked only"}\n`,
    );
  });

  test("refuses a shell that it doesn't know", async () => {
    const { code, stderr } = await runCdc(["completion", "tcsh"]);
    expect(code).toBe(2);
    expect(stderr).toContain("bash, zsh, fish");
  });
});
