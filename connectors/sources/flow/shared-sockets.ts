import type { Configuration } from '../../../infra/config/configuration';
import { NetWeaverError } from '../../../infra/errors';
import { endpointsOf } from './endpoints';
import { closeShared, openShared } from './linux-receiver';
import type { SharedSocket } from './receiver';
import { collectorSection } from './settings';

/** Sockets for several collectors on the same ports. */
export interface SharedSockets {
  /** Those of each worker. */
  readonly sockets: readonly (readonly SharedSocket[])[];
  close(): void;
}

/**
 * Opens the sockets of all workers; null where there is only one. The kernel hands every datagram of an exporter's address to the same
 * worker's socket (SO_REUSEPORT with a program that looks at the address), which stays open while that worker is started again: what comes
 * meanwhile waits in it, and nobody else gets datagrams whose templates they never saw.
 * @throws NW_PORT_IN_USE, NW_CONFIG_INVALID where this is not Linux or `collector.receiver` is `dgram`
 */
export function openSharedSockets(config: Configuration): SharedSockets | null {
  const settings = config.get(collectorSection);
  const { workers, receiver, receiveBufferMiB } = settings;
  if (workers === 1) return null;
  if (receiver === 'dgram') throw new NetWeaverError('NW_CONFIG_INVALID', `collector.workers: ${workers} share their ports by the Linux receiver only; collector.receiver is dgram.`);
  const sockets = openShared(endpointsOf(settings), workers, receiveBufferMiB * 2 ** 20);
  return { sockets, close: () => closeShared(sockets) };
}
