import { expect, test } from "bun:test";
import { groupName, userName } from "../../src/system/accounts.ts";
import { remember } from "../../src/system/remember.ts";

test("an answer holds for its time, and not longer", () => {
  let nowMs = 0;
  const asked: number[] = [];
  const of = remember(
    (key: number) => {
      asked.push(key);
      return key === 0 ? null : `${key}.${asked.length}`;
    },
    100,
    () => nowMs,
  );
  expect([of(1), of(2), of(0), of(1), of(0)]).toEqual(["1.1", "2.2", null, "1.1", null]);
  nowMs = 99;
  expect(of(1)).toBe("1.1");
  nowMs = 100;
  expect([of(1), of(1), of(0)]).toEqual(["1.4", "1.4", null]);
  expect(asked).toEqual([1, 2, 0, 1, 0]);
});

test("not more is remembered than there is room for", () => {
  let asked = 0;
  const of = remember(
    () => asked++,
    100,
    () => 0,
  );
  for (let key = 0; key < 10_000; key++) of(key);
  of(0);
  expect(asked).toBe(10_000);
  of(-1);
  of(0);
  expect(asked).toBe(10_002);
});

test("accounts have their names", () => {
  expect([userName(0), groupName(0)]).toEqual(["root", "root"]);
  expect(userName(54_321_987)).toBeNull();
});
