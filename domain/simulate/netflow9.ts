import type { ExporterIdentity } from './exporter';
import { fieldsV4, fieldsV6, UPTIME_FIELDS } from './fields';
import { TEMPLATE_SAMPLING, TemplatedExporter, type RecordSet } from './templated';

/**
 * NetFlow version 9 (RFC 3954). The header's sequence counts datagrams, its count all records of templates and of data.
 * The sampling rate goes as options data with scope System: SAMPLING_INTERVAL (34) and SAMPLING_ALGORITHM (35, 2: random).
 */
export class NetFlow9Exporter extends TemplatedExporter {
  protected override readonly templateSet = 0;
  private sequence = 0;

  constructor(identity: ExporterIdentity, startMs: number, emit: (datagram: Buffer) => void, templateEvery: number) {
    super(identity, startMs, emit, templateEvery, fieldsV4(UPTIME_FIELDS), fieldsV6(UPTIME_FIELDS), 20);
  }

  protected override optionSets(): RecordSet[] {
    const template = Buffer.alloc(18);
    // template id; bytes of scope fields; bytes of option fields; scope System (1); two options (RFC 3954 section 6.1)
    [TEMPLATE_SAMPLING, 4, 8, 1, 4, 34, 4, 35, 1].forEach((value, i) => template.writeUInt16BE(value, 2 * i));
    const data = Buffer.alloc(9);
    data.writeUInt32BE(this.identity.router, 0);
    data.writeUInt32BE(this.identity.sampling, 4);
    data[8] = this.identity.sampling > 1 ? 2 : 1;
    return [
      { id: 1, records: [template], count: 1 },
      { id: TEMPLATE_SAMPLING, records: [data], count: 1 },
    ];
  }

  protected override writeHeader(datagram: Buffer, sets: readonly RecordSet[], nowMs: number): void {
    datagram.writeUInt16BE(9, 0);
    datagram.writeUInt16BE(sets.reduce((sum, { count }) => sum + count, 0), 2);
    datagram.writeUInt32BE((nowMs - this.bootMs) >>> 0, 4);
    datagram.writeUInt32BE(Math.floor(nowMs / 1000) >>> 0, 8);
    datagram.writeUInt32BE(this.sequence, 12);
    datagram.writeUInt32BE(this.identity.router, 16);
    this.sequence = (this.sequence + 1) >>> 0;
  }
}
