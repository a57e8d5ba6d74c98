import { CdcError } from "../lib/errors";

/** One thing wrong in the user's files, with everything needed to find and mend it. Holds no secret. */
export interface ConfigProblem {
  /** From the configuration's folder. */
  readonly file: string;
  /** Counted from 1; absent when the file as a whole is meant. */
  readonly line?: number;
  readonly column?: number;
  /** Keys from the file's top, such as `clinic.source.tables."dbo.Actor".primary_key`; empty for the file as a whole. */
  readonly key: string;
  readonly text: string;
  readonly hint?: string;
}

/** More are counted, not printed. */
const MOST_SHOWN = 50;

/** All problems of a configuration at once. Code CDC_CONFIG_INVALID. */
export class CdcConfigError extends CdcError {
  override readonly name = "CdcConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(directory: string, problems: readonly ConfigProblem[]) {
    super("CDC_CONFIG_INVALID", message(directory, problems), { hint: "Mend the files and run `cdc validate`." });
    this.problems = problems;
  }
}

/** `file:line:column key: text; hint`, on one line. */
export function formatProblem(problem: ConfigProblem): string {
  const { file, line, column, key, text, hint } = problem;
  const place = line === undefined ? file : `${file}:${String(line)}:${String(column ?? 1)}`;
  return `${place}${key === "" ? "" : ` ${key}`}: ${text}${hint === undefined ? "" : `; ${hint}`}`;
}

function message(directory: string, problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${String(problems.length)} problems`;
  const shown = problems.slice(0, MOST_SHOWN).map((problem) => `  ${formatProblem(problem)}`);
  const more = problems.length > MOST_SHOWN ? [`  and ${String(problems.length - MOST_SHOWN)} more`] : [];
  return [`${count} in the configuration in ${directory}`, ...shown, ...more].join("\n");
}

/** Keys as they are read aloud: `a.b`, `a."b.c"`, `a[2]`. */
export function formatKey(path: readonly (string | number)[]): string {
  const parts = path.map((part) =>
    typeof part === "number" ? `[${String(part)}]` : /^[\w-]+$/.test(part) ? `.${part}` : `.${JSON.stringify(part)}`,
  );
  return parts.join("").replace(/^\./, "");
}
