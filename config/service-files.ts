/** Services of the files in services/: hidden ones and folders of schemas aren't services. */
export function servicesOfFiles(files: readonly string[]): string[] {
  const own = files.filter((file) => /\.yaml$/.test(file) && !/^[._]/.test(file));
  return own.map((file) => file.replace(/\.yaml$/, ""));
}
