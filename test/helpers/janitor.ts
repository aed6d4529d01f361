/**
 * Cleans up after the process that runs the tests, however it ends: `bun test` does not emit `exit`, and an
 * interrupted or killed run emits nothing at all. So a shell waits for the end of its input, which the kernel
 * closes together with this process, and then runs the last line that it was sent.
 */

const script = `trap "" HUP INT TERM; last=:; while IFS= read -r line; do last=$line; done; eval "$last"`;

const pids = new Set<number>();
const folders = new Set<string>();
const mounts = new Set<string>();
let shell: Bun.Subprocess<"pipe", "ignore", "ignore"> | undefined;

/** Has process `pid` killed when this process ends. Call the result once that process has ended by itself. */
export function killAtExit(pid: number): () => void {
  pids.add(pid);
  tell();
  return () => {
    if (pids.delete(pid)) tell();
  };
}

/** Has `folder` (absolute, without line breaks) removed when this process ends; the result takes that back. */
export function removeAtExit(folder: string): () => void {
  folders.add(folder);
  tell();
  return () => {
    if (folders.delete(folder)) tell();
  };
}

/** Has what is mounted at `folder` unmounted when this process ends; the result takes that back. */
export function unmountAtExit(folder: string): () => void {
  mounts.add(folder);
  tell();
  return () => {
    if (mounts.delete(folder)) tell();
  };
}

/** Sends the shell the one line to run at the end, which replaces the line sent before. */
function tell(): void {
  if (shell === undefined) {
    shell = Bun.spawn(["/bin/sh", "-c", script], { stdin: "pipe", stdout: "ignore", stderr: "ignore" });
    shell.unref();
  }
  const commands = [":"];
  if (pids.size > 0) commands.push(`kill -9 ${[...pids].join(" ")}`);
  const quoted = (folder: string) => `'${folder.replaceAll("'", `'\\''`)}'`;
  for (const folder of mounts) commands.push(`umount -l ${quoted(folder)}`);
  for (const folder of folders) commands.push(`rm -rf -- ${quoted(folder)}`);
  shell.stdin.write(`${commands.join("; ")}\n`);
  shell.stdin.flush();
}
