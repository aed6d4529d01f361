import { expect, test } from "bun:test";
import { isWriteOnly, refusalFault } from "../../src/target/rsync-refusal.ts";

test.each([
  ["@ERROR: Unknown module 'nomod'", "target", false, /no module "nomod"/],
  ["@ERROR: auth failed on module auth", "auth", false, /user or password.*"auth"/],
  ["@ERROR: access denied to deny from localhost (127.0.0.1)", "auth", false, /"deny"/],
  ["@ERROR: max connections (4) reached -- try again later", "connection", true, /\(4\)/],
  ["@ERROR: chdir failed", "target", true, /not there/],
  ["ERROR: module is read only", "target", false, /nobody write/],
  ["/usr/bin/rrsync error: sending to read-only server is not allowed", "target", false, /nobody write/],
  [
    "rsync: The server is configured to refuse --delete",
    "target",
    false,
    /refuses the rsync option --delete/,
  ],
  [
    "rrsync error: option --delete-missing-args has been disabled on this server.",
    "target",
    false,
    /--delete/,
  ],
  [
    "rsync: [Receiver] failed to connect to 127.0.0.1 (127.0.0.1): Connection refused (111)",
    "connection",
    true,
    /Connection refused/,
  ],
  ["@ERROR: something new", "connection", true, /something new/],
])("%s", (text, code, retry, message) => {
  const fault = refusalFault(`noise\n${text}\nrsync error: (code 5) at main.c(1954)\n`);
  expect(fault).toMatchObject({ code, retry });
  expect(fault!.message).toMatch(message);
});

test("other messages are no refusals", () => {
  expect(refusalFault('rsync: [sender] link_stat "/x" failed: No such file or directory (2)')).toBeNull();
  expect(isWriteOnly("ERROR: module is read only")).toBe(false);
});

test.each(["ERROR: module is write only", "rrsync error: reading from write-only server is not allowed"])(
  "write-only: %s",
  (text) => expect(isWriteOnly(text)).toBe(true),
);
