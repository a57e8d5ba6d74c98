import { randomUUID } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

const FOLDER = ".unfinished";
/** Nothing is pulled for so long: what is older was left behind by a process that died. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/**
 * Makes a folder by filling another one and renaming it, so that others see all of it or nothing. Whoever makes the
 * same at the same time doesn't mind: the first one stays.
 */
export async function makeWhole(
  root: string,
  place: string,
  fill: (folder: string) => Promise<void>,
  isWhole: () => boolean,
): Promise<void> {
  await removeAbandoned(root);
  const unfinished = join(root, FOLDER, randomUUID());
  await mkdir(unfinished, { recursive: true });
  try {
    await fill(unfinished);
    await put(unfinished, place, isWhole);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function put(unfinished: string, place: string, isWhole: () => boolean): Promise<void> {
  await mkdir(dirname(place), { recursive: true });
  try {
    await rename(unfinished, place);
  } catch (error) {
    if (isWhole()) return;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "EPERM") throw error;
    // What is there is damaged: out of the way with it, in one step.
    await rename(place, `${unfinished}.damaged`);
    await rename(unfinished, place);
    await rm(`${unfinished}.damaged`, { recursive: true, force: true });
  }
}

async function removeAbandoned(root: string): Promise<void> {
  const folder = join(root, FOLDER);
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (Date.now() - changedMs(path) > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function changedMs(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    // Another process has just removed it.
    return Date.now();
  }
}
