import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { CdcError } from "../../../lib/errors";
import { writeAtomically } from "./files";
import { Journal, readJournal, type Recovered } from "./journal";
import { parseCheckpoint, type Deployment } from "./checkpoint";

/** A checkpoint as found, and what a run that did not end left beside it. */
export interface Stored {
  /** Undefined for a stack that does not exist yet. */
  readonly deployment?: Deployment;
  /** SHA-256 of the checkpoint file; empty when there is none. */
  readonly hash: string;
  readonly recovered?: Recovered;
}

/** The files of one stack, laid out as the file backend of the Pulumi CLI has them. */
export class StackStore {
  private readonly root: string;
  private readonly base: string;

  /** `backend` is `file://<dir>` or a path. Throws `CdcError` for any other kind of backend. */
  constructor(
    backend: string,
    private readonly project: string,
    private readonly stack: string,
    directory: string,
  ) {
    this.root = join(backendDirectory(backend, directory), ".pulumi");
    this.base = join(this.root, "stacks", project, stack);
  }

  get file(): string {
    return `${this.base}.json`;
  }

  get lockDirectory(): string {
    return join(this.root, "locks", "organization", this.project, this.stack);
  }

  /** Reads the checkpoint and the journal. Throws `CdcError` when the state is damaged or not ours to read. */
  load(): Stored {
    this.checkLayout();
    const file = this.newest();
    if (file === undefined) return withRecovered({ hash: "" }, readJournal(this.journalFile, ""));
    const bytes = readFileSync(file);
    const hash = createHash("sha256").update(bytes).digest("hex");
    const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    return withRecovered({ deployment: parseCheckpoint(text, file), hash }, readJournal(this.journalFile, hash));
  }

  /** A journal of changes to the checkpoint with this hash. */
  journal(hash: string): Journal {
    return new Journal(this.journalFile, hash);
  }

  /** Replaces the checkpoint; the one before stays as `.bak`. */
  save(text: string): void {
    const meta = join(this.root, "meta.yaml");
    if (!existsSync(meta)) writeAtomically(meta, "version: 1\n");
    if (existsSync(this.file)) copyFileSync(this.file, `${this.file}.bak`);
    writeAtomically(this.file, text);
    rmSync(`${this.file}.gz`, { force: true });
    rmSync(this.journalFile, { force: true });
  }

  /** Removes the checkpoint with all that belongs to it. */
  remove(): void {
    const { file } = this;
    for (const own of [file, `${file}.bak`, `${file}.gz`, this.journalFile]) rmSync(own, { force: true });
  }

  private get journalFile(): string {
    return `${this.base}.journal`;
  }

  private newest(): string | undefined {
    const found = [this.file, `${this.file}.gz`, `${this.file}.zst`].filter(existsSync);
    const [newest] = found.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    if (newest?.endsWith(".zst")) {
      throw new CdcError("CDC_STATE_UNSUPPORTED", `${newest} is compressed with zstd`, {
        hint: "Run the Pulumi CLI once without PULUMI_DIY_BACKEND_ZSTD to store the state plainly.",
      });
    }
    return newest;
  }

  private checkLayout(): void {
    const meta = join(this.root, "meta.yaml");
    if (!existsSync(meta)) return;
    const version = /^version:\s*(\d+)/m.exec(readFileSync(meta, "utf8"))?.[1];
    if (version === "1") return;
    throw new CdcError("CDC_STATE_UNSUPPORTED", `${meta} says layout version ${version ?? "unknown"}; 1 is supported`, {
      hint: "Upgrade the store with `pulumi state upgrade`.",
    });
  }
}

function withRecovered(stored: Stored, recovered: Recovered | undefined): Stored {
  return recovered === undefined ? stored : { ...stored, recovered };
}

/** The folder a backend URL means; relative paths are taken from `directory`. */
function backendDirectory(backend: string, directory: string): string {
  if (/^[a-z0-9+]+:\/\//i.test(backend) && !backend.startsWith("file://")) {
    const scheme = backend.slice(0, backend.indexOf("://"));
    throw new CdcError("CDC_BACKEND_UNSUPPORTED", `the built-in engine keeps its state in files, not in ${scheme}://`, {
      hint: "Install the Pulumi CLI for this backend, or use file://<folder>.",
    });
  }
  const path = backend.startsWith("file://") ? filePath(backend) : backend;
  return resolve(directory, path.startsWith("~") ? join(homedir(), path.slice(1)) : path);
}

function filePath(url: string): string {
  const path = url.slice("file://".length).split("?")[0] ?? "";
  return path.startsWith("/") ? fileURLToPath(`file://${path}`) : path;
}
