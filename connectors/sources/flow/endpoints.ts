import type { ValuesOf } from '../../../infra/config/section';
import type { Endpoint } from './receiver';
import type { collectorSection } from './settings';

/** The UDP sockets that a configuration asks for; protocols that share a port share its socket. */
export function endpointsOf({ addresses, netflowPort, ipfixPort, sflowPort }: ValuesOf<typeof collectorSection>): Endpoint[] {
  const ports = new Map<string, Endpoint>();
  for (const [key, port] of Object.entries({ netflowPort, ipfixPort, sflowPort })) {
    if (port < 0) continue;
    for (const address of addresses) {
      const id = `${address} ${port}`;
      if (port === 0 || !ports.has(id)) ports.set(port === 0 ? `${id} ${key}` : id, { address, port, key: `collector.${key}` });
    }
  }
  return [...ports.values()];
}
