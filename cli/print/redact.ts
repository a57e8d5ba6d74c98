const SECRET_NAME = /PASSWORD|PASSPHRASE|SECRET|TOKEN|CONNECTION_STRING|PWD$/i;
const SHORTEST = 4;
/** Not a secret, and a word that messages need. */
const OPEN_SECRET = "postgres";

/**
 * Replaces the values of secret environment variables in a text. The last net only: messages are
 * made without secrets, but a driver or another program may quote one.
 */
export function redact(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return secretValues(env).reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}

function secretValues(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env)
    .filter(([name]) => SECRET_NAME.test(name) && name !== "PWD" && name !== "OLDPWD")
    .flatMap(([, value]) => (value !== undefined && value.length >= SHORTEST && value !== OPEN_SECRET ? [value] : []));
}
