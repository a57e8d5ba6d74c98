/** Where in the user's files something is: a file and the keys that lead to it. */
export interface Place {
  /** Path of the file as the user would write it, from the configuration's folder. */
  readonly file: string;
  readonly path: readonly (string | number)[];
}

/** Something wrong in the configuration. All of them are collected before any is reported. */
export interface Problem {
  readonly at: Place;
  /** What is wrong, naming the object. */
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** The place a few keys further down. */
export function within(place: Place, ...path: (string | number)[]): Place {
  return { file: place.file, path: [...place.path, ...path] };
}
