/** The collection of captures beside the checkout, and what our decoder makes of one. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CaptureDecoder, type CaptureRecord } from '../../domain/flow/capture-records';
import type { DecoderCounts } from '../../domain/flow/decoder';
import { BUILT_IN } from '../../domain/flow/elements/registry';
import { ExtraSelection } from '../../domain/flow/extra';
import { ConfiguredRates } from '../../domain/flow/sampling';
import { CaptureReader } from '../../domain/pcap/datagrams';

export const FOLDER = resolve(__dirname, '../../../shared/captures');
export const available = existsSync(join(FOLDER, 'manifest.json'));

export type FlowRecord = Extract<CaptureRecord, { kind: 'flow' }>;
export type OptionsRecord = Extract<CaptureRecord, { kind: 'options' }>;

/** An entry of the collection's manifest. */
export interface Entry {
  readonly file: string;
  /** Files of the same base name: what other decoders made of it. */
  readonly beside: readonly string[];
  /** What a walk over the bytes counted; left out for captures that are no flow export. */
  readonly walk?: Readonly<Record<string, number>>;
}

/** Records of one datagram. */
export interface DecodedDatagram {
  readonly exporter: string;
  readonly records: readonly CaptureRecord[];
  readonly payload: Buffer;
}

/** A capture, decoded in the order of its datagrams, with every element that the row does not hold beside it. */
export interface Decoded {
  readonly file: string;
  readonly datagrams: readonly DecodedDatagram[];
  readonly records: readonly CaptureRecord[];
  readonly flows: readonly FlowRecord[];
  readonly counts: DecoderCounts;
}

export const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

/** Captures of flow exports. */
export const entries: readonly Entry[] = available ? (JSON.parse(read('manifest.json')) as Entry[]).filter(({ walk }) => walk !== undefined) : [];

export function decode(file: string): Decoded {
  const decoder = new CaptureDecoder(new ConfiguredRates({}, 0), { extra: new ExtraSelection(['*'], BUILT_IN) });
  const datagrams: DecodedDatagram[] = [];
  for (const datagram of CaptureReader.open(join(FOLDER, file)).datagrams()) datagrams.push({ exporter: datagram.srcAddr, payload: datagram.payload, records: decoder.decode(datagram) });
  const records = datagrams.flatMap((datagram) => datagram.records);
  return { file, datagrams, records, flows: records.filter((record) => record.kind === 'flow'), counts: decoder.decoder.counts };
}
