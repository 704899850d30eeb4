import { readFileSync } from 'node:fs';
import type { ValuesOf } from '../../../infra/config/section';
import { NetWeaverError } from '../../../infra/errors';
import type { collectorSection } from './settings';
import { StreamReceiver, type StreamEndpoint, type StreamReceiverOptions, type TlsIdentity } from './stream-receiver';

type Settings = ValuesOf<typeof collectorSection>;

/** The receiver of IPFIX over TCP and TLS by a configuration; null where neither has a port. @throws NW_CONFIG_INVALID certificates that are missing or cannot be read */
export function openStreams(settings: Settings, hooks: Pick<StreamReceiverOptions, 'busy' | 'broken' | 'ended' | 'refused'>): StreamReceiver | null {
  const { addresses, ipfixTcpPort, ipfixTlsPort, ipfixConnections, ipfixIdleSeconds } = settings;
  const endpoints: StreamEndpoint[] = addresses.flatMap((address): StreamEndpoint[] => [
    ...(ipfixTcpPort < 0 ? [] : [{ address, port: ipfixTcpPort, key: 'collector.ipfixTcpPort', transport: 'tcp' as const }]),
    ...(ipfixTlsPort < 0 ? [] : [{ address, port: ipfixTlsPort, key: 'collector.ipfixTlsPort', transport: 'tls' as const }]),
  ]);
  if (endpoints.length === 0) return null;
  return new StreamReceiver({ endpoints, tls: ipfixTlsPort < 0 ? undefined : identityOf(settings), maxConnections: ipfixConnections, idleMs: ipfixIdleSeconds * 1000, ...hooks });
}

function identityOf({ ipfixTlsCert, ipfixTlsKey, ipfixTlsCa, ipfixTlsClientCertificates: clientCertificates }: Settings): TlsIdentity {
  const file = (path: string, key: string): Buffer => {
    if (path === '') throw new NetWeaverError('NW_CONFIG_INVALID', `${key}: it is empty; IPFIX over TLS (collector.ipfixTlsPort) needs it.`);
    try {
      return readFileSync(path);
    } catch (error) {
      throw new NetWeaverError('NW_CONFIG_INVALID', `${key}: ${(error as Error).message}.`, { cause: error });
    }
  };
  return {
    cert: file(ipfixTlsCert, 'collector.ipfixTlsCert'),
    key: file(ipfixTlsKey, 'collector.ipfixTlsKey'),
    ca: clientCertificates ? file(ipfixTlsCa, 'collector.ipfixTlsCa') : undefined,
    clientCertificates,
  };
}
