/** Writes a unit of systemd. */
import type { Service } from "./service.ts";

/** What no restart can mend: wrong arguments, a host key or login that is refused, a program that is missing. */
const hopelessCodes = [2, 6, 7, 9];

/** After a stop before the first connection. */
const interruptedCode = 130;

/**
 * What is closed off. tsync may read any source and write any local target, start ssh, rsync and what the configuration
 * names, copy owners, devices and set-uid bits, and compiles its own code: files, devices and memory are left open.
 */
const hardening = [
  "NoNewPrivileges=yes",
  "LockPersonality=yes",
  "RestrictRealtime=yes",
  "RestrictNamespaces=yes",
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_VSOCK",
  "SystemCallArchitectures=native",
  "SystemCallFilter=~@module @reboot @swap @clock @raw-io @obsolete @cpu-emulation",
  "SystemCallErrorNumber=EPERM",
];

/** What only root could do. */
const systemHardening = [
  "CapabilityBoundingSet=~CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_BOOT CAP_SYS_TIME CAP_SYSLOG CAP_AUDIT_CONTROL",
  "ProtectKernelTunables=yes",
  "ProtectControlGroups=yes",
  "ProtectHostname=yes",
  "KeyringMode=private",
];

/** The text of the unit. */
export function systemdUnit({ description, program, args, isSystem }: Service): string {
  const command = [quoteProgram(program), ...args.map(quoteArgument)].join(" ");
  return [
    "[Unit]",
    `Description=${oneLine(description).replaceAll("%", "%%")}`,
    ...(isSystem ? ["Wants=network-online.target", "After=network-online.target"] : []),
    "# A host may be away for as long as it likes.",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "# Ready once every target was connected.",
    "Type=notify",
    `ExecStart=${command}`,
    "ExecReload=/bin/kill -HUP $MAINPID",
    ...(isSystem ? ["User=root"] : []),
    "Restart=on-failure",
    "RestartSec=10s",
    `RestartPreventExitStatus=${hopelessCodes.join(" ")}`,
    `SuccessExitStatus=${interruptedCode}`,
    "TimeoutStartSec=5min",
    "TimeoutStopSec=30s",
    "# Transfers are ended by tsync itself.",
    "KillMode=mixed",
    "WatchdogSec=2min",
    "",
    "# Files are not closed off: sources and local targets may be anywhere.",
    ...hardening,
    ...(isSystem ? systemHardening : []),
    "",
    "[Install]",
    `WantedBy=${isSystem ? "multi-user.target" : "default.target"}`,
    "",
  ].join("\n");
}

/** An argument of ExecStart, see systemd.service(5) and systemd.syntax(7). */
function quoteArgument(text: string): string {
  return quoteProgram(text).replaceAll("$", "$$$$");
}

/** The same for the program: what looks like a variable is none there. */
function quoteProgram(text: string): string {
  if (/^[A-Za-z0-9_@:.,/+=-]+$/.test(text)) return text;
  const escaped = text
    .replace(/[\\"]/g, "\\$&")
    .replaceAll("%", "%%")
    .replace(/[\x00-\x1f\x7f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
}

function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f\\]/g, " ");
}
