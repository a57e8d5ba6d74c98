import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { CdcError } from "../../lib/errors";

const iterations = 1_000_000;
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const proof = "pulumi";

/** Environment that may hold the passphrase. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Encrypts and decrypts with one key, in the text format `v1:<nonce>:<ciphertext and tag>`. */
class Crypter {
  constructor(private readonly key: Buffer) {}

  encrypt(plaintext: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.key, nonce);
    const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  }

  /** Throws when the text is malformed or was sealed with another key. */
  decrypt(text: string): string {
    const [version, nonce = "", sealedText = "", rest] = text.split(":");
    const sealed = Buffer.from(sealedText, "base64");
    if (version !== "v1" || rest !== undefined || sealed.length < tagBytes) throw new Error("not a v1 ciphertext");
    const decipher = createDecipheriv("aes-256-gcm", this.key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    const opened = [decipher.update(sealed.subarray(0, sealed.length - tagBytes)), decipher.final()];
    return Buffer.concat(opened).toString("utf8");
  }
}

/** The secrets of one stack under its passphrase. Nothing is derived (about 0.4 s of CPU) until it is needed. */
export class PassphraseVault {
  private readonly crypters = new Map<string, Crypter>();
  /** Keeps the ciphertext of what did not change, so that the state does not change either. */
  private readonly known = new Map<string, string>();
  private writeSalt: string | undefined;

  /**
   * @param salts `config`: encryptionsalt of the stack file; `state`: the salt in the checkpoint.
   * @param onNewSalt called when a salt had to be made: the stack file should keep it.
   */
  constructor(
    private readonly salts: { readonly config?: string | undefined; readonly state?: string | undefined },
    private readonly environment: Environment,
    private readonly onNewSalt: (salt: string) => void,
  ) {
    this.writeSalt = salts.config ?? salts.state;
  }

  /** The salt that a checkpoint must name, or undefined when there are no secrets at all. */
  get salt(): string | undefined {
    return this.writeSalt;
  }

  /** Throws `CdcError` when nothing could be encrypted: to be asked before a secret is made. */
  checkReady(): void {
    this.crypter(this.writeSalt ?? this.makeSalt());
  }

  /** Encrypts for the state; `owner` tells equal secrets of different resources apart. */
  encrypt(plaintext: string, owner: string): string {
    const memory = `${owner}\0${plaintext}`;
    const known = this.known.get(memory);
    if (known !== undefined) return known;
    const ciphertext = this.crypter(this.writeSalt ?? this.makeSalt()).encrypt(plaintext);
    this.known.set(memory, ciphertext);
    return ciphertext;
  }

  /** Decrypts a value of the stack file. Throws `CdcError` naming `what`. */
  decryptConfig(ciphertext: string, what: string): string {
    return this.open(this.salts.config ?? this.salts.state, ciphertext, what);
  }

  /** Decrypts a value of the state, and remembers its ciphertext. */
  decryptState(ciphertext: string, owner: string): string {
    const plaintext = this.open(this.salts.state ?? this.salts.config, ciphertext, `a property of ${owner}`);
    if (this.salts.state === this.writeSalt) this.known.set(`${owner}\0${plaintext}`, ciphertext);
    return plaintext;
  }

  private open(salt: string | undefined, ciphertext: string, what: string): string {
    if (salt === undefined) {
      throw new CdcError("CDC_SECRET_UNREADABLE", `${what} is encrypted, but the stack has no encryption salt`, {
        hint: "Restore encryptionsalt in the stack file, or set the value again.",
      });
    }
    const crypter = this.crypter(salt);
    try {
      return crypter.decrypt(ciphertext);
    } catch (cause) {
      throw new CdcError("CDC_SECRET_UNREADABLE", `${what} cannot be decrypted`, {
        hint: "It was encrypted with another passphrase or salt, or it was damaged: set it again.",
        cause,
      });
    }
  }

  private makeSalt(): string {
    const salt = randomBytes(8);
    const crypter = new Crypter(deriveKey(this.passphrase(), salt));
    this.writeSalt = `v1:${salt.toString("base64")}:${crypter.encrypt(proof)}`;
    this.crypters.set(this.writeSalt, crypter);
    this.onNewSalt(this.writeSalt);
    return this.writeSalt;
  }

  private crypter(saltText: string): Crypter {
    const known = this.crypters.get(saltText);
    if (known) return known;
    const [version, salt = "", ...check] = saltText.split(":");
    if (version !== "v1") throw new CdcError("CDC_SECRET_UNREADABLE", "the encryption salt is not in the v1 format");
    const crypter = new Crypter(deriveKey(this.passphrase(), Buffer.from(salt, "base64")));
    if (!opens(crypter, check.join(":"))) {
      throw new CdcError("CDC_PASSPHRASE_WRONG", "the passphrase does not open the secrets of this stack", {
        hint: "Set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) to the passphrase the stack was made with.",
      });
    }
    this.crypters.set(saltText, crypter);
    return crypter;
  }

  private passphrase(): string {
    const phrase = this.environment["PULUMI_CONFIG_PASSPHRASE"];
    if (phrase !== undefined) return phrase;
    const file = this.environment["PULUMI_CONFIG_PASSPHRASE_FILE"];
    if (file) return readPassphraseFile(file);
    throw new CdcError("CDC_PASSPHRASE_MISSING", "this stack has secrets, and no passphrase is set", {
      hint: "Set PULUMI_CONFIG_PASSPHRASE (it may be empty) or PULUMI_CONFIG_PASSPHRASE_FILE.",
    });
  }
}

function opens(crypter: Crypter, check: string): boolean {
  try {
    return crypter.decrypt(check) === proof;
  } catch {
    return false;
  }
}

function deriveKey(phrase: string, salt: Buffer): Buffer {
  return pbkdf2Sync(phrase, salt, iterations, keyBytes, "sha256");
}

function readPassphraseFile(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new CdcError("CDC_PASSPHRASE_MISSING", `the passphrase file ${file} cannot be read`, {
      hint: "Check PULUMI_CONFIG_PASSPHRASE_FILE.",
      cause,
    });
  }
}
