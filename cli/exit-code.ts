/** What the exit code of `cdc` means; the same for every command. */
export const EXIT = {
  fine: 0,
  changesFound: 1,
  error: 2,
  unhealthy: 3,
  interrupted: 130,
} as const;

/** The meanings, for help texts. */
export const EXIT_CODE_HELP = `Exit codes:
  0    fine, or nothing to change
  1    changes found (preview --expect-no-changes, up --expect-no-changes)
  2    error
  3    unhealthy or lagging (status)
  130  interrupted`;
