/** Which entries of a source are mirrored. */
import { readGitignore } from "./gitignore.ts";
import { isWithin, nameOf, type Path, parentOf, root } from "./path.ts";
import { RuleList } from "./rule-list.ts";
import type { Rule } from "./rules.ts";

/** The rule that decides about an entry, and what it matches: the entry itself or a directory above it. */
export interface Decision {
  readonly rule: Rule;
  readonly at: Path;
}

/** A .gitignore, ready to be asked. */
interface IgnoreFile {
  readonly directory: Path;
  readonly text: string;
  readonly rules: RuleList;
}

/** git never tracks what has this name. */
const repository: Rule = {
  action: "exclude",
  pattern: {
    text: ".git",
    globs: [{ tokens: [{ kind: "text", text: ".git" }], place: "name", directoryOnly: false }],
  },
  origin: "--gitignore",
};

/**
 * The rules of a mirror. The rules of the command line come first; then, with `gitignore`, `.git`, and the .gitignore
 * files from the entry's directory upwards. The first that matches decides; what none matches is included.
 *
 * An entry below an excluded directory is excluded whatever its own rules say. A walk from the root that enters no
 * excluded directory need only ask `excludes`; where a path comes from elsewhere, ask `explain`.
 */
export class Filter {
  readonly #given: RuleList | null;
  readonly #gitignore: boolean;
  readonly #ignoreFiles = new Map<Path, IgnoreFile>();
  /** Those that are about the entries of `#chainOf`, the deepest first; a walk asks about one directory at a time. */
  #chain: readonly IgnoreFile[] = [];
  #chainOf: Path | null = null;

  constructor(rules: readonly Rule[], gitignore: boolean) {
    this.#given = rules.length === 0 ? null : new RuleList(rules);
    this.#gitignore = gitignore;
  }

  /** True if nothing can ever be excluded. */
  get isEmpty(): boolean {
    return this.#given === null && !this.#gitignore;
  }

  /** True if the entry is excluded, given that its directory is not. */
  excludes(path: Path, isDirectory: boolean): boolean {
    return this.ruleFor(path, isDirectory)?.action === "exclude";
  }

  /** The rule that decides about the entry, given that its directory is not excluded; null if none matches. */
  ruleFor(path: Path, isDirectory: boolean): Rule | null {
    if (path === root || this.isEmpty) return null;
    const name = nameOf(path);
    const given = this.#given?.first(path, name, isDirectory) ?? null;
    if (given !== null || !this.#gitignore) return given;
    if (name === ".git") return repository;
    if (this.#ignoreFiles.size === 0) return null;
    for (const { directory, rules } of this.#chainFor(parentOf(path))) {
      const below = directory === root ? path : path.slice(directory.length + 1);
      const rule = rules.first(below, name, isDirectory);
      if (rule !== null) return rule;
    }
    return null;
  }

  /**
   * The rule that decides about the entry, those about the directories above it included: the topmost that excludes
   * one, or else what matches the entry itself. Null if none does.
   */
  explain(path: Path, isDirectory: boolean): Decision | null {
    if (path === root || this.isEmpty) return null;
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
      const at = path.slice(0, end);
      const rule = this.ruleFor(at, true);
      if (rule?.action === "exclude") return { rule, at };
    }
    const rule = this.ruleFor(path, isDirectory);
    return rule === null ? null : { rule, at: path };
  }

  /**
   * Takes the content of the .gitignore in `directory`, null if there is none (any more). Returns true if it differs
   * from before: then all that is below has to be asked about anew.
   */
  setIgnoreFile(directory: Path, text: string | null): boolean {
    if ((this.#ignoreFiles.get(directory)?.text ?? null) === text) return false;
    this.#chainOf = null;
    if (text === null) this.#ignoreFiles.delete(directory);
    else {
      const name = directory === root ? ".gitignore" : `${directory}/.gitignore`;
      this.#ignoreFiles.set(directory, { directory, text, rules: new RuleList(readGitignore(text, name)) });
    }
    return true;
  }

  /** Forgets the .gitignore files of `directory` and of all below it, when it is gone. */
  forget(directory: Path): void {
    this.#chainOf = null;
    for (const at of this.#ignoreFiles.keys()) if (isWithin(at, directory)) this.#ignoreFiles.delete(at);
  }

  /** The .gitignore files that are about the entries of `directory`, the deepest first. */
  #chainFor(directory: Path): readonly IgnoreFile[] {
    if (directory === this.#chainOf) return this.#chain;
    const chain: IgnoreFile[] = [];
    for (let at = directory; ; at = parentOf(at)) {
      const file = this.#ignoreFiles.get(at);
      if (file !== undefined) chain.push(file);
      if (at === root) break;
    }
    this.#chain = chain;
    this.#chainOf = directory;
    return chain;
  }
}
