/** Sends datagrams to the service manager, as sd_notify(3) does. */
import { ptr } from "bun:ffi";
import { libc } from "./libc.ts";

/** `AF_UNIX`, and of `<sys/socket.h>` on Linux: `SOCK_DGRAM | SOCK_CLOEXEC`, `MSG_DONTWAIT | MSG_NOSIGNAL`. */
const [unixFamily, datagram, sendFlags] = [1, 0x80002, 0x4040];

/** How many bytes the name of a socket may have. */
const nameMax = 108;

/** See above. */
export class NotifySocket {
  private constructor(
    private readonly fd: number,
    private readonly address: Buffer,
  ) {}

  /** Opens the socket that NOTIFY_SOCKET names (a path, or `@` and an abstract name), or says why it cannot be used. */
  static open(name: string): NotifySocket | string {
    if (!name.startsWith("/") && !name.startsWith("@"))
      return `${name} is neither a path nor an abstract name`;
    const bytes = Buffer.from(name);
    if (bytes.length >= nameMax) return `${name} is longer than the name of a socket can be`;
    const library = libc();
    if (library === null) return "the C library was not found";
    const isAbstract = name.startsWith("@");
    // The address of an abstract socket has no end mark: all of it is its name.
    const address = Buffer.alloc(2 + bytes.length + (isAbstract ? 0 : 1));
    new Uint16Array(address.buffer, address.byteOffset, 1)[0] = unixFamily!;
    bytes.copy(address, 2);
    if (isAbstract) address[2] = 0;
    const fd = library.socket(unixFamily!, datagram!, 0);
    return fd < 0 ? "a socket could not be made" : new NotifySocket(fd, address);
  }

  /** Sends `text` if that is possible without waiting; false if it is not. */
  send(text: string): boolean {
    const bytes = Buffer.from(text);
    const sent = libc()!.sendto(
      this.fd,
      ptr(bytes),
      bytes.length,
      sendFlags!,
      ptr(this.address),
      this.address.length,
    );
    return Number(sent) === bytes.length;
  }
}
