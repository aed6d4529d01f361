/** The local address that a connection comes from. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { Fault } from "../../core/fault.ts";
import type { HostConfig } from "./config.ts";

/** The address of the network interface `name` (BindInterface); empty if it has none of that family. */
export function interfaceAddress(name: string, family: 0 | 4 | 6): string {
  const addresses = (networkInterfaces()[name] ?? []).filter(
    // An address of the link alone reaches no other network.
    ({ address }) => !address.toLowerCase().startsWith("fe80:"),
  );
  const wanted = family === 0 ? ["IPv4", "IPv6"] : [`IPv${family}`];
  return wanted.map((of) => addresses.find((one) => one.family === of)?.address).find(Boolean) ?? "";
}

/** BindAddress as a number: it may be a name. Fault: "usage". */
export async function resolveBindAddress({
  host,
  bindAddress,
  addressFamily,
}: HostConfig): Promise<string | Fault> {
  if (bindAddress === "" || isIP(bindAddress) > 0) return bindAddress;
  try {
    return (await lookup(bindAddress, { family: addressFamily })).address;
  } catch (error) {
    return new Fault("usage", `BindAddress of ${host} has no address: ${(error as Error).message}`);
  }
}
