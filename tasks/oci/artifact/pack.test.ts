import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { platformText, ownPlatform } from "../platform";
import { elfOf, machOf, peOf } from "../../../test/registry/executables";
import { platformOfFile } from "./executable";
import { packProvider, type PackOptions } from "./pack";
import type { ImageIndex, ImageManifest } from "./media-types";
import { temporaryFolder } from "../../../test/harness/temporary-folder";

const BASE = { name: "orders-input", version: "1.2.0", role: "input" } as const;

function place(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const cwd = temporaryFolder("cdc-pack-");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(cwd, name, ".."), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  return cwd;
}

function pack(cwd: string, sources: readonly string[], more: Partial<PackOptions> = {}) {
  return packProvider({ sources, manifest: BASE, cwd, ...more });
}

const blob = <T>(folder: string, digest: string): T =>
  JSON.parse(readFileSync(join(folder, "blobs", ...digest.split(":")), "utf8")) as T;

describe("pack", () => {
  test("makes an index with a manifest per platform, told from the files themselves", async () => {
    const cwd = place({
      "in.linux_amd64": elfOf("amd64"),
      "in.linux_arm64": elfOf("arm64"),
      "in.darwin_arm64": machOf("arm64"),
      "in-windows-x64.exe": peOf("amd64"),
    });
    const sources = ["in.linux_amd64", "in.linux_arm64", "in.darwin_arm64", "in-windows-x64.exe"];
    const packed = await pack(cwd, sources);
    expect(packed.folder).toBe(join(cwd, "orders-input-1.2.0.oci"));
    const index = blob<ImageIndex>(packed.folder, packed.digest);
    const names = ["linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64"];
    expect(index.manifests.map(({ platform }) => platformText(platform))).toEqual(names);
    const configs = index.manifests.map(({ digest }) => blob<ImageManifest>(packed.folder, digest).config.digest);
    const read = configs.map((digest) => blob<Record<string, unknown>>(packed.folder, digest));
    expect(read[0]).toEqual({ ...BASE, protocol: 1, platforms: names, entry: "orders-input" });
    expect(read[3]).toMatchObject({ entry: "orders-input.exe" });
  });

  test("knows the program that runs this test", () => {
    expect(platformOfFile(execPath)).toEqual(ownPlatform());
  });

  test("takes a script for every platform, and what its provider.json says", async () => {
    const manifest = { name: "x", version: "0.1.0", role: "output", configSchema: { type: "object" }, private: "no" };
    const cwd = place({ "p/provider.py": "#!/usr/bin/env python3\n", "p/provider.json": JSON.stringify(manifest) });
    const packed = await pack(cwd, ["p"], { manifest: { version: "0.2.0" } });
    expect(packed.manifest).toEqual({
      ...{ name: "x", version: "0.2.0", role: "output", protocol: 1, platforms: ["any"] },
      ...{ entry: "provider.py", configSchema: { type: "object" } },
    });
    expect(blob<ImageIndex>(packed.folder, packed.digest).manifests[0]?.platform).toBeUndefined();
  });

  test("gives the same digest for the same content", async () => {
    const files = { "provider.sh": "#!/bin/sh\n" };
    const digests = [await pack(place(files), ["provider.sh"]), await pack(place(files), ["provider.sh"])];
    expect(digests[0]?.digest).toBe(digests[1]?.digest);
  });

  test.each<[string, Record<string, string | Buffer>, string[], Partial<PackOptions>, string, RegExp]>([
    [
      "an unknown file",
      { "a.txt": "hello" },
      ["a.txt"],
      {},
      "CDC_PROVIDER_PLATFORM",
      /neither ELF, Mach-O, PE nor a script/,
    ],
    [
      "another platform than named",
      { a: elfOf("arm64") },
      ["linux/amd64=a"],
      {},
      "CDC_PROVIDER_PLATFORM",
      /runs on linux\/arm64, not on linux\/amd64/,
    ],
    [
      "another platform than in its name",
      { "a.linux_amd64": elfOf("arm64") },
      ["a.linux_amd64"],
      {},
      "CDC_PROVIDER_PLATFORM",
      /runs on linux\/arm64/,
    ],
    [
      "a platform twice",
      { a: elfOf("arm64"), b: elfOf("arm64") },
      ["a", "b"],
      {},
      "CDC_PROVIDER_PLATFORM",
      /two providers for linux\/arm64/,
    ],
    ["no platform", { a: elfOf("arm64") }, ["os2/arm64=a"], {}, "CDC_PROVIDER_PLATFORM", /"os2\/arm64" is no platform/],
    ["nothing", {}, ["gone"], {}, "CDC_PROVIDER_PACK", /gone is not there/],
    ["a folder without a start", { "p/x.txt": "" }, ["p"], {}, "CDC_PROVIDER_PACK", /which file to start isn't said/],
    [
      "a start that isn't there",
      { "p/x.txt": "" },
      ["p"],
      { manifest: { ...BASE, entry: "y" } },
      "CDC_PROVIDER_PACK",
      /y isn't in it/,
    ],
    [
      "all that is wrong at once",
      { a: "#!/bin/sh" },
      ["a"],
      { manifest: { name: "a/b", version: "1" } },
      "CDC_PROVIDER_MANIFEST",
      /name must.*version must.*role must/,
    ],
  ])("refuses %s", async (_title, files, sources, more, code, message) => {
    await expect(pack(place(files), sources, more)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});
