import { expect, test } from "bun:test";
import { environmentLayer, type Layer, resolveSettings } from "../../src/config/settings.ts";
import { Fault } from "../../src/core/fault.ts";

function resolved(...layers: Layer[]) {
  const found = resolveSettings(layers);
  if (found instanceof Fault) throw new Error(found.toString());
  return found;
}

test("a stronger place replaces a weaker one, and each value knows its place", () => {
  const found = resolved(
    [{ name: "delete", value: "exact", where: "--delete" }],
    [
      { name: "delete", value: "never", where: "TSYNC_DELETE" },
      { name: "settle", value: "2s", where: "TSYNC_SETTLE" },
    ],
  );
  expect(found.settings).toEqual({ delete: "exact", settle: 2000 });
  expect([...found.origins]).toEqual([
    ["delete", "--delete"],
    ["settle", "TSYNC_SETTLE"],
  ]);
});

test("a list adds up within one place, and is replaced by a stronger one", () => {
  const found = resolved(
    [
      { name: "identity", value: "a", where: "--identity" },
      { name: "identity", value: "b", where: "-i" },
    ],
    [{ name: "identity", value: ["c"], where: "tsync.toml:1" }],
  );
  expect(found.settings).toEqual({ identity: ["a", "b"] });
  // Where it begins.
  expect(found.origins.get("identity")).toBe("--identity");
});

test("rules of all places add up in order, the strongest place first", () => {
  const found = resolved(
    [
      { name: "include", value: "keep", where: "--include" },
      { name: "exclude", value: "*", where: "--exclude" },
    ],
    [{ name: "exclude", value: ["x", "y"], where: "tsync.toml:4" }],
  );
  expect(found.rules.map(({ option, text }) => `${option} ${text}`)).toEqual([
    "include keep",
    "exclude *",
    "exclude x",
    "exclude y",
  ]);
});

test("a wrong value says where it is", () => {
  const found = resolveSettings([[{ name: "settle", value: "soon", where: "TSYNC_SETTLE" }]]);
  expect(String(found)).toBe('TSYNC_SETTLE is "soon", which is not a time like 10ms, 2s, 5m or 1h');
});

test("the environment sets options by their names", () => {
  expect(environmentLayer({ TSYNC_MAX_DELAY: "5s", TSYNC_OTHER: "x", TSYNC_DELETE: "" })).toEqual([
    { name: "max-delay", value: "5s", where: "TSYNC_MAX_DELAY" },
  ]);
});
