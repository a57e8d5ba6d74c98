import type { TokenCredential } from "@azure/identity";
import { env as processEnvironment } from "node:process";
import type { IdentityAccess } from "./config";

/** What proves who we are. The library is only loaded for it: it takes longer than the rest of a start. */
export async function credentialOf({ credential, clientId }: IdentityAccess): Promise<TokenCredential> {
  if (credential !== undefined) return credential;
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import("@azure/identity");
  if (clientId === undefined) return new DefaultAzureCredential();
  return onlyManaged()
    ? new ManagedIdentityCredential({ clientId })
    : new DefaultAzureCredential({ managedIdentityClientId: clientId });
}

/** Where the environment chooses managed identities, the default chain forgets the client id, and takes the machine's own. */
function onlyManaged(): boolean {
  const chosen = processEnvironment["AZURE_TOKEN_CREDENTIALS"] ?? "";
  return chosen.trim().toLowerCase() === "managedidentitycredential";
}
