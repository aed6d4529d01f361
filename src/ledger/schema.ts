/** The tables of a ledger. */

/** Version of the schema below; a ledger of another version is refused. */
export const schemaVersion = 4;

/**
 * - `entry`: a tree. Names are bytes, each as one character (latin1), so that SQL compares and keeps them exactly.
 *   Renaming a directory changes its own row only. The root's row has the id 1 and the parent 0. `stamp` is the
 *   `stampOf` its name and entry.
 * - `tally`: for each directory, by its id, the `Tally` of the entries in it.
 * - `journal`: steps under way, to be repeated if their acknowledgement is lost.
 * - `meta`: facts about the mirror.
 */
export const schema = `
  create table entry (
    id integer primary key,
    parent integer not null,
    name text not null,
    kind text not null,
    mode integer not null,
    size integer not null,
    mtime_ms real not null,
    uid integer not null,
    gid integer not null,
    dev integer not null,
    ino integer not null,
    birth_ms real not null,
    link text not null,
    doubt text not null,
    stamp integer not null
  );
  create unique index entry_by_name on entry (parent, name);
  create index entry_by_ino on entry (ino);
  create index entry_in_doubt on entry (id) where doubt <> 'none';
  create table tally (
    parent integer primary key,
    count integer not null,
    low integer not null,
    high integer not null
  );
  create table journal (position integer primary key, step text not null);
  create table meta (key text primary key, value text not null);
`;
