/** Where to listen, as it is written. */
import { describe, expect, test } from "bun:test";
import { isFault } from "../../src/core/fault.ts";
import { formatAddress, parseAddress } from "../../src/monitor/address.ts";

describe("what is understood", () => {
  test.each([
    ["9464", "127.0.0.1:9464"],
    ["0", "127.0.0.1:0"],
    ["65535", "127.0.0.1:65535"],
    ["127.0.0.1:80", "127.0.0.1:80"],
    ["0.0.0.0:80", "0.0.0.0:80"],
    ["localhost:80", "localhost:80"],
    ["Web-1.example.com:80", "web-1.example.com:80"],
    ["[::1]:80", "[::1]:80"],
    ["[::]:80", "[::]:80"],
  ])("%s", (text, expected) => {
    const address = parseAddress(text, "--web");
    expect(isFault(address) ? address.toString() : formatAddress(address)).toBe(expected);
  });
});

describe("what is not", () => {
  test.each([
    ["", "is not an address and a port"],
    ["web", "is not an address and a port"],
    ["127.0.0.1", "is not an address and a port"],
    ["http://localhost:80/", "is not an address and a port"],
    ["65536", "has a port that is not from 0 to 65535"],
    ["127.0.0.1:99999999999999999999", "has a port that is not from 0 to 65535"],
    ["127.0.0.1:-1", "is not an address and a port"],
    [":80", "names no address; 0.0.0.0:80 stands for all addresses of this machine"],
    ["*:80", "names no address; 0.0.0.0:80"],
    ["::1:80", "has colons in its address; an IPv6 address is written in brackets"],
    ["[127.0.0.1]:80", "has no IPv6 address in the brackets"],
    ["[]:80", "has no IPv6 address in the brackets"],
    ["300.0.0.1:80", "has no valid host"],
    ["1:80", "has no valid host"],
    ["a b:80", "has no valid host"],
    ["-a:80", "has no valid host"],
    ["a\n:80", "has no valid host"],
  ])("%j", (text, expected) => {
    const address = parseAddress(text, "--web");
    expect(String(address)).toStartWith(`--web is "${text}", which ${expected}`);
    expect(isFault(address) && address.code).toBe("usage");
  });
});
