/** The receiver of this platform. */
import type { Logger } from 'pino';
import { DgramReceiver } from './dgram-receiver';
import { LinuxReceiver, type LinuxReceiverOptions } from './linux-receiver';
import type { Receiver } from './receiver';

/**
 * `linux`: through `recvmmsg`; `dgram`: node's own; `auto`: the first where it works, and the log says why where it does not.
 * @throws NW_CONFIG_INVALID `linux` where it does not work, and where ports are to be shared but cannot be
 */
export function openReceiver(kind: 'auto' | 'linux' | 'dgram', options: LinuxReceiverOptions, logger: Pick<Logger, 'warn'>): Receiver {
  if (kind !== 'dgram') {
    try {
      return new LinuxReceiver(options);
    } catch (error) {
      if (kind === 'linux' || options.sockets) throw error;
      logger.warn({ err: error }, 'receiving through dgram, which costs several times more for each datagram');
    }
  }
  return new DgramReceiver(options.endpoints, options.receiveBuffer, options.onError);
}
