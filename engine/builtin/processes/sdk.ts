import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CdcError } from "../../../lib/errors";

/** Folder of the SDK that this package brings along. */
export function ownSdkFolder(): string {
  return dirname(createRequire(__filename).resolve("@pulumi/pulumi/package.json"));
}

/** Path of a script of the SDK that the program itself uses. Throws `CdcError` when the program has no SDK. */
export function sdkScript(programDirectory: string, script: string): string {
  for (const base of [join(programDirectory, "program.js"), __filename]) {
    try {
      return createRequire(base).resolve(`@pulumi/pulumi/${script}`);
    } catch {
      // Not installed beside the program: ours will do.
    }
  }
  throw new CdcError("CDC_SDK_MISSING", `@pulumi/pulumi is not installed in ${programDirectory}`, {
    hint: "Run npm install there.",
  });
}
