/** For a stack without secrets: the CLI of Pulumi wants a passphrase all the same, unless one is set. */
export function emptyPassphrase(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const isSet = env["PULUMI_CONFIG_PASSPHRASE"] !== undefined || env["PULUMI_CONFIG_PASSPHRASE_FILE"] !== undefined;
  return isSet ? {} : { PULUMI_CONFIG_PASSPHRASE: "" };
}
