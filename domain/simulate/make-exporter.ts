import type { Exporter, ExporterIdentity } from './exporter';
import { IpfixExporter } from './ipfix';
import { NetFlow5Exporter } from './netflow5';
import { NetFlow9Exporter } from './netflow9';
import { SFlow5Exporter, type InterfaceCounts } from './sflow5';

/** An exporter of the identity's protocol. `countsOf`: see {@link SFlow5Exporter}. */
export function makeExporter(identity: ExporterIdentity, startMs: number, emit: (datagram: Buffer) => void, templateEvery: number, countsOf?: (ifIndex: number) => InterfaceCounts): Exporter {
  switch (identity.protocol) {
    case 'v5':
      return new NetFlow5Exporter(identity, startMs, emit);
    case 'v9':
      return new NetFlow9Exporter(identity, startMs, emit, templateEvery);
    case 'ipfix':
      return new IpfixExporter(identity, startMs, emit, templateEvery);
    case 'sflow':
      return new SFlow5Exporter(identity, startMs, emit, countsOf);
  }
}
