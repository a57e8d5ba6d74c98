import type { RunningCdc } from "./cdc-process";

/** One line of `cdc run --json`. */
export interface StreamLine {
  readonly level: string;
  readonly time: string;
  readonly event: string;
  readonly text: string;
  readonly pipeline: string;
  readonly source?: string;
  readonly table?: string;
  readonly tenant?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The lines of a stream that runs with `--json`. */
export interface StreamLines {
  readonly all: readonly StreamLine[];
  /** The first line that fits, of those to come as well; rejects when the process ends without it. */
  until(fits: (line: StreamLine) => boolean): Promise<StreamLine>;
}

/** Reads them as they come. A line that is no JSON fails whoever waits. */
export function streamLines(running: RunningCdc): StreamLines {
  const all: StreamLine[] = [];
  const waiting = new Set<{
    fits: (line: StreamLine) => boolean;
    resolve: (line: StreamLine) => void;
    reject: (error: Error) => void;
  }>();
  const fail = (error: Error) => {
    for (const one of waiting) one.reject(error);
    waiting.clear();
  };
  let rest = "";
  running.child.stdout?.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    try {
      for (const text of lines) {
        const line = JSON.parse(text) as StreamLine;
        all.push(line);
        for (const one of [...waiting]) {
          if (!one.fits(line)) continue;
          waiting.delete(one);
          one.resolve(line);
        }
      }
    } catch (cause) {
      fail(new Error(`no JSON: ${lines.join("\n")}`, { cause }));
    }
  });
  void running.ended.then(({ code, stderr }) =>
    fail(new Error(`ended with ${String(code)}: ${stderr}\n${JSON.stringify(all)}`)),
  );
  return {
    all,
    until: (fits) =>
      new Promise((resolve, reject) => {
        const found = all.find(fits);
        if (found === undefined) waiting.add({ fits, resolve, reject });
        else resolve(found);
      }),
  };
}
