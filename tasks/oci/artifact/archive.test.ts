import fc from "fast-check";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { Layout } from "./layout";
import { packLayer } from "./pack-layer";
import { padding, tarEnd, tarHeader, type TarEntry } from "./tar";
import { readTar } from "./untar";
import { unpackLayer } from "./unpack";
import { temporaryFolder } from "../../../test/harness/temporary-folder";

const newFolder = (): string => temporaryFolder("cdc-oci-");

interface Given {
  readonly name: string;
  readonly type: TarEntry["type"];
  readonly bytes?: Buffer;
  readonly target?: string;
}

function archive(entries: readonly Given[]): Buffer {
  const parts = entries.flatMap(({ name, type, target, bytes = Buffer.alloc(0) }) => [
    tarHeader({ name, type, size: bytes.length, isExecutable: true, ...(target === undefined ? {} : { target }) }),
    bytes,
    padding(bytes.length),
  ]);
  return Buffer.concat([...parts, tarEnd()]);
}

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 512;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function unpacked(entries: readonly Given[]): Promise<string> {
  const place = newFolder();
  const layer = join(place, "layer");
  writeFileSync(layer, gzipSync(archive(entries)));
  mkdirSync(join(place, "files"));
  await unpackLayer(layer, join(place, "files"));
  return place;
}

const part = fc.string({
  minLength: 1,
  maxLength: 60,
  unit: fc.constantFrom("a", "Z", "9", "-", "é", "語", " ", "😀"),
});
const anEntry = fc.record({
  name: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
  type: fc.constant<TarEntry["type"]>("file"),
  bytes: fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes)),
});

test("any archive reads back as it was written, however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anEntry, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 }),
      async (entries, sizes) => {
        const found: Given[] = [];
        await readTar(Readable.from(cut(archive(entries), sizes)), {
          entry: ({ name, type }) => Promise.resolve(void found.push({ name, type, bytes: Buffer.alloc(0) })),
          bytes: (chunk) => {
            const last = found.pop()!;
            found.push({ ...last, bytes: Buffer.concat([last.bytes!, chunk]) });
            return Promise.resolve();
          },
        });
        expect(found).toEqual(entries);
      },
    ),
    { numRuns: 200 },
  );
});

describe("a folder", () => {
  function provider(): string {
    const folder = newFolder();
    mkdirSync(join(folder, "lib", "x".repeat(120)), { recursive: true });
    writeFileSync(join(folder, "provider.sh"), "#!/bin/sh\n");
    writeFileSync(join(folder, "lib", "x".repeat(120), "größe.json"), "{}");
    writeFileSync(join(folder, ".env"), "PASSWORD=secret");
    symlinkSync("../provider.sh", join(folder, "lib", "link"));
    return folder;
  }

  async function packed(folder: string): Promise<[Layout, string]> {
    const layout = await Layout.create(join(newFolder(), "out"));
    const layer = await packLayer(layout, folder, "provider.sh");
    return [layout, layout.path(layer)];
  }

  test("comes out as it went in: the start file executable, links kept, secrets left out", async () => {
    const [, layer] = await packed(provider());
    const out = newFolder();
    await unpackLayer(layer, out);
    expect(readdirSync(out).sort()).toEqual(["lib", "provider.sh"]);
    expect(readFileSync(join(out, "lib", "x".repeat(120), "größe.json"), "utf8")).toBe("{}");
    expect(readFileSync(join(out, "lib", "link"), "utf8")).toBe("#!/bin/sh\n");
    expect(statSync(join(out, "provider.sh")).mode & 0o777).toBe(0o755);
  });

  test("gives the same digest each time, whenever and in whatever order it was written", async () => {
    const [[, first], [, second]] = [await packed(provider()), await packed(provider())];
    expect(first.split("/").at(-1)).toBe(second.split("/").at(-1));
    expect(readFileSync(first)[9]).toBe(255);
  });

  test("with a link that leads outside is refused", async () => {
    const folder = provider();
    symlinkSync("../../etc/passwd", join(folder, "lib", "out"));
    await expect(packed(folder)).rejects.toMatchObject({ code: "CDC_PROVIDER_PACK" });
  });
});

describe("a hostile archive", () => {
  test.each<[string, Given[]]>([
    ["a name with ..", [{ name: "../x", type: "file" }]],
    ["a name with .. inside", [{ name: "a/../../x", type: "file" }]],
    ["an absolute name", [{ name: "/tmp/x", type: "file" }]],
    ["a name of Windows", [{ name: "C:\\x", type: "file" }]],
    ["a link outside", [{ name: "l", type: "link", target: "../.." }]],
    ["an absolute link", [{ name: "l", type: "link", target: "/etc" }]],
    [
      "a file through a link",
      [
        { name: "l", type: "link", target: "." },
        { name: "l/x", type: "file" },
      ],
    ],
    [
      "a folder through a link",
      [
        { name: "a/l", type: "link", target: "b" },
        { name: "a/l/x", type: "folder" },
      ],
    ],
  ])("with %s is refused", async (_title, entries) => {
    await expect(unpacked(entries)).rejects.toMatchObject({ code: "CDC_PROVIDER_ARCHIVE" });
  });

  test("that writes a file over a link stops", async () => {
    const entries: Given[] = [
      { name: "l", type: "link", target: "x" },
      { name: "l", type: "file", bytes: Buffer.from("y") },
    ];
    await expect(unpacked(entries)).rejects.toMatchObject({ code: "EEXIST" });
  });

  test.each([
    ["ends early", (bytes: Buffer) => bytes.subarray(0, 700)],
    ["has a damaged header", (bytes: Buffer) => Buffer.concat([Buffer.from("y"), bytes.subarray(1)])],
  ])("that %s is refused", async (_title, damage) => {
    const folder = newFolder();
    const bytes = damage(archive([{ name: "x", type: "file", bytes: Buffer.alloc(600, "x") }]));
    writeFileSync(join(folder, "layer"), gzipSync(bytes));
    mkdirSync(join(folder, "files"));
    await expect(unpackLayer(join(folder, "layer"), join(folder, "files"))).rejects.toMatchObject({
      code: "CDC_PROVIDER_ARCHIVE",
    });
  });
});

test("nothing is left beside a layout that is made again", async () => {
  const folder = join(newFolder(), "out");
  await Layout.create(folder);
  writeFileSync(join(folder, "old"), "");
  await Layout.create(folder);
  expect(existsSync(join(folder, "old"))).toBe(false);
  chmodSync(dirname(folder), 0o755);
  await expect(Layout.create(dirname(folder))).rejects.toMatchObject({ code: "CDC_NOT_EMPTY" });
});
