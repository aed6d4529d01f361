/** That this machine got an address is noticed; that it lost one is no news. */
import { expect, test } from "bun:test";
import { onNewAddress } from "../../src/system/network-change.ts";
import { waitUntil } from "../helpers/process.ts";

test("tells each time an address comes, until nobody listens", async () => {
  let looks = 0;
  let told = 0;
  const sets = ["lo", "lo", "lo wlan", "lo wlan", "lo", "lo wlan eth", "lo wlan eth"];
  const stop = onNewAddress(() => told++, {
    everyMs: 5,
    addresses: () => new Set((sets[looks++] ?? "").split(" ")),
  });
  await waitUntil(() => looks >= 7, 2_000, 1);
  stop();
  expect(told).toBe(2);
  const before = looks;
  await Bun.sleep(20);
  expect([looks, told]).toEqual([before, 2]);
});

test("the addresses of this machine can be read", () => {
  onNewAddress(() => {})();
});
