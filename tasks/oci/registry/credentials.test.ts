import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { credentialsFor, type Environment } from "./credentials";
import { temporaryFolder } from "../../../test/harness/temporary-folder";

const encoded = (text: string): string => Buffer.from(text).toString("base64");

function dockerConfig(config: unknown): Environment {
  const folder = temporaryFolder("cdc-docker-");
  writeFileSync(join(folder, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  return { DOCKER_CONFIG: folder, PATH: process.env["PATH"] };
}

/** Puts a credential program on PATH that answers what it was asked. */
function withProgram(env: Environment, name: string, script: string): Environment {
  const folder = temporaryFolder("cdc-credential-");
  writeFileSync(join(folder, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...env, PATH: [folder, env["PATH"]].join(delimiter) };
}

const ANSWERS = `[ "$1" = get ] || exit 9; read -r url; printf '{"ServerURL":"%s","Username":"me","Secret":"for %s"}' "$url" "$url"`;

describe("credentials", () => {
  test.each([
    ["by host", { "ghcr.io": { auth: encoded("me:pass:word") } }, "ghcr.io", { user: "me", password: "pass:word" }],
    ["by URL", { "https://ghcr.io/v2/": { auth: encoded("me:x") } }, "ghcr.io", { user: "me", password: "x" }],
    ["with a port", { "localhost:5000": { auth: encoded("me:x") } }, "localhost:5000", { user: "me", password: "x" }],
    ["in clear", { "ghcr.io": { username: "me", password: "x" } }, "ghcr.io", { user: "me", password: "x" }],
    [
      "of Docker Hub",
      { "https://index.docker.io/v1/": { auth: encoded("me:x") } },
      "docker.io",
      { user: "me", password: "x" },
    ],
    ["that are a token", { "ghcr.io": { auth: "", identitytoken: "t" } }, "ghcr.io", { identityToken: "t" }],
    ["of another port", { "localhost:5001": { auth: encoded("me:x") } }, "localhost:5000", undefined],
    ["that are empty", { "ghcr.io": {} }, "ghcr.io", undefined],
  ])("%s are found in Docker's config.json", async (_title, auths, registry, expected) => {
    expect(await credentialsFor(registry, dockerConfig({ auths }))).toEqual(expected);
  });

  test("are none without a config.json", async () => {
    expect(await credentialsFor("ghcr.io", { DOCKER_CONFIG: temporaryFolder("cdc-docker-") })).toBeUndefined();
  });

  test("come from the program for the registry, before the one for all", async () => {
    const env = withProgram(
      dockerConfig({ credHelpers: { "a.example.com": "a" }, credsStore: "all", auths: { "b.example.com": {} } }),
      "a",
      ANSWERS,
    );
    const both = withProgram(env, "all", `echo '{"Username":"<token>","Secret":"identity"}'`);
    expect(await credentialsFor("a.example.com", both)).toEqual({ user: "me", password: "for a.example.com" });
    expect(await credentialsFor("b.example.com", both)).toEqual({ identityToken: "identity" });
  });

  test("are none when the program knows none, and the file's then", async () => {
    const auths = { "b.example.com": { auth: encoded("me:x") } };
    const env = withProgram(
      dockerConfig({ credsStore: "all", auths }),
      "all",
      "echo 'credentials not found in native keychain'; exit 1",
    );
    expect(await credentialsFor("a.example.com", env)).toBeUndefined();
    expect(await credentialsFor("b.example.com", env)).toEqual({ user: "me", password: "x" });
  });

  test.each([
    ["is missing", {}],
    ["fails", { all: "echo 'the keychain is locked' >&2; exit 1" }],
  ])("are an error when the program %s", async (_title, programs: Record<string, string>) => {
    const config = dockerConfig({ credsStore: "all" });
    const env = Object.entries(programs).reduce((all, [name, script]) => withProgram(all, name, script), config);
    await expect(credentialsFor("a.example.com", env)).rejects.toMatchObject({
      code: "CDC_DOCKER_CREDENTIALS",
      message: expect.stringContaining("docker-credential-all gave no credentials") as string,
    });
  });

  test("in a file that is no JSON are an error that quotes nothing of it", async () => {
    const failure = await credentialsFor("a", dockerConfig('{"auths": secret}')).catch(
      (error: unknown) => error as Error,
    );
    expect(failure).toMatchObject({ code: "CDC_DOCKER_CONFIG" });
    expect((failure as Error).message).not.toContain("secret}");
  });
});
