/** What all tools share: a real SSH server behind a link whose round-trip time can be set. */

import { type LinkProcess, startLinkProcess } from "../helpers/link-process.ts";
import { tempDir } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";

export interface Lab {
  readonly sshd: TestSshd;
  readonly link: LinkProcess;
  /** For `ssh -F`: reaches the server through the link. */
  readonly configFile: string;
  stop(): Promise<void>;
}

export async function startLab(): Promise<Lab> {
  // An account without start-up files: those of this machine's user may take longer than all the rest (pyenv:
  // 100 ms for each command), and what is killed while it reads them may leave a lock that holds up all others.
  const sshd = await startSshd({ extraConfig: [`SetEnv HOME=${tempDir("tsync-bench-home-")}`] });
  try {
    const link = await startLinkProcess({ targetPort: sshd.port, rttMs: 0 });
    return {
      sshd,
      link,
      configFile: sshd.clientConfigFor(link.port),
      async stop() {
        await link.stop();
        await sshd.stop();
      },
    };
  } catch (error) {
    await sshd.stop();
    throw error;
  }
}
