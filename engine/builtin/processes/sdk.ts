import { createRequire } from "node:module";
import { join } from "node:path";
import { CdcError } from "../../../lib/errors";

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
