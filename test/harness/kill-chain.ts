import { signal, type KilledTask, type Victim } from "./killed-task";
import { killPoints, type Arrivals, type KillPoint } from "./kill-points";

/** Kills the victim once at each point; gives the names of the points. */
export async function killEverywhere(
  task: KilledTask,
  victim: Victim,
  arrivals: Arrivals,
  { seed, most }: { readonly seed: number; readonly most: number },
): Promise<string[]> {
  const points = killPoints(seed, most);
  let killed: number | undefined;
  for (const point of points) killed = await killAt(point, task, victim, arrivals, killed);
  return points.map(({ name }) => name);
}

/** Tries again when the victim was gone before it could be killed. Gives its process. */
async function killAt(
  point: KillPoint,
  task: KilledTask,
  victim: Victim,
  arrivals: Arrivals,
  before: number | undefined,
): Promise<number | undefined> {
  for (;;) {
    await task.until(() => task.pid(victim) !== undefined && task.pid(victim) !== before);
    const held = await point.reached(task, victim, arrivals);
    const pid = task.pid(victim);
    const isKilled = signal(pid, "SIGKILL");
    await held?.undo();
    if (victim === "relay" || point.stops === true) await task.again();
    if (isKilled && pid !== before) return pid;
  }
}
