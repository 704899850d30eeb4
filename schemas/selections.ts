import type { Selection } from './generator/selected';

/** Columns that have a decoder of their own, by the path of the schema. Worth it where every flow passes. */
export const SELECTIONS: Readonly<Record<string, readonly Selection[]>> = {
  'flows/flow-batch.avsc': [
    { name: 'FlowTuple', of: 'flows', fields: ['datagram', 'srcAddr', 'dstAddr', 'srcPort', 'dstPort', 'proto', 'start', 'end'] },
    { name: 'FlowTraffic', of: 'flows', fields: ['datagram', 'srcAddr', 'dstAddr', 'packets', 'bytes', 'samplingRate', 'end', 'inIf', 'outIf', 'srcAs', 'dstAs', 'srcMask', 'dstMask'] },
    { name: 'FlowConduct', of: 'flows', fields: ['datagram', 'srcAddr', 'dstAddr', 'srcPort', 'dstPort', 'proto', 'tcpFlags', 'packets', 'bytes', 'samplingRate', 'start', 'end'] },
    { name: 'FlowMeasure', of: 'flows', fields: ['datagram', 'srcAddr', 'dstAddr', 'dstPort', 'proto', 'packets', 'bytes', 'samplingRate', 'start', 'end', 'inIf', 'outIf'] },
  ],
};
