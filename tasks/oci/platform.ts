import { arch, platform } from "node:process";

/** Where an executable runs, in the words of Go and of OCI. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

const SYSTEMS: Readonly<Record<string, string>> = { win32: "windows", macos: "darwin", osx: "darwin" };
const PROCESSORS: Readonly<Record<string, string>> = {
  x64: "amd64",
  x86_64: "amd64",
  aarch64: "arm64",
  ia32: "386",
  x86: "386",
};

/** The platform of this process. */
export function ownPlatform(): Platform {
  return { os: SYSTEMS[platform] ?? platform, architecture: PROCESSORS[arch] ?? arch };
}

/** Reads `linux/amd64`, `linux_x64` and the like; undefined when it is none. */
export function parsePlatform(text: string): Platform | undefined {
  const [, os = "", architecture = ""] = /^([a-z0-9]+)[/_-]([a-z0-9_]+)$/i.exec(text.toLowerCase()) ?? [];
  const found = { os: SYSTEMS[os] ?? os, architecture: PROCESSORS[architecture] ?? architecture };
  return KNOWN_SYSTEMS.has(found.os) && KNOWN_PROCESSORS.has(found.architecture) ? found : undefined;
}

/** `linux/amd64`; `any` for what runs everywhere. */
export function platformText(one: Platform | undefined): string {
  return one === undefined ? "any" : `${one.os}/${one.architecture}`;
}

/** Whether two platforms are the same. */
export function samePlatform(a: Platform | undefined, b: Platform | undefined): boolean {
  return platformText(a) === platformText(b);
}

const KNOWN_SYSTEMS = new Set(["linux", "darwin", "windows", "freebsd"]);
const KNOWN_PROCESSORS = new Set(["amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64"]);
