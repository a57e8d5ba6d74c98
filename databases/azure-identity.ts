import type { TokenCredential } from "@azure/identity";
import { env as processEnvironment } from "node:process";

/** Whose identity of Entra ID it is. */
export interface AzureIdentity {
  /** Client id of a user-assigned managed identity; the machine's own, or what else the environment offers, when absent. */
  readonly clientId?: string;
  /** Instead of what the environment offers. */
  readonly credential?: TokenCredential;
}

/** What proves who we are. The library is only loaded for it: it takes longer than the rest of a start. */
export async function credentialOf({ credential, clientId }: AzureIdentity): Promise<TokenCredential> {
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
