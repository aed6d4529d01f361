/** Values of a Lua configuration, as far as they are known without running it. */

/** What cannot be known without running the file; `what` says what it is, for people. */
export class Unknown {
  constructor(readonly what: string) {}
}

/** `default.rsync` and its like. */
export class BuiltIn {
  constructor(readonly name: string) {}
}

/** A table: its list and its named fields. */
export class LuaTable {
  readonly list: LuaField[] = [];
  readonly fields = new Map<string, LuaField>();
  constructor(readonly line: number) {}

  /** The table as it is now: a file may go on to change it. */
  copy(): LuaTable {
    const copied = new LuaTable(this.line);
    copied.list.push(...this.list);
    for (const [name, field] of this.fields) copied.fields.set(name, field);
    return copied;
  }

  /** Sets a field; one that is nil is none. */
  set(name: string, value: LuaValue, line: number): void {
    if (value === null) this.fields.delete(name);
    else this.fields.set(name, { value, line });
  }
}

export type LuaValue = string | number | boolean | null | LuaTable | Unknown | BuiltIn;

/** A value and the line it stands on. */
export interface LuaField {
  readonly value: LuaValue;
  readonly line: number;
}
