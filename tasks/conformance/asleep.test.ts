import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { isAsleep } from "./asleep";

const started: ChildProcess[] = [];
const onLinux = process.platform === "linux";

async function shell(script: string): Promise<number> {
  const child = spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  started.push(child);
  await once(child.stdout, "data");
  return child.pid as number;
}

async function becomes(pid: number, state: boolean): Promise<boolean> {
  while (isAsleep(pid) !== state) await delay(5);
  return true;
}

afterAll(() => started.forEach(({ pid = 0 }) => process.kill(-pid, "SIGKILL")));

test("who waits for its stdin is asleep, who computes isn't", async () => {
  if (!onLinux) return expect(isAsleep(process.pid)).toBeUndefined();
  expect(await becomes(await shell("echo started; read line"), true)).toBe(true);
  expect(isAsleep(await shell("echo started; while :; do :; done"))).toBe(false);
});

test("who waits for a child that computes isn't asleep", async () => {
  if (!onLinux) return expect(isAsleep(process.pid)).toBeUndefined();
  expect(await becomes(await shell("echo started; (while :; do :; done); echo"), false)).toBe(true);
});

test("who is gone is asleep", () => {
  expect(isAsleep(2 ** 30)).toBe(onLinux ? true : undefined);
});
