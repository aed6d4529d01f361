/** The unit, as systemd itself reads it. */
import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemdUnit } from "../../src/service/systemd-unit.ts";
import { runProcess, tempDir } from "../helpers/process.ts";

const systemd = "/lib/systemd/systemd";

const odd = [
  "watch",
  "--exclude=*.tmp",
  "--",
  "/srv/with space",
  "quo\"te and 'single'",
  "100%i %% %",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a variable of systemd.
  "$HOME ${HOME} $$ $",
  "back\\slash\\n \\x41",
  ";",
  "# comment",
  "-dash",
  "ünïcode €",
  "tab\tand\nline",
  "~user",
  "@-:+!",
];

const service = (args: readonly string[], isSystem: boolean) => ({
  name: "tsync",
  description: 'tsync: mirrors of "100%" $HOME\nand more',
  program: "/bin/true",
  args,
  isSystem,
});

for (const isSystem of [true, false]) {
  test.skipIf(Bun.which("systemd-analyze") === null)(
    `systemd-analyze finds nothing wrong with that of ${isSystem ? "the machine" : "a user"}`,
    async () => {
      const dir = tempDir("tsync-unit-");
      const file = join(dir, "tsync.service");
      writeFileSync(file, systemdUnit(service(odd, isSystem)));
      const scope = isSystem ? [] : ["--user"];
      const run = await runProcess(["systemd-analyze", ...scope, "verify", file], {
        env: { XDG_RUNTIME_DIR: dir },
      });
      expect(run).toEqual({ code: 0, stdout: "", stderr: "" });
    },
  );
}

// It does not test as root.
const canRead = existsSync(systemd) && Bun.which("setpriv") !== null && process.getuid?.() === 0;

test.skipIf(!canRead)("each argument arrives as it is", async () => {
  const dir = tempDir("tsync-unit-");
  chmodSync(dir, 0o777);
  const units = join(dir, "units");
  mkdirSync(units);
  writeFileSync(join(units, "tsync.service"), systemdUnit(service(odd, false)));
  const { stdout } = await runProcess([
    ...["setpriv", "--reuid=65534", "--clear-groups", "env", "-i"],
    ...[`HOME=${dir}`, `XDG_RUNTIME_DIR=${dir}`, `SYSTEMD_UNIT_PATH=${units}:`],
    ...[systemd, "--test", "--user", "--unit=tsync.service", "--log-target=console"],
  ]);
  const unit = stdout.slice(stdout.indexOf("-> Unit tsync.service:"));
  const command = /^\t\t\tCommand Line: (.*)$/m.exec(unit)![1]!;
  // As the shell would be given it, before variables are put in.
  const words = await runProcess(["bash", "-c", `printf '%s\\0' ${command}`]);
  const argv = words.stdout.split("\0").slice(0, -1);
  // Tabs and line feeds are shown as C has them.
  const shown = odd.map((word) => word.replaceAll("\t", "\\t").replaceAll("\n", "\\n"));
  expect(argv.map((word) => word.replaceAll("$$", "$"))).toEqual(["/bin/true", ...shown]);
  expect(/^\t\tDescription: (.*)$/m.exec(unit)![1]).toBe('tsync: mirrors of "100%" $HOME and more');
});
