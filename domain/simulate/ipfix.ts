import type { ExporterIdentity } from './exporter';
import { ABSOLUTE_FIELDS, fieldsV4, fieldsV6 } from './fields';
import { TEMPLATE_INTERFACES, TEMPLATE_SAMPLING, TemplatedExporter, type RecordSet } from './templated';

const TEMPLATE_SET = 2;
const OPTIONS_TEMPLATE_SET = 3;
const VARIABLE = 0xffff;

/**
 * IPFIX (RFC 7011). The sequence counts the data records sent before, options data among them. Options: the sampling
 * rate as samplingPacketInterval (305) and samplingPacketSpace (306) of the whole observation domain (RFC 5477), and the
 * interface table with names of variable length (82, 83; RFC 7011 section 7).
 */
export class IpfixExporter extends TemplatedExporter {
  protected override readonly templateSet = TEMPLATE_SET;
  private sequence = 0;

  constructor(identity: ExporterIdentity, startMs: number, emit: (datagram: Buffer) => void, templateEvery: number) {
    super(identity, startMs, emit, templateEvery, fieldsV4(ABSOLUTE_FIELDS), fieldsV6(ABSOLUTE_FIELDS), 16);
  }

  protected override optionSets(): RecordSet[] {
    const { router, sampling, name } = this.identity;
    const rate = Buffer.alloc(12);
    rate.writeUInt32BE(router, 0);
    rate.writeUInt32BE(1, 4);
    rate.writeUInt32BE(sampling - 1, 8);
    const interfaces = this.identity.interfaces.map((one) => {
      const index = Buffer.alloc(4);
      index.writeUInt32BE(one.ifIndex);
      return Buffer.concat([index, variable(one.name), variable(`${name} interface ${one.ifIndex}`)]);
    });
    return [
      {
        id: OPTIONS_TEMPLATE_SET,
        records: [optionsTemplate(TEMPLATE_SAMPLING, [[149, 4], [305, 4], [306, 4]]), optionsTemplate(TEMPLATE_INTERFACES, [[10, 4], [82, VARIABLE], [83, VARIABLE]])],
        count: 2,
      },
      { id: TEMPLATE_SAMPLING, records: [rate], count: 1 },
      { id: TEMPLATE_INTERFACES, records: interfaces, count: interfaces.length },
    ];
  }

  protected override writeHeader(datagram: Buffer, sets: readonly RecordSet[], nowMs: number): void {
    datagram.writeUInt16BE(10, 0);
    datagram.writeUInt16BE(datagram.length, 2);
    datagram.writeUInt32BE(Math.floor(nowMs / 1000) >>> 0, 4);
    datagram.writeUInt32BE(this.sequence, 8);
    datagram.writeUInt32BE(this.identity.router, 12);
    for (const { id, count } of sets) if (id > OPTIONS_TEMPLATE_SET) this.sequence = (this.sequence + count) >>> 0;
  }
}

/** Template id, field count, scope field count (here always 1), the fields (RFC 7011 section 3.4.2.2). */
function optionsTemplate(id: number, fields: readonly (readonly [element: number, length: number])[]): Buffer {
  const record = Buffer.alloc(6 + 4 * fields.length);
  [id, fields.length, 1, ...fields.flat()].forEach((value, i) => record.writeUInt16BE(value, 2 * i));
  return record;
}

/** A text of variable length: one byte of length below 255, then UTF-8 (RFC 7011 section 7). */
function variable(value: string): Buffer {
  const text = Buffer.from(value, 'utf8').subarray(0, 254);
  return Buffer.concat([Buffer.of(text.length), text]);
}
