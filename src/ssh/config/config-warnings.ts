/**
 * What the configuration says and tsync cannot do. Said only where the user set it.
 *
 * Not said, because it is not for a connection that mirrors files: forwards of all kinds and Tunnel, ForwardAgent,
 * X11, RequestTTY, StdinNull, EscapeChar, VisualHostKey, LogLevel. Because tsync has its own way: ControlMaster,
 * ControlPath and ControlPersist (it shares one connection), ConnectionAttempts (it tries again), TCPKeepAlive
 * (ServerAlive finds a dead peer), CheckHostIP, UpdateHostKeys, AddKeysToAgent. Because systems set them for
 * everybody, and a server that is stricter says so: PubkeyAcceptedAlgorithms, CASignatureAlgorithms,
 * RequiredRSASize.
 */
import { isSet, isYes, type Settings } from "./settings.ts";

interface Unsupported {
  readonly name: string;
  readonly isOn: (value: string, settings: Settings) => boolean;
  readonly because: string;
}

const unsupported: Record<string, Unsupported> = {
  certificatefile: { name: "CertificateFile", isOn: isSet, because: "tsync cannot log in with certificates" },
  pkcs11provider: {
    name: "PKCS11Provider",
    isOn: isSet,
    because: "tsync uses such keys through an agent only (ssh-add -s)",
  },
  securitykeyprovider: {
    name: "SecurityKeyProvider",
    isOn: (value) => value !== "internal",
    because: "tsync cannot use security keys",
  },
  gssapiauthentication: {
    name: "GSSAPIAuthentication",
    isOn: isYes,
    because: "tsync cannot log in with GSSAPI",
  },
  hostbasedauthentication: {
    name: "HostbasedAuthentication",
    isOn: isYes,
    because: "tsync cannot log in with the key of this host",
  },
  proxyusefdpass: {
    name: "ProxyUseFdpass",
    isOn: (value, settings) => isYes(value) && isSet(settings.get("proxycommand")?.[0] ?? ""),
    because: "tsync talks to the ProxyCommand through its input and output",
  },
  verifyhostkeydns: {
    name: "VerifyHostKeyDNS",
    isOn: isYes,
    because: "tsync knows host keys by known_hosts only",
  },
  knownhostscommand: {
    name: "KnownHostsCommand",
    isOn: isSet,
    because: "tsync knows host keys by the files of known_hosts only",
  },
  nohostauthenticationforlocalhost: {
    name: "NoHostAuthenticationForLocalhost",
    isOn: isYes,
    because: "tsync checks every host key",
  },
  remotecommand: { name: "RemoteCommand", isOn: isSet, because: "tsync runs commands of its own" },
  sessiontype: {
    name: "SessionType",
    isOn: (value) => value !== "default",
    because: "tsync runs commands",
  },
  localcommand: {
    name: "LocalCommand",
    isOn: (value, settings) => isSet(value) && isYes(settings.get("permitlocalcommand")?.[0] ?? ""),
    because: "tsync runs nothing when it connects",
  },
  ipqos: {
    name: "IPQoS",
    isOn: (value) => !/^none( none)?$/.test(value),
    because: "tsync leaves the packets unmarked",
  },
  rekeylimit: {
    name: "RekeyLimit",
    isOn: (value) => !/^(0|default)( (0|none))?$/.test(value),
    because: "tsync leaves it to the server when keys are renewed",
  },
};

/** A sentence for each setting of `host` that is not one of `defaults` and cannot be honoured. */
export function warningsOf(settings: Settings, defaults: Settings, host: string): string[] {
  return Object.entries(unsupported).flatMap(([keyword, { name, isOn, because }]) => {
    const value = settings.get(keyword)?.[0] ?? "";
    if (value === "" || value === defaults.get(keyword)?.[0] || !isOn(value, settings)) return [];
    return [`${name} of ${host} is not followed: ${because}`];
  });
}
