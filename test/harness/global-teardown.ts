/** Stops the PostgreSQL that the set-up started. */
export default async function tearDown(): Promise<void> {
  await globalThis.cdcTestPostgres?.stop();
}
