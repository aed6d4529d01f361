import { describe, expect, test } from "bun:test";
import { findContradiction } from "../../src/config/contradictions.ts";
import { type Layer, resolveSettings } from "../../src/config/settings.ts";
import { isFault } from "../../src/core/fault.ts";

function find(...layers: Layer[]): string | null {
  const resolved = resolveSettings(layers);
  if (isFault(resolved)) throw new Error(resolved.toString());
  return findContradiction(resolved)?.toString() ?? null;
}

const said = (values: Record<string, string | boolean>) =>
  find(
    Object.entries(values).map(([name, value]) => ({ name, value, where: `--${name}` })) as unknown as Layer,
  );

describe("options that contradict each other", () => {
  test.each([
    { inplace: true, "delay-updates": true },
    { inplace: true, "partial-dir": "p" },
    { append: true, "partial-dir": "p" },
    { append: true, "delay-updates": true },
    { "append-verify": true, "delay-updates": true },
    { "append-verify": true, "partial-dir": "p" },
    { append: true, "append-verify": true },
    { "copy-links": true, "safe-links": true },
    { "copy-unsafe-links": true, "safe-links": true },
    { "min-size": "2K", "max-size": "1K" },
    { delete: "never", "delete-excluded": true },
  ])("%p", (values) => {
    const [one, other] = Object.keys(values);
    expect(said(values as Record<string, string | boolean>)).toStartWith(
      `--${one} and --${other} contradict each other; `,
    );
  });

  test("suffix without backup", () => {
    expect(said({ suffix: "~" })).toStartWith("--suffix is given without backup; ");
    expect(said({ suffix: "~", backup: false })).not.toBeNull();
    expect(said({ suffix: "~", backup: true })).toBeNull();
    expect(said({ suffix: "~", "backup-dir": "old" })).toBeNull();
  });

  test.each([
    { inplace: true, append: true },
    { inplace: true, "delay-updates": false },
    { inplace: true, sparse: true },
    { delete: "never", backup: true },
    { delete: "never", "delete-excluded": false },
    { delete: "exact", "delete-excluded": true },
    { "min-size": "1K", "max-size": "1K" },
    { "delay-updates": true, "partial-dir": "p" },
    { "copy-links": true, "copy-unsafe-links": true },
  ])("none in %p", (values) => {
    expect(said(values as Record<string, string | boolean>)).toBeNull();
  });

  test("are told with where each was said", () => {
    expect(
      find(
        [{ name: "inplace", value: true, where: "--inplace" }],
        [{ name: "partial-dir", value: "p", where: "tsync.toml:7" }],
      ),
    ).toStartWith("--inplace and partial-dir (tsync.toml:7) contradict each other");
    expect(
      find(
        [{ name: "partial-dir", value: "p", where: "TSYNC_PARTIAL_DIR" }],
        [{ name: "inplace", value: true, where: "/etc/tsync/config.toml:3" }],
      ),
    ).toStartWith("inplace (/etc/tsync/config.toml:3) and TSYNC_PARTIAL_DIR contradict each other");
  });
});
