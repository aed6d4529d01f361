import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseDestination } from "../../src/config/destination.ts";
import { Fault } from "../../src/core/fault.ts";

const local = (text: string) => ({ kind: "local" as const, name: text, path: text });

describe("parseDestination", () => {
  test.each(["/srv/www", "relative", "./a:b", "/a:b", "a/b:c", "a@b/c", "-x", "~/x", "a\nb"])(
    "%j is local",
    (text) => {
      expect(parseDestination(text)).toEqual(local(text));
    },
  );

  test.each([
    ["web:/srv/www", { host: "web", path: "/srv/www" }],
    ["web:www", { host: "web", path: "www" }],
    ["web:", { host: "web", path: "" }],
    ["ann@web:~/www", { host: "web", user: "ann", path: "~/www" }],
    ["[::1]:/srv", { host: "::1", path: "/srv" }],
    ["ann@[fe80::1%eth0]:x", { host: "fe80::1%eth0", user: "ann", path: "x" }],
    ["web:a:b", { host: "web", path: "a:b" }],
    ["web:a@b:c", { host: "web", path: "a@b:c" }],
    ["web:a\nb", { host: "web", path: "a\nb" }],
  ])("%j is on another host", (text, rest) => {
    expect(parseDestination(text)).toEqual({ kind: "ssh", name: text, ...rest });
  });

  test("drops slashes at the end of a remote path, but not the root itself", () => {
    const pathOf = (text: string) => (parseDestination(text) as { path: string }).path;
    expect([pathOf("web:a/b//"), pathOf("web:/"), pathOf("web://")]).toEqual(["a/b", "/", "/"]);
  });

  test.each([
    ["", "is empty"],
    ["a\0b", "has a NUL byte"],
    ["ssh://web/srv", "is an URL"],
    ["rsync://web/srv", "is an URL"],
    ["web::module", "names an rsync daemon"],
    ["@web:x", "has an empty user name"],
    [":x", "has no valid host"],
    ["[]:x", "has no valid host"],
    ["::1:x", "has no valid host"],
    ["a@b@web:x", "has no valid host"],
    ["-oProxyCommand=id:x", "starts with a dash"],
    ["-l@web:x", "starts with a dash"],
    ["[-x]:y", "starts with a dash"],
  ])("refuses %j", (text, why) => {
    const fault = parseDestination(text);
    expect(fault).toBeInstanceOf(Fault);
    expect((fault as Fault).code).toBe("usage");
    expect((fault as Fault).message).toContain(why);
  });

  test("takes whatever starts with / or ./ for local", () => {
    const text = fc.tuple(fc.constantFrom("/", "./"), fc.string()).map((parts) => parts.join(""));
    fc.assert(fc.property(text, (one) => expect(parseDestination(one)).toEqual(local(one))));
  });

  test("never gives a host or user that ssh could take for an option", () => {
    const text = fc.string({ unit: fc.constantFrom("-", "a", "@", ":", "[", "]", "/", ".") });
    fc.assert(
      fc.property(text, (one) => {
        const found = parseDestination(one);
        if (found instanceof Fault || found.kind === "local") return;
        expect(found.host).toMatch(/^[^-]/);
        if (found.user !== undefined) expect(found.user).toMatch(/^[^-]/);
      }),
      { numRuns: 2_000 },
    );
  });
});
