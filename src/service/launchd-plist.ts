/** Writes a property list of launchd. */
import { Fault } from "../core/fault.ts";
import type { Service } from "./service.ts";

/** How soon a service that ended is started again at the earliest, in seconds. */
const restartSeconds = 10;

/** The text of the list, with messages in the file `log`; a fault if it cannot hold what is to run. */
export function launchdPlist({ name, program, args }: Service, log: string): string | Fault {
  const [command, ...rest] = args;
  const words = [program, command!, `--log-file=${log}`, ...rest];
  const odd = words.find((word) => /[^\P{Cc}\t\n]/u.test(word));
  if (odd !== undefined)
    return new Fault(
      "usage",
      `${JSON.stringify(odd)} has a control character, which a property list cannot hold`,
      "put it into a configuration file",
    );
  const strings = words.map((word) => `    <string>${escapeText(word)}</string>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${escapeText(name)}</string>
  <key>ProgramArguments</key>
  <array>
${strings.join("\n")}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>${restartSeconds}</integer>
  <key>StandardErrorPath</key>
  <string>${escapeText(`${log}.errors`)}</string>
</dict>
</plist>
`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
