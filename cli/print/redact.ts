const SECRET_NAME = /PASSWORD|PASSPHRASE|SECRET|TOKEN|CONNECTION_STRING|PWD$/i;
const SHORTEST = 4;
/** Not a secret, and a word that messages need. */
const OPEN_SECRET = "postgres";

/**
 * Replaces the values of secret environment variables in a text. The last net only: messages are
 * made without secrets, but a driver or another program may quote one.
 */
export function redact(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return redactor(env)(text);
}

/** The same for many texts: replaces what is secret in the environment, and `others`, such as passwords of the stack. */
export function redactor(
  env: Readonly<Record<string, string | undefined>>,
  others: readonly (string | undefined)[] = [],
): (text: string) => string {
  const secrets = [...secretsIn(env), ...others.filter(isSecret)];
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}

/** Values of the environment that look secret by their names. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): string[] {
  const named = Object.entries(env).filter(([name]) => SECRET_NAME.test(name) && name !== "PWD" && name !== "OLDPWD");
  return named.map(([, value]) => value).filter(isSecret);
}

function isSecret(value: string | undefined): value is string {
  return value !== undefined && value.length >= SHORTEST && value !== OPEN_SECRET;
}
