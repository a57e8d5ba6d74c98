import { randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { LoopbackRegistry, type RegistryPlan } from "../../test/registry";
import type { Fault } from "../../test/registry/faults";
import { hasty, loggedIn, packedScript } from "../../test/registry/packed";
import { localProvider } from "./local-provider";
import { pushProvider } from "./push";

const PIECE = 64 * 1024;
const LARGE = randomBytes(5 * PIECE + 123);
let registry: LoopbackRegistry;

async function start(plan: RegistryPlan = {}): Promise<LoopbackRegistry> {
  registry = await LoopbackRegistry.start(plan);
  return registry;
}

afterEach(() => registry.stop());

/** What is pushed comes back, and runs. */
async function roundTrip(words: string, options = hasty(), push = options): Promise<void> {
  const { folder } = await packedScript(words, { bytes: LARGE });
  const { reference } = await pushProvider(folder, `${registry.host}/acme/deep/orders`, { ...push, pieceBytes: PIECE });
  const { file, args } = await localProvider(reference, options);
  expect(execFileSync(file, [...args], { encoding: "utf8" })).toBe(`${words}\n`);
}

test("a push without a tag goes under the version; what is there isn't sent again", async () => {
  await start();
  const { folder, digest } = await packedScript("hello");
  const first = await pushProvider(folder, `${registry.host}/acme/orders`, hasty());
  expect(first).toMatchObject({ reference: `${registry.host}/acme/orders:1.0.0`, digest, platforms: ["any"] });
  expect(first.bytes).toBeGreaterThan(0);
  expect(registry.paths("PUT").at(-1)).toBe("/v2/acme/orders/manifests/1.0.0");
  const again = await pushProvider(folder, `${registry.host}/acme/orders:latest`, hasty());
  expect(again.bytes).toBe(0);
});

test("a tag that stands for something else is moved with force only", async () => {
  await start();
  const name = `${registry.host}/acme/orders:v1`;
  const [first, second] = [await packedScript("one"), await packedScript("two")];
  await pushProvider(first.folder, name, hasty());
  await expect(pushProvider(second.folder, name, hasty())).rejects.toMatchObject({
    code: "CDC_PROVIDER_TAG_TAKEN",
    message: `${name} is ${first.digest}; this would make it ${second.digest}`,
  });
  await pushProvider(second.folder, name, { ...hasty(), force: true });
  expect(registry.repository("acme/orders").tags.get("v1")).toBe(second.digest);
});

test("a digest is no place to push to", async () => {
  await start();
  const { folder, digest } = await packedScript("hello");
  const push = pushProvider(folder, `${registry.host}/acme/orders@${digest}`, hasty());
  await expect(push).rejects.toMatchObject({ code: "CDC_PROVIDER_REFERENCE" });
});

describe("a push and a pull get through", () => {
  const upload = /\/blobs\/uploads\//;
  test.each<[string, Fault]>([
    ["an upload that is refused for a while", { method: "POST", path: upload, status: 503, times: 3 }],
    ["too many requests", { method: "PATCH", path: upload, status: 429, headers: { "retry-after": "0" }, times: 2 }],
    ["a piece that is cut in the middle", { method: "PATCH", path: upload, skip: 2, cutAfter: 1000 }],
    ["a piece whose answer is lost", { method: "PATCH", path: upload, skip: 1, loseAnswer: true }],
    ["an upload that the registry loses", { method: "PATCH", path: upload, skip: 2, status: 404 }],
    ["an upload that is out of step", { method: "PATCH", path: upload, skip: 2, status: 416 }],
    ["an end whose answer is lost", { method: "PUT", path: upload, skip: 1, loseAnswer: true }],
    ["an end that fails", { method: "PUT", path: upload, status: 500, times: 2 }],
    ["a manifest that fails", { method: "PUT", path: /\/manifests\//, status: 502, times: 2 }],
    ["a download that is cut at once", { method: "GET", path: /\/blobs\/sha/, cutAfter: 0, times: 3 }],
    ["a download that is cut in the middle", { method: "GET", path: /\/blobs\/sha/, skip: 1, cutAfter: 100_000 }],
    ["cuts, each time a little further", { method: "GET", path: /\/blobs\/sha/, skip: 1, cutAfter: 20_000, times: 12 }],
    ["a download that fails", { method: "GET", path: /\/blobs\/sha/, status: 500, times: 4 }],
    ["a manifest that fails to be read for a while", { method: "GET", path: /\/manifests\//, status: 504, times: 4 }],
  ])("%s", async (title, fault) => {
    await start();
    registry.faults.push(fault);
    await roundTrip(title);
    expect(fault.times).toBe(0);
  });

  test("a server without ranges", async () => {
    await start();
    registry.faults.push(
      { method: "GET", path: /\/blobs\/sha/, skip: 1, cutAfter: 100_000 },
      { method: "GET", path: /\/blobs\/sha/, skip: 1, ignoreRange: true },
    );
    await roundTrip("no ranges");
  });

  test("blobs that lie elsewhere, where the login isn't sent", async () => {
    await start({ redirectBlobs: true, auth: { kind: "basic", user: "me", password: "pass" } });
    await roundTrip("elsewhere", loggedIn(registry.host, { auth: Buffer.from("me:pass").toString("base64") }));
    const content = registry.seen.filter(({ path }) => path.startsWith("/content/"));
    expect(content.length).toBeGreaterThan(0);
    expect(content.map(({ authorization }) => authorization)).toEqual(content.map(() => undefined));
  });

  test("a registry that wants large pieces", async () => {
    await start({ leastPieceBytes: 2 * PIECE });
    await roundTrip("large pieces");
    expect(registry.paths("PATCH")).toHaveLength(3);
  });
});

test("a download goes on where it was cut", async () => {
  await start();
  registry.faults.push({ method: "GET", path: /\/blobs\/sha/, skip: 1, cutAfter: 100_000 });
  await roundTrip("resumed");
  expect(registry.seen.map(({ range }) => range).filter(Boolean)).toEqual([expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
});

describe("a push or pull that can't go well", () => {
  test("stops at content that isn't what its digest promises, and keeps nothing of it", async () => {
    await start();
    const options = hasty();
    const { folder } = await packedScript("hello");
    const { reference } = await pushProvider(folder, `${registry.host}/acme/orders`, options);
    registry.faults.push({ method: "GET", path: /\/blobs\/sha/, corrupt: true, skip: 1, times: 9 });
    await expect(localProvider(reference, options)).rejects.toMatchObject({ code: "CDC_PROVIDER_DIGEST" });
    await expect(localProvider(reference, { ...options, offline: true })).rejects.toMatchObject({
      code: "CDC_PROVIDER_OFFLINE",
    });
    registry.faults.length = 0;
    expect((await localProvider(reference, options)).name).toBe("orders-input");
  });

  test.each<[string, Fault, string, RegExp]>([
    [
      "manifest of another digest",
      { method: "GET", path: /manifests\/sha/, corrupt: true },
      "CDC_PROVIDER_DIGEST",
      /is sha256:.*, not sha256:/,
    ],
    [
      "refusal",
      { method: "GET", path: /manifests/, status: 403, body: '{"errors":[{"code":"DENIED","message":"no"}]}' },
      "CDC_REGISTRY_DENIED",
      /answered 403 \(DENIED: no\)/,
    ],
    [
      "failure that lasts",
      { method: "GET", path: /manifests/, status: 500, times: 99 },
      "CDC_REGISTRY_FAILED",
      /answered 500/,
    ],
    [
      "rate limit that lasts",
      { method: "GET", path: /manifests/, status: 429, times: 99 },
      "CDC_REGISTRY_BUSY",
      /answered 429/,
    ],
    [
      "cut that lasts",
      { method: "GET", path: /blobs/, cutAfter: 0, times: 99 },
      "CDC_REGISTRY_UNREACHABLE",
      /can't be reached/,
    ],
  ])("tells a %s", async (_title, fault, code, message) => {
    await start();
    const { folder } = await packedScript("hello");
    const { reference } = await pushProvider(folder, `${registry.host}/acme/orders`, hasty());
    registry.faults.push(fault);
    await expect(localProvider(reference, hasty())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe("logging in", () => {
  const BASIC = { user: "me", password: "p:ss" };
  const auth = Buffer.from("me:p:ss").toString("base64");

  test.each<[string, RegistryPlan["auth"], object]>([
    ["by Basic", { kind: "basic", ...BASIC }, { auth }],
    ["by a token for user and password", { kind: "bearer", ...BASIC }, { auth }],
    ["by a token for an identity token", { kind: "bearer", ...BASIC, identityToken: "i" }, { identitytoken: "i" }],
    ["by tokens that run out", { kind: "bearer", ...BASIC, tokenUses: 3 }, { auth }],
  ])("%s", async (title, plan, entry) => {
    await start({ ...(plan === undefined ? {} : { auth: plan }) });
    await roundTrip(title, loggedIn(registry.host, entry));
  });

  test("isn't needed for what is public", async () => {
    await start({ auth: { kind: "bearer", ...BASIC, isPublic: true } });
    await roundTrip("public", hasty(), loggedIn(registry.host, { auth }));
  });

  test("that is missing or wrong is told, with what to do", async () => {
    await start({ auth: { kind: "basic", ...BASIC } });
    const wrong = Buffer.from("me:wrong-password").toString("base64");
    for (const options of [hasty(), loggedIn(registry.host, { auth: wrong })]) {
      const failure = await localProvider(`${registry.host}/acme/orders:v1`, options).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: "CDC_REGISTRY_DENIED",
        hint: expect.stringContaining(`docker login ${registry.host}`) as string,
      });
      expect(JSON.stringify(failure) + String(failure)).not.toContain("wrong-password");
    }
  });
});

test("a registry that isn't there is told after a few tries", async () => {
  await start();
  const { host } = registry;
  await registry.stop();
  const lines: string[] = [];
  const pull = localProvider(`${host}/acme/orders:v1`, {
    ...hasty(),
    attempts: 3,
    note: (line) => void lines.push(line),
  });
  await expect(pull).rejects.toMatchObject({ code: "CDC_REGISTRY_UNREACHABLE" });
  expect(lines).toHaveLength(2);
  await start();
});
