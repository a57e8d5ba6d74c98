import type { TokenCredential } from "@azure/identity";
import type { IdentityAccess } from "./config";

/** What proves who we are. The library is only loaded for it: it takes longer than the rest of a start. */
export async function credentialOf({ credential, clientId }: IdentityAccess): Promise<TokenCredential> {
  if (credential !== undefined) return credential;
  const { DefaultAzureCredential } = await import("@azure/identity");
  return clientId === undefined
    ? new DefaultAzureCredential()
    : new DefaultAzureCredential({ managedIdentityClientId: clientId });
}
