/** What is taken away from a command's output, however it is divided. */
import { expect, test } from "bun:test";
import { AfterMark } from "../../src/target/after-mark.ts";

const mark = "tsync-0123456789abcdef";

/** What comes out when `chunks` go in, and what was said in place of it. */
async function pass(chunks: readonly string[], ownMark = mark): Promise<[string, string]> {
  const filter = new AfterMark(ownMark);
  const got: Buffer[] = [];
  filter.on("data", (data: Buffer) => got.push(data));
  const end = new Promise((resolve) => filter.once("end", resolve));
  for (const chunk of chunks) filter.write(Buffer.from(chunk, "latin1"));
  filter.end();
  await end;
  return [Buffer.concat(got).toString("latin1"), filter.said];
}

test.each([
  ["nothing before", `${mark}\nout\n`],
  ["lines", `Welcome!\nto\n${mark}\nout\n`],
  ["no line break at the end", `Welcome!${mark}\nout\n`],
  ["bytes of all kinds", `\0\xff\x1b[2J\n\0${mark}\nout\n`],
  ["half a mark", `${mark.slice(0, 9)}${mark} ${mark}\nout\n`],
])("before the mark: %s, whole and byte by byte", async (_, text) => {
  expect(await pass([text])).toEqual(["out\n", ""]);
  expect(await pass([...text])).toEqual(["out\n", ""]);
});

test("what comes after the mark is not looked at", async () => {
  const rest = `a\n${mark}\nb`;
  expect(await pass([`${mark}\n`, rest])).toEqual([rest, ""]);
});

test("without the mark nothing passes, and the last of it is kept", async () => {
  const [out, said] = await pass([`${"x".repeat(100_000)}Not available.\n`, mark]);
  expect(out).toBe("");
  expect(said).toEndWith(`Not available.\n${mark}`);
  expect(said.length).toBeLessThan(400);
});

test("an empty mark lets all pass", async () => {
  expect(await pass(["a", "b\n"], "")).toEqual(["ab\n", ""]);
});
