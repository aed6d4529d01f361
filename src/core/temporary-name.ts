/** The names under which rsync writes files before it puts them in place. */

const form = /^(\..+)\.[A-Za-z0-9]{6}$/s;

/**
 * The names of the files that one called `name` may have been written for; none if it is no such name. (A file whose
 * name begins with a dot gets no second one; names that are too long are cut off, and not known again.)
 */
export function filesOfTemporary(name: string): string[] {
  const stem = form.exec(name)?.[1];
  return stem === undefined ? [] : [stem, stem.slice(1)];
}
