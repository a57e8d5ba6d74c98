import { LoopbackRegistry, type RegistryPlan } from "../../test/registry";
import { hasty, loggedIn, packedScript } from "../../test/registry/packed";
import { pushProvider } from "./push";
import { searchRegistry, type SearchOptions } from "./search";

let registry: LoopbackRegistry;

afterEach(() => registry.stop());

async function filled(plan: RegistryPlan = {}): Promise<void> {
  registry = await LoopbackRegistry.start(plan);
  for (const [name, tags] of Object.entries({
    "acme/mssql-input": ["v1.10.0", "v1.9.0", "v1.10.0-beta.2"],
    "acme/asb-output": ["1.0.0"],
    "other/mssql-input": ["2.0.0"],
  })) {
    const { folder } = await packedScript(name, { name: name.split("/")[1]! });
    for (const tag of tags) await pushProvider(folder, `${registry.host}/${name}:${tag}`, hasty());
  }
}

const search = async (text: string, options: SearchOptions = hasty()): Promise<string[]> =>
  (await searchRegistry(text, options)).map(
    ({ name, tags }) => `${name.slice(name.indexOf("/") + 1)} ${tags.join(",")}`,
  );

describe("a search", () => {
  test("lists an owner's providers with their tags, oldest first, over pages", async () => {
    await filled({ page: 1 });
    expect(await search(`${registry.host}/acme`)).toEqual([
      "acme/asb-output 1.0.0",
      "acme/mssql-input v1.9.0,v1.10.0-beta.2,v1.10.0",
    ]);
  });

  test("tells what the newest tag says of itself", async () => {
    await filled();
    const [found] = await searchRegistry(`${registry.host}/other/mssql-input`, hasty());
    expect(found).toMatchObject({ kind: "provider", manifest: { name: "mssql-input", role: "input" } });
  });

  test("finds a word in a registry's names", async () => {
    await filled();
    const found = await search("MSSQL", { ...hasty(), registry: registry.host });
    expect(found.map((line) => line.split(" ")[0])).toEqual(["acme/mssql-input", "other/mssql-input"]);
    expect(await search("nothing", { ...hasty(), registry: registry.host })).toEqual([]);
  });

  test("reads the tags of a name where the registry lists none", async () => {
    await filled({ catalog: false });
    expect(await search(`${registry.host}/acme/asb-output`)).toEqual(["acme/asb-output 1.0.0"]);
    await expect(search(`${registry.host}/acme`)).rejects.toMatchObject({
      code: "CDC_REGISTRY_NOT_FOUND",
      message: expect.stringContaining("doesn't list its repositories") as string,
    });
  });

  test("logs in for the catalog and for each name", async () => {
    const plan = { auth: { kind: "bearer", user: "me", password: "x" } } as const;
    registry = await LoopbackRegistry.start(plan);
    const options = loggedIn(registry.host, { auth: Buffer.from("me:x").toString("base64") });
    const { folder } = await packedScript("a");
    await pushProvider(folder, `${registry.host}/acme/a:v1`, options);
    expect(await search(`${registry.host}/acme`, options)).toEqual(["acme/a v1"]);
  });

  test("of a word without a registry says where to write one", async () => {
    await filled();
    await expect(search("mssql")).rejects.toMatchObject({
      code: "CDC_PROVIDER_REFERENCE",
      hint: expect.stringContaining("--registry") as string,
    });
  });
});
