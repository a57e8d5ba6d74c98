import { spawnSync } from "node:child_process";
import { fakeDocker } from "../../test/fakes/fake-docker";
import { LoopbackRegistry } from "../../test/registry";
import { hasty, newFolder, packedScript } from "../../test/registry/packed";
import { sha256 } from "../../test/registry/store";
import { localProvider } from "./local-provider";
import { pushProvider } from "./push";

let registry: LoopbackRegistry;

beforeEach(async () => void (registry = await LoopbackRegistry.start()));
afterEach(() => registry.stop());

/** An image as docker pushes it; its layers aren't there, since nobody but docker needs them. */
function pushImage(name: string, tag: string): string {
  const layer = { mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", digest: sha256("layer"), size: 5 };
  const config = { mediaType: "application/vnd.docker.container.image.v1+json", digest: sha256("config"), size: 6 };
  const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }));
  registry.repository(name).manifests.set(sha256(bytes), { bytes, mediaType });
  registry.repository(name).tags.set(tag, sha256(bytes));
  return sha256(bytes);
}

describe("a reference to a container image", () => {
  test("is run by docker, by its digest, with the provider's stdin and stdout", async () => {
    const digest = pushImage("acme/orders", "v1");
    const docker = fakeDocker({ run: "cat" });
    const provider = await localProvider(`${registry.host}/acme/orders:v1`, hasty({ env: docker.env }));
    const image = `${registry.host}/acme/orders@${digest}`;
    expect(provider).toMatchObject({ kind: "container", name: "orders", digest });
    const { stdout } = spawnSync(provider.file, [...provider.args], {
      env: docker.env,
      input: "{}\n",
      encoding: "utf8",
    });
    expect(stdout).toBe("{}\n");
    expect(docker.calls()).toEqual([
      `image inspect --format {{.Id}} ${image}`,
      `pull --quiet ${image}`,
      `run --rm --interactive --init ${image}`,
    ]);
  });

  test("is pulled once, and runs without a network then", async () => {
    const digest = pushImage("acme/orders", "v1");
    const docker = fakeDocker();
    const options = hasty({ env: docker.env });
    const reference = `${registry.host}/acme/orders:v1`;
    await localProvider(reference, options);
    await localProvider(reference, options);
    const offline = await localProvider(reference, { ...options, offline: true });
    expect(offline).toMatchObject({ kind: "container", digest });
    expect(docker.calls().filter((call) => call.startsWith("pull"))).toHaveLength(1);
  });

  test("needs docker, and says so", async () => {
    pushImage("acme/orders", "v1");
    const pull = localProvider(`${registry.host}/acme/orders:v1`, hasty({ env: { PATH: newFolder() } }));
    await expect(pull).rejects.toMatchObject({
      code: "CDC_DOCKER",
      message: expect.stringContaining("docker isn't on PATH") as string,
    });
  });

  test("tells why docker can't pull", async () => {
    pushImage("acme/orders", "v1");
    const { env } = fakeDocker({ pullFails: "Cannot connect to the Docker daemon" });
    const pull = localProvider(`${registry.host}/acme/orders:v1`, hasty({ env }));
    await expect(pull).rejects.toMatchObject({
      code: "CDC_DOCKER",
      message: expect.stringContaining("Cannot connect to the Docker daemon") as string,
    });
  });
});

test("a provider that was asked to run in a container does, whatever its media types", async () => {
  const { folder } = await packedScript("hello");
  const { reference, digest } = await pushProvider(folder, `${registry.host}/acme/orders`, hasty());
  const { env } = fakeDocker();
  const provider = await localProvider(reference, { ...hasty({ env }), container: true });
  expect(provider.args.at(-1)).toBe(`${registry.host}/acme/orders@${digest}`);
});
