/** Where to listen, as it is written on the command line. */
import { isIPv4, isIPv6 } from "node:net";
import { Fault } from "../core/fault.ts";

/** An address to listen on. */
export interface Address {
  /** An IP address, or a name. */
  readonly host: string;
  /** 0 stands for one that is free. */
  readonly port: number;
}

const portMax = 65_535;

/** Reads `[HOST:]PORT`; an IPv6 address is in brackets, and a port alone is one of this machine only. */
export function parseAddress(text: string, option: string): Address | Fault {
  const wrong = (why: string, hint = "use 9464, 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464") =>
    new Fault("usage", `${option} is "${text}", which ${why}`, hint);
  const [, bracketed, plain, digits] = /^(?:(?:\[(.*)\]|(.*)):)?(\d+)$/s.exec(text) ?? [];
  if (digits === undefined) return wrong("is not an address and a port");
  const port = Number(digits);
  if (port > portMax) return wrong(`has a port that is not from 0 to ${portMax}`);
  if (bracketed !== undefined)
    return isIPv6(bracketed) ? { host: bracketed, port } : wrong("has no IPv6 address in the brackets");
  if (plain === undefined) return { host: "127.0.0.1", port };
  if (plain === "" || plain === "*")
    return wrong("names no address", `0.0.0.0:${port} stands for all addresses of this machine`);
  if (plain.includes(":"))
    return wrong("has colons in its address", "an IPv6 address is written in brackets: [::1]:9464");
  if (!isIPv4(plain) && !/^(?=.*[a-z])[a-z\d]([\w.-]*[a-z\d])?$/i.test(plain))
    return wrong("has no valid host");
  return { host: plain.toLowerCase(), port };
}

/** The address as it stands in an URL. */
export function formatAddress({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
