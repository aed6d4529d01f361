/** How the values of ssh_config are taken in where no ssh does it: each as `ssh -G` would print it. */

/** Keywords that have another name as well. */
export const otherNames: Record<string, string> = {
  challengeresponseauthentication: "kbdinteractiveauthentication",
  skeyauthentication: "kbdinteractiveauthentication",
  tisauthentication: "kbdinteractiveauthentication",
  identityfile2: "identityfile",
  pubkeyacceptedkeytypes: "pubkeyacceptedalgorithms",
};

/** Their value is the rest of the line, quotes and all. */
export const wholeLines = new Set([
  "proxycommand",
  "proxyjump",
  "remotecommand",
  "localcommand",
  "knownhostscommand",
]);

/** Each further one adds to those before. */
export const additive = new Set(["identityfile", "certificatefile", "sendenv"]);

const yesOrNo: Record<string, string> = { yes: "yes", true: "yes", no: "no", false: "no" };

const words: Record<string, Record<string, string>> = {
  addressfamily: { any: "any", inet: "inet", inet6: "inet6" },
  batchmode: yesOrNo,
  compression: yesOrNo,
  gssapiauthentication: yesOrNo,
  hashknownhosts: yesOrNo,
  hostbasedauthentication: yesOrNo,
  identitiesonly: yesOrNo,
  kbdinteractiveauthentication: yesOrNo,
  nohostauthenticationforlocalhost: yesOrNo,
  passwordauthentication: yesOrNo,
  permitlocalcommand: yesOrNo,
  proxyusefdpass: yesOrNo,
  pubkeyauthentication: { ...yesOrNo, unbound: "yes", "host-bound": "yes" },
  stricthostkeychecking: { ...yesOrNo, off: "no", ask: "ask", "accept-new": "accept-new" },
  verifyhostkeydns: { ...yesOrNo, ask: "ask" },
};

const times = new Set(["connecttimeout", "serveraliveinterval"]);
const numbers = new Set(["numberofpasswordprompts", "serveralivecountmax"]);

/** `value` in the words of `ssh -G`; undefined if ssh would not accept it. */
export function normalize(keyword: string, value: string): string | undefined {
  const known = words[keyword];
  if (known !== undefined) return known[value.toLowerCase()];
  if (times.has(keyword)) return value === "none" ? "none" : seconds(value);
  if (numbers.has(keyword)) return /^\d+$/.test(value) ? value : undefined;
  if (keyword === "port") return /^\d+$/.test(value) && +value > 0 && +value < 65_536 ? value : undefined;
  return value;
}

const unitSeconds: Record<string, number> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** "1m30" is 90. */
function seconds(time: string): string | undefined {
  if (!/^(\d+[smhdw]?)+$/i.test(time)) return undefined;
  let sum = 0;
  for (const [, count, unit = ""] of time.matchAll(/(\d+)([smhdw]?)/gi)) {
    sum += Number(count) * (unitSeconds[unit.toLowerCase()] ?? 0);
  }
  return String(sum);
}
