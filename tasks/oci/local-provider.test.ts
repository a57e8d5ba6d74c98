import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { elfOf } from "../../test/registry/executables";
import { LoopbackRegistry } from "../../test/registry";
import { hasty, newFolder, packedScript } from "../../test/registry/packed";
import { sha256 } from "../../test/registry/store";
import { packProvider } from "./artifact/pack";
import { cacheFolder, listCache } from "./cache/folder";
import { LOCK_FILE } from "./cache/lock-file";
import { localProvider, type LocalProviderOptions } from "./local-provider";
import { pushProvider } from "./push";

let registry: LoopbackRegistry;

beforeEach(async () => void (registry = await LoopbackRegistry.start()));
afterEach(() => registry.stop());

const push = async (words: string, name = "acme/orders:v1", version = "1.0.0") => {
  const packed = await packedScript(words, { version });
  return pushProvider(packed.folder, `${registry.host}/${name}`, hasty({}));
};

const said = ({ file, args }: { readonly file: string; readonly args: readonly string[] }): string =>
  execFileSync(file, [...args], { encoding: "utf8" }).trim();

describe("the cache", () => {
  test("is asked first: what was pulled once isn't fetched again", async () => {
    const options = hasty();
    const { reference } = await push("hello");
    const first = await localProvider(reference, options);
    registry.seen.length = 0;
    const second = await localProvider(reference, options);
    expect(second).toEqual(first);
    expect(registry.seen.map(({ method }) => method)).toEqual(["HEAD"]);
    expect(statSync(first.file).mode & 0o777).toBe(0o755);
    expect(first.manifest).toMatchObject({ name: "orders-input", version: "1.0.0", role: "input", protocol: 1 });
  });

  test("keeps registries and owners apart", async () => {
    const options = hasty();
    const other = await LoopbackRegistry.start();
    const mine = await push("mine", "a/x:v1");
    const theirs = await push("theirs", "evil/x:v1");
    const packed = await packedScript("elsewhere");
    const elsewhere = await pushProvider(packed.folder, `${other.host}/a/x:v1`, options);
    const found = [];
    for (const { reference } of [mine, theirs, elsewhere]) found.push(said(await localProvider(reference, options)));
    expect(found).toEqual(["mine", "theirs", "elsewhere"]);
    await other.stop();
  });

  test("is where the environment says", () => {
    const folder = newFolder();
    expect(cacheFolder({ CDC_PROVIDER_CACHE: folder, XDG_CACHE_HOME: "/x", HOME: "/h" })).toBe(folder);
    expect(cacheFolder({ XDG_CACHE_HOME: folder, HOME: "/h" })).toBe(join(folder, "pulumi-cdc", "providers"));
    expect(cacheFolder({ HOME: folder })).toBe(join(folder, ".cache", "pulumi-cdc", "providers"));
    expect(() => cacheFolder({ CDC_PROVIDER_CACHE: "relative" })).toThrow("CDC_PROVIDER_CACHE");
  });

  test("is filled by many at once without harm", async () => {
    const options = hasty();
    const { reference } = await push("hello");
    const pulls = Array.from({ length: 12 }, () => localProvider(reference, options));
    const files = new Set((await Promise.all(pulls)).map(({ file }) => file));
    expect(files.size).toBe(1);
    const root = cacheFolder(options.env);
    expect(listCache(root)).toHaveLength(1);
    expect(readdirSync(join(root, ".unfinished"))).toEqual([]);
  });

  test("heals what is damaged, and sweeps what a dead process left", async () => {
    const options = hasty();
    const { reference } = await push("hello");
    const { file } = await localProvider(reference, options);
    writeFileSync(file, "");
    const left = join(cacheFolder(options.env), ".unfinished", "left");
    mkdirSync(left);
    utimesSync(left, 0, 0);
    expect(said(await localProvider(reference, options))).toBe("hello");
    expect(existsSync(left)).toBe(false);
  });

  test("serves without a network what it has", async () => {
    const options = hasty({ attempts: 1 });
    const { reference, digest } = await push("hello");
    await localProvider(reference, options);
    const never = `${registry.host}/acme/never:v1`;
    await registry.stop();
    const lines: string[] = [];
    expect(said(await localProvider(reference, { ...options, note: (line) => void lines.push(line) }))).toBe("hello");
    expect(lines.join()).toContain(`going on with ${digest} from the cache`);
    expect(said(await localProvider(reference, { ...options, offline: true }))).toBe("hello");
    expect(said(await localProvider(`${reference}@${digest}`, options))).toBe("hello");
    const other = localProvider(never, { ...options, offline: true }).catch((e: unknown) => e);
    expect(await other).toMatchObject({ code: "CDC_PROVIDER_OFFLINE" });
    registry = await LoopbackRegistry.start();
  });
});

describe("the lock file", () => {
  const lockFile = (): string => join(newFolder(), LOCK_FILE);
  const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

  test("is written at the first pull and holds what the tag stands for", async () => {
    const path = lockFile();
    const b = await push("b", "acme/b:v1");
    const a = await push("a", "acme/a:v1");
    const options = { ...hasty(), lockFile: path };
    await Promise.all([b, a].map(({ reference }) => localProvider(reference, options)));
    expect(read(path)).toEqual({
      version: 1,
      providers: { [a.reference]: { digest: a.digest }, [b.reference]: { digest: b.digest } },
    });
  });

  test("stops a run whose tag was moved, naming both digests, until it is updated", async () => {
    const options: LocalProviderOptions = { ...hasty(), lockFile: lockFile() };
    const { reference, digest: before } = await push("before");
    await localProvider(reference, options);
    const packed = await packedScript("after");
    const { digest: after } = await pushProvider(packed.folder, reference, { ...hasty(), force: true });
    await expect(localProvider(reference, options)).rejects.toMatchObject({
      code: "CDC_PROVIDER_TAG_MOVED",
      message: expect.stringMatching(new RegExp(`${after}.*${before}`)) as string,
      hint: expect.stringContaining("--update") as string,
    });
    expect(said(await localProvider(`${reference}@${before}`, options))).toBe("before");
    expect(said(await localProvider(reference, { ...options, offline: true }))).toBe("before");
    expect(said(await localProvider(reference, { ...options, update: true }))).toBe("after");
    expect(said(await localProvider(reference, options))).toBe("after");
  });

  test("holds for a machine whose cache is empty", async () => {
    const path = lockFile();
    const { reference } = await push("hello");
    await localProvider(reference, { ...hasty(), lockFile: path });
    expect(said(await localProvider(reference, { ...hasty(), lockFile: path }))).toBe("hello");
  });

  test.each(["{", '{"version":2,"providers":{}}', '{"version":1,"providers":{"a":{"digest":"x"}}}'])(
    "that is damaged is an error: %s",
    async (text) => {
      const path = lockFile();
      writeFileSync(path, text);
      const { reference } = await push("hello");
      const pull = localProvider(reference, { ...hasty(), lockFile: path });
      await expect(pull).rejects.toMatchObject({ code: "CDC_PROVIDER_LOCK" });
    },
  );
});

describe("platforms", () => {
  async function pushed(): Promise<string> {
    const cwd = newFolder();
    writeFileSync(join(cwd, "a"), elfOf("amd64"));
    writeFileSync(join(cwd, "b"), elfOf("arm64"));
    const manifest = { name: "x", version: "1.0.0", role: "output" } as const;
    const { folder } = await packProvider({ sources: ["a", "b"], manifest, cwd });
    return (await pushProvider(folder, `${registry.host}/acme/x`, hasty())).reference;
  }

  test("only this one's manifest and layer are fetched", async () => {
    const reference = await pushed();
    registry.seen.length = 0;
    const platform = { os: "linux", architecture: "arm64" };
    const { file } = await localProvider(reference, { ...hasty(), platform });
    expect(readFileSync(file)).toEqual(elfOf("arm64"));
    expect(registry.paths("GET").filter((path) => path.includes("/manifests/"))).toHaveLength(2);
    expect(registry.paths("GET").filter((path) => path.includes("/blobs/"))).toHaveLength(2);
  });

  test("that a provider isn't built for are told, with those it is", async () => {
    const pull = localProvider(await pushed(), { ...hasty(), platform: { os: "darwin", architecture: "arm64" } });
    await expect(pull).rejects.toMatchObject({
      code: "CDC_PROVIDER_PLATFORM",
      message: expect.stringContaining("doesn't run on darwin/arm64, only on linux/amd64, linux/arm64") as string,
    });
  });
});

test("what the earlier tool published is read: this platform's file of its flat layers", async () => {
  const repository = registry.repository("katasec/counter");
  const add = (mediaType: string, text: string | Buffer, title?: string) => {
    const bytes = Buffer.from(text);
    const digest = sha256(bytes);
    repository.blobs.set(digest, bytes);
    const annotations = title === undefined ? {} : { annotations: { "org.opencontainers.image.title": title } };
    return { mediaType, digest, size: bytes.length, ...annotations };
  };
  const config = {
    name: "counter",
    version: "0.3.0",
    type: "input",
    sdk_version: "0.1.1",
    config_schema: { type: "object" },
  };
  const type = "application/vnd.oci.image.layer.v1.tar";
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      artifactType: "application/vnd.dstream.provider",
      config: add("application/vnd.oci.empty.v1+json", "{}"),
      layers: [
        add(type, "#!/bin/sh\necho flat\n", "plugin.linux_amd64"),
        add(type, elfOf("arm64"), "plugin.linux_arm64"),
        add(type, JSON.stringify(config), "provider.json"),
      ],
    }),
  );
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  repository.manifests.set(sha256(manifest), { bytes: manifest, mediaType });
  repository.tags.set("v0.3.0", sha256(manifest));
  const platform = { os: "linux", architecture: "amd64" };
  const provider = await localProvider(`${registry.host}/katasec/counter:v0.3.0`, { ...hasty(), platform });
  expect(said(provider)).toBe("flat");
  expect(provider.manifest).toMatchObject({ name: "counter", role: "input", configSchema: { type: "object" } });
  expect(registry.paths("GET").filter((path) => path.includes("/blobs/"))).toHaveLength(2);
});

test("a provider for node is started by the node that runs cdc", async () => {
  const cwd = newFolder();
  writeFileSync(join(cwd, "p.js"), "console.log('from node');");
  const manifest = { name: "x", version: "1.0.0", role: "input" } as const;
  const { folder } = await packProvider({ sources: ["p.js"], manifest, cwd });
  const { reference } = await pushProvider(folder, `${registry.host}/acme/x`, hasty());
  const provider = await localProvider(reference, hasty());
  expect(provider.file).toBe(process.execPath);
  expect(said(provider)).toBe("from node");
});

test("a name or a tag that isn't there is told", async () => {
  const pull = localProvider(`${registry.host}/acme/gone:v1`, hasty());
  await expect(pull).rejects.toMatchObject({ code: "CDC_REGISTRY_NOT_FOUND" });
});
