import { afterEach, beforeEach, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { ServiceManager } from "../../src/service/service-manager.ts";
import { NotifyReceiver } from "../helpers/notify-receiver.ts";
import { tempDir } from "../helpers/process.ts";

let name: string;
let receiver: NotifyReceiver;

beforeEach(() => {
  name = join(tempDir("tsync-notify-"), "socket");
  receiver = new NotifyReceiver(name);
});
afterEach(() => receiver.close());

function find(env: Record<string, string> = {}): ServiceManager {
  const manager = ServiceManager.find({ NOTIFY_SOCKET: name, ...env }, (reason) => {
    throw new Error(reason);
  });
  if (manager === null) throw new Error("none found");
  return manager;
}

test("what is told, in order", () => {
  const manager = find();
  manager.ready();
  manager.reloading();
  manager.ready();
  manager.stopping();
  expect(receiver.lines).toEqual(["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"]);
});

test("the watchdog hears nothing of what does not advance", async () => {
  let isAlive = true;
  let asked = 0;
  find({ WATCHDOG_USEC: "20000" }).watch(() => {
    asked++;
    return isAlive;
  });
  await receiver.waitFor(/^WATCHDOG=1$/);
  isAlive = false;
  const [before, askedBefore] = [receiver.lines.length, asked];
  while (asked < askedBefore + 5) await Bun.sleep(5);
  expect(receiver.lines.length).toBe(before);
});

test("many changes of the status are told seldom, the last one in any case", async () => {
  const manager = find();
  let now = 0;
  for (; now < 1_000; now++) manager.status(() => `number\n${now}`);
  await receiver.waitFor(/^STATUS=/);
  expect(receiver.lines).toEqual(["STATUS=number 1000"]);
  manager.status(() => "well");
  await receiver.waitFor(/^STATUS=well/);
});

test("what could not be told is told later", async () => {
  const manager = find();
  receiver.close();
  rmSync(name);
  manager.ready();
  receiver = new NotifyReceiver(name);
  await receiver.waitFor(/^READY=1$/);
  expect(receiver.lines).toEqual(["READY=1"]);
});

test("without a manager, and with one that cannot be reached", () => {
  const warnings: string[] = [];
  const warn = (reason: string) => void warnings.push(reason);
  expect(ServiceManager.find({}, warn)).toBeNull();
  expect(warnings).toEqual([]);
  expect(ServiceManager.find({ NOTIFY_SOCKET: `/${"x".repeat(200)}` }, warn)).toBeNull();
  expect(warnings.length).toBe(1);
});
