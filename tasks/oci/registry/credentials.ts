import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CdcError } from "../../../lib/errors";

/** How to log in to a registry. */
export type Credentials =
  | { readonly user: string; readonly password: string }
  /** To be exchanged for tokens. */
  | { readonly identityToken: string };

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

const HUB_KEY = "https://index.docker.io/v1/";
/** What helpers answer instead of a user when they hold an identity token. */
const TOKEN_USER = "<token>";
const NOT_KNOWN = /credentials not found|no credentials|not found in native/i;

/** What `docker login` left for a registry; undefined when nobody logged in. */
export async function credentialsFor(registry: string, env: Environment): Promise<Credentials | undefined> {
  const config = dockerConfig(env);
  const key = registry === "docker.io" ? HUB_KEY : registry;
  const store = config.credHelpers?.[registry] ?? config.credHelpers?.[key] ?? config.credsStore;
  const stored = store === undefined ? undefined : await fromProgram(store, key, env);
  return stored ?? fromFile(config.auths ?? {}, key);
}

function dockerConfig(env: Environment): DockerConfig {
  const path = join(env["DOCKER_CONFIG"] ?? join(env["HOME"] ?? homedir(), ".docker"), "config.json");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return {};
  }
  try {
    return JSON.parse(text) as DockerConfig;
  } catch (cause) {
    // Without the cause's message: it quotes the text, which holds secrets.
    throw new CdcError("CDC_DOCKER_CONFIG", `${path} is no JSON`, {
      hint: "Mend it, or log in again with docker.",
      cause,
    });
  }
}

/** Entries are named by host, or by a URL of it. */
function fromFile(auths: NonNullable<DockerConfig["auths"]>, key: string): Credentials | undefined {
  const host = (name: string): string => name.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  const found = auths[key] ?? Object.entries(auths).find(([name]) => host(name) === host(key))?.[1];
  if (found?.identitytoken) return { identityToken: found.identitytoken };
  if (found?.username && found.password) return { user: found.username, password: found.password };
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(found?.auth ?? "", "base64").toString()) ?? [];
  return user && password !== undefined ? { user, password } : undefined;
}

/** Asks `docker-credential-<store>`, which has the secret from the system's keychain or the cloud. */
async function fromProgram(store: string, key: string, env: Environment): Promise<Credentials | undefined> {
  const name = `docker-credential-${store}`;
  const { code, stdout, words } = await runProgram(name, key, env);
  if (code !== 0) {
    if (NOT_KNOWN.test(stdout + words)) return undefined;
    throw new CdcError("CDC_DOCKER_CREDENTIALS", `${name} gave no credentials for ${key}: ${words || stdout.trim()}`, {
      hint: `Install it, or take it out of credsStore and credHelpers in Docker's config.json, and log in again.`,
    });
  }
  const { Username: user = "", Secret: password = "" } = JSON.parse(stdout) as { Username?: string; Secret?: string };
  if (password === "") return undefined;
  return user === TOKEN_USER ? { identityToken: password } : { user, password };
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  /** What went wrong, in the program's words. */
  readonly words: string;
}

function runProgram(name: string, input: string, env: Environment): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(name, ["get"], { env: { ...env }, stdio: ["pipe", "pipe", "pipe"] });
    const texts = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (texts.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (texts.stderr += chunk.toString()));
    child.once("error", (error) => resolve({ code: 127, stdout: "", words: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, stdout: texts.stdout, words: texts.stderr.trim() }));
    child.stdin.on("error", () => undefined).end(input);
  });
}
