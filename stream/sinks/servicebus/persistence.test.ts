import { toServiceBusFailure } from "../../../databases/servicebus/errors";
import { Persistence } from "./persistence";

const config = { namespace: "shop.example" };
const NO_IDENTITY = toServiceBusFailure({ name: "CredentialUnavailableError", message: "none" }, config);
const REFUSED = toServiceBusFailure({ code: "UnauthorizedAccess", message: "no" }, config);

/** Fails so many times, then works; answers how often it was asked. */
async function attempts(persistence: Persistence, failure: Error, times: number): Promise<number> {
  let asked = 0;
  await persistence.until(() => {
    asked += 1;
    return asked > times ? Promise.resolve() : Promise.reject(failure);
  });
  return asked;
}

function persistence(): Persistence {
  return new Persistence({ firstMs: 0, longestMs: 0 }, new AbortController().signal, () => undefined);
}

test("an identity that isn't there ends it; one that was there is waited for", async () => {
  await expect(attempts(persistence(), NO_IDENTITY, 1)).rejects.toBe(NO_IDENTITY);
  const worked = persistence();
  await worked.until(() => Promise.resolve());
  expect(await attempts(worked, NO_IDENTITY, 30)).toBe(31);
});

test("access that is refused after it was granted is tried some more times", async () => {
  const worked = persistence();
  await worked.until(() => Promise.resolve());
  expect(await attempts(worked, REFUSED, 5)).toBe(6);
  await expect(attempts(worked, REFUSED, 6)).rejects.toBe(REFUSED);
});
