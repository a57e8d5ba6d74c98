import type { Output } from "../io";

/** Lines on a terminal that are drawn over again and again. */
export interface LiveScreen {
  draw(lines: readonly string[]): void;
  /** Writes lines that stay, above the others, which come back with the next draw. */
  above(text: string): void;
  /** Takes the lines away. */
  clear(): void;
  /** Leaves the lines where they are: somebody else has written below them. */
  forget(): void;
}

const ESCAPE = "\u001b[";

/** Opens it at the cursor. */
export function openLiveScreen(output: Output): LiveScreen {
  let drawn = 0;
  const wipe = (): string => (drawn === 0 ? "" : `${ESCAPE}${String(drawn)}A\r${ESCAPE}0J`);
  return {
    draw: (lines) => {
      output.write(`${wipe()}${lines.join("\n")}\n`);
      drawn = lines.length;
    },
    above: (text) => {
      output.write(`${wipe()}${text}\n`);
      drawn = 0;
    },
    clear: () => {
      output.write(wipe());
      drawn = 0;
    },
    forget: () => {
      drawn = 0;
    },
  };
}
