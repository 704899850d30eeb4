/** The UDP socket under a session of net-snmp, with the checks that stand before its parser. */
import { createSocket, type RemoteInfo, type Socket, type SocketType } from 'node:dgram';

/** What the socket is to let through. */
export interface Guard {
  /** Address of the device. */
  readonly address: string;
  /** Security level that was asked for (RFC 3411 section 3.4.3): 1 noAuthNoPriv, 2 authNoPriv, 3 authPriv. */
  readonly level: number;
  /** A datagram that is no answer: unreadable, or an answer with less protection than asked for. */
  readonly refused: () => void;
}

/**
 * A replacement for the module `dgram`, as net-snmp's option `dgramModule` takes it. A datagram from another address is passed
 * over. One that the parser throws on is refused instead of ending the process. An answer of v3 that is not protected as the
 * request was is refused (RFC 3412 section 7.2.11): the library would take it.
 */
export const guardedDgram = ({ address, level, refused }: Guard): { createSocket(type: SocketType): Socket } => ({
  createSocket(type) {
    const socket = createSocket(type);
    const on = socket.on.bind(socket) as (event: string, listener: (...args: never[]) => void) => Socket;
    const message = (listener: (datagram: Buffer, from: RemoteInfo) => void) => (datagram: Buffer, from: RemoteInfo) => {
      if (from.address.replace(/%.*$/, '') !== address) return;
      try {
        if (level > 1 && isUnprotectedAnswer(datagram, level)) refused();
        else listener(datagram, from);
      } catch {
        refused();
      }
    };
    socket.on = ((event: string, listener: (...args: never[]) => void) => on(event, event === 'message' ? message(listener as never) : listener)) as typeof socket.on;
    return socket;
  },
});

const SEQUENCE = 0x30;
const REPORT = 0xa8;

/** A BER element (X.690 section 8.1): where its content begins and where it ends. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

function elementAt(datagram: Buffer, at: number): Element {
  let length = datagram[at + 1];
  let start = at + 2;
  if (length > 0x80) {
    const bytes = length & 0x7f;
    length = datagram.readUIntBE(start, bytes);
    start += bytes;
  }
  if (start + length > datagram.length) throw new RangeError('cut off');
  return { tag: datagram[at], start, end: start + length };
}

/** True for a message of SNMPv3 whose flags (RFC 3412 section 6.4) promise less than `level`, unless it is a report, which tells engine and time before there is a key. */
export function isUnprotectedAnswer(datagram: Buffer, level: number): boolean {
  const message = elementAt(datagram, 0);
  const version = elementAt(datagram, message.start);
  const header = elementAt(datagram, version.end);
  const flags = datagram[elementAt(datagram, elementAt(datagram, elementAt(datagram, header.start).end).end).start];
  if ((flags & 3) >= (level === 3 ? 3 : 1)) return false;
  const scoped = elementAt(datagram, elementAt(datagram, header.end).end);
  if (scoped.tag !== SEQUENCE) return true;
  const contextName = elementAt(datagram, elementAt(datagram, scoped.start).end);
  return elementAt(datagram, contextName.end).tag !== REPORT;
}
