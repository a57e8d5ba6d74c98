import { hookFault } from "./hook";
import { selfTest } from "./self-test";

test("our decoder and the driver's parser agree on every type", async () => {
  await expect(selfTest()).resolves.toBeUndefined();
  await expect(hookFault()).resolves.toBeUndefined();
});
