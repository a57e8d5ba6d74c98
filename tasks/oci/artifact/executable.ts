import { closeSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { CdcError } from "../../../lib/errors";
import { parsePlatform, platformText, samePlatform, type Platform } from "../platform";

const ELF_PROCESSORS: Readonly<Record<number, string>> = {
  3: "386",
  21: "ppc64le",
  22: "s390x",
  40: "arm",
  62: "amd64",
  183: "arm64",
  243: "riscv64",
};
const MACH_PROCESSORS: Readonly<Record<number, string>> = { 0x01000007: "amd64", 0x0100000c: "arm64" };
const PE_PROCESSORS: Readonly<Record<number, string>> = { 0x8664: "amd64", 0xaa64: "arm64", 0x14c: "386" };
const SCRIPTS = /\.(?:c?js|mjs|py|sh|rb|pl)$/;
const HEAD_BYTES = 4096;
/** A platform at the end of a file's name: `plugin.linux_amd64`, `orders-input-windows-x64.exe`. */
const NAMED = /(?:^|[._-])((?:linux|darwin|macos|osx|windows|win32|freebsd)[_-][a-z0-9_]+?)(?:\.exe)?$/i;

/**
 * The platform of an executable, from what its file begins with; undefined for a script, which runs anywhere.
 * Throws CdcError (CDC_PROVIDER_PLATFORM) when the file is neither, or is of another platform than its name says.
 */
export function platformOfFile(path: string, given?: Platform): Platform | undefined {
  const head = headOf(path);
  const isScript = head.toString("latin1", 0, 2) === "#!" || SCRIPTS.test(path);
  const found = isScript ? undefined : (elf(head) ?? mach(head) ?? pe(head));
  if (!isScript && found === undefined) throw unknownFile(path, given);
  const named = given ?? parsePlatform(NAMED.exec(basename(path))?.[1] ?? "");
  if (named !== undefined && !isScript && !samePlatform(found, named)) throw otherPlatform(path, found, named);
  return isScript ? given : found;
}

function headOf(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    readSync(file, head, 0, HEAD_BYTES, 0);
    return head;
  } finally {
    closeSync(file);
  }
}

function elf(head: Buffer): Platform | undefined {
  if (head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const isBigEndian = head[5] === 2;
  const architecture = ELF_PROCESSORS[isBigEndian ? head.readUInt16BE(18) : head.readUInt16LE(18)];
  return architecture === undefined ? undefined : { os: head[7] === 9 ? "freebsd" : "linux", architecture };
}

function mach(head: Buffer): Platform | undefined {
  if (head.readUInt32LE(0) !== 0xfeedfacf) return undefined;
  const architecture = MACH_PROCESSORS[head.readUInt32LE(4)];
  return architecture === undefined ? undefined : { os: "darwin", architecture };
}

function pe(head: Buffer): Platform | undefined {
  if (head.toString("latin1", 0, 2) !== "MZ") return undefined;
  const at = head.readUInt32LE(0x3c);
  if (at > HEAD_BYTES - 6 || head.toString("latin1", at, at + 4) !== "PE\u0000\u0000") return undefined;
  const architecture = PE_PROCESSORS[head.readUInt16LE(at + 4)];
  return architecture === undefined ? undefined : { os: "windows", architecture };
}

function unknownFile(path: string, given: Platform | undefined): CdcError {
  const what = given === undefined ? "an executable" : `an executable for ${platformText(given)}`;
  return new CdcError("CDC_PROVIDER_PLATFORM", `${path} is not ${what}: it is neither ELF, Mach-O, PE nor a script`, {
    hint: "Name the built program, or a script that begins with #!.",
  });
}

function otherPlatform(path: string, found: Platform | undefined, named: Platform): CdcError {
  const message = `${path} runs on ${platformText(found)}, not on ${platformText(named)}`;
  return new CdcError("CDC_PROVIDER_PLATFORM", message, { hint: "Build it for that platform, or rename it." });
}
