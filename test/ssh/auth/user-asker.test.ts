/** Who is asked: the terminal or SSH_ASKPASS, as OpenSSH decides; and what they get to see. */
import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inSeries } from "../../../src/ssh/auth/asker.ts";
import { findAskpass } from "../../../src/ssh/auth/askpass.ts";
import { UserAsker } from "../../../src/ssh/auth/user-asker.ts";
import type { Terminal } from "../../../src/system/terminal.ts";
import { tempDir } from "../../helpers/process.ts";

const dir = tempDir("tsync-asker-");
afterAll(() => rmSync(dir, { recursive: true }));

/** A program that writes its question and the hint of ssh to `log`, and then does `action`. */
function askpass(name: string, action: string): { program: string; log: () => string } {
  const program = join(dir, name);
  const log = `${program}.log`;
  writeFileSync(
    program,
    `#!/bin/sh\nprintf '%s\\n' "$1" "hint:$SSH_ASKPASS_PROMPT" >>'${log}'\n${action}\n`,
    {
      mode: 0o700,
    },
  );
  return { program, log: () => readFileSync(log, "utf8") };
}

const without = { isUsable: false } as Terminal;

/** A terminal that answers with what it was asked. */
function echoing(): { terminal: Terminal; shown: string[] } {
  const shown: string[] = [];
  const terminal = {
    isUsable: true,
    ask: async (question: string) => question,
    show: (text: string) => shown.push(text),
  };
  return { terminal: terminal as unknown as Terminal, shown };
}

describe("the program is chosen as OpenSSH does", () => {
  const program = "/bin/true";
  const cases: [Record<string, string>, boolean, boolean][] = [
    [{}, true, false],
    [{}, false, false],
    [{ DISPLAY: ":0" }, true, false],
    [{ DISPLAY: ":0" }, false, true],
    [{ WAYLAND_DISPLAY: "wayland-0" }, false, true],
    [{ SSH_ASKPASS_REQUIRE: "prefer" }, true, false],
    [{ SSH_ASKPASS_REQUIRE: "prefer", DISPLAY: ":0" }, true, true],
    [{ SSH_ASKPASS_REQUIRE: "force" }, true, true],
    [{ SSH_ASKPASS_REQUIRE: "FORCE" }, false, true],
    [{ SSH_ASKPASS_REQUIRE: "never", DISPLAY: ":0" }, false, false],
  ];
  test.each(cases)("%j, terminal: %p", (env, hasTerminal, isUsed) => {
    const found = findAskpass({ SSH_ASKPASS: program, ...env }, () => hasTerminal);
    expect(found).toBe(isUsed ? program : null);
  });

  test("one that is not there is nobody", () => {
    const env = { SSH_ASKPASS: join(dir, "missing"), SSH_ASKPASS_REQUIRE: "force" };
    expect(new UserAsker(without, () => {}, env).canAsk).toBe(false);
  });
});

describe("a program", () => {
  const asker = (program: string) =>
    new UserAsker(without, () => {}, {
      SSH_ASKPASS: program,
      SSH_ASKPASS_REQUIRE: "force",
      PATH: process.env.PATH,
    });

  test("gets the question and gives the first line, for secrets and for text", async () => {
    const { program, log } = askpass("answers", "echo 's3cret '; echo more");
    expect(asker(program).canAsk).toBe(true);
    expect(await asker(program).secret("Password: ")).toBe("s3cret ");
    expect(await asker(program).text("Go on (yes/no)? ")).toBe("s3cret ");
    expect(log()).toBe("Password: \nhint:\nGo on (yes/no)? \nhint:\n");
  });

  test("that ends with an error has no answer", async () => {
    const { program } = askpass("cancels", "echo s3cret; exit 1");
    expect(await asker(program).secret("Password: ")).toBeNull();
  });

  test("that cannot be started has no answer", async () => {
    writeFileSync(join(dir, "broken"), "#!/no/such/interpreter\n", { mode: 0o700 });
    expect(await asker(join(dir, "broken")).secret("Password: ")).toBeNull();
  });

  test("is ended when the question is withdrawn", async () => {
    const { program } = askpass("waits", "exec sleep 60");
    const startMs = performance.now();
    expect(await asker(program).secret("Password: ", AbortSignal.timeout(200))).toBeNull();
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(await asker(program).secret("Password: ", AbortSignal.abort())).toBeNull();
  });
});

describe("questions", () => {
  test("come one after the other, and a series in one piece", async () => {
    const order: string[] = [];
    const terminal = {
      isUsable: true,
      ask: async (question: string) => {
        order.push(`${question}?`);
        await Bun.sleep(5);
        order.push(`${question}!`);
        return question;
      },
    } as unknown as Terminal;
    const asker = new UserAsker(terminal, () => {}, {});
    await Promise.all([
      asker.secret("a"),
      inSeries(asker, async (inner) => {
        await inner.text("b");
        await inner.secret("c");
      }),
      asker.text("d"),
    ]);
    expect(order).toEqual(["a?", "a!", "b?", "b!", "c?", "c!", "d?", "d!"]);
  });

  test("a question that fails does not hold up the next", async () => {
    const asker = new UserAsker(echoing().terminal, () => {}, {});
    const failed = inSeries(asker, () => Promise.reject(new Error("no")));
    expect(await asker.text("next")).toBe("next");
    await expect(failed).rejects.toThrow("no");
  });

  test("control characters never reach the terminal", async () => {
    const { terminal, shown } = echoing();
    const asker = new UserAsker(terminal, () => {}, {});
    expect(await asker.secret("\x1b]0;owned\x07Pass\u202eword\x9b2J\n: ")).toBe(
      "\\x1b]0;owned\\x07Pass\\u{202e}word\\x9b2J\n: ",
    );
    asker.tell("two\nlines\x1b[H");
    expect(shown).toEqual(["two\nlines\\x1b[H"]);
  });

  test("without a terminal what is told is printed line by line", () => {
    const lines: string[] = [];
    new UserAsker(without, (line) => lines.push(line), {}).tell("two\nlines");
    expect(lines).toEqual(["two", "lines"]);
  });
});
