import type { Command } from 'commander';
import { elementsOf } from '../../connectors/sources/flow/elements';
import { CaptureDecoder, type CaptureRecord } from '../../domain/flow/capture-records';
import type { Reading } from '../../domain/flow/decoder';
import { PROTOCOL_NAMES } from '../../domain/flow/protocol';
import { TUNNEL_MODES, type TunnelMode } from '../../domain/flow/tunnels';
import { CaptureReader } from '../../domain/pcap/datagrams';
import { NetWeaverError } from '../../infra/errors';
import { jsonLine, reportError } from '../output';

interface DecodeOptions {
  readonly json?: boolean;
  readonly extra: readonly string[];
  readonly elementFile: readonly string[];
  readonly tunnels: string;
}

const also = (value: string, before: readonly string[]): readonly string[] => [...before, ...value.split(',')];

/** `netweaver decode`: what the collectors make of a capture, without any log. */
export function register(program: Command): void {
  program
    .command('decode')
    .description('Prints what the collectors make of captures (pcap, pcapng): a line a record; a summary to standard error.')
    .argument('<capture...>', 'pcap or pcapng files')
    .option('--json', 'one JSON object a line')
    .option('--extra <elements>', 'information elements to show beside the row, as collector.extra; "*" for all', also, [])
    .option('--element-file <file>', "a file of a vendor's elements, as collector.elementFiles; may be given several times", (file: string, before: readonly string[]) => [...before, file], [])
    .option('--tunnels <mode>', `what of a packet in a packet makes the flow, as collector.tunnels: ${TUNNEL_MODES.join(', ')}`, 'outer')
    .action(async (captures: string[], options: DecodeOptions) => {
      try {
        const reading = readingOf(options);
        for (const path of captures) await decode(path, options.json === true, reading);
      } catch (error) {
        reportError(error);
      }
    });
}

function readingOf({ extra, elementFile, tunnels }: DecodeOptions): Reading {
  if (!(TUNNEL_MODES as readonly string[]).includes(tunnels)) throw new NetWeaverError('NW_USAGE', `--tunnels ${tunnels}: ${TUNNEL_MODES.join(', ')}.`);
  return { ...elementsOf({ extra, elementFiles: elementFile }), tunnels: tunnels as TunnelMode };
}

async function decode(path: string, json: boolean, reading: Reading): Promise<void> {
  const decoder = new CaptureDecoder(undefined, reading);
  const faults = new Map<string, number>();
  try {
    const reader = CaptureReader.open(path);
    try {
      for (const datagram of reader.datagrams()) {
        let text = '';
        for (const record of decoder.decode(datagram)) {
          if (record.kind === 'fault') faults.set(`${record.fault} from ${record.exporter}`, (faults.get(`${record.fault} from ${record.exporter}`) ?? 0) + 1);
          text += `${json ? jsonLine(record) : line(record)}\n`;
        }
        if (text !== '' && !process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
      }
    } finally {
      summarise(path, reader, decoder, faults);
    }
  } catch (error) {
    reportError(error);
  }
}

function line(record: CaptureRecord): string {
  switch (record.kind) {
    case 'flow': {
      const sampling = record.samplingRate > 1 ? ` 1:${record.samplingRate}` : '';
      return `${new Date(record.end).toISOString()} ${record.protocol} ${record.exporter} proto ${record.proto} ${at(record.srcAddr, record.srcPort)} > ${at(record.dstAddr, record.dstPort)} if ${record.inIf}>${record.outIf} ${record.packets} packets ${record.bytes} bytes${sampling}${record.detail ? ` ${jsonLine(record.detail)}` : ''}`;
    }
    case 'counters':
      return `${new Date(record.receiveTime).toISOString()} ${record.protocol} ${record.exporter} counters if ${record.ifIndex} in ${record.inOctets} bytes out ${record.outOctets} bytes`;
    case 'device':
      return `${new Date(record.receiveTime).toISOString()} ${record.protocol} ${record.exporter} device ${record.name || '-'} cpu ${record.cpuPercent ?? '-'} % memory ${record.memoryPercent ?? '-'} %`;
    case 'discarded':
      return `${new Date(record.receiveTime).toISOString()} ${record.protocol} ${record.exporter} discarded ${record.reasonName} proto ${record.proto} ${at(record.srcAddr, record.srcPort)} > ${at(record.dstAddr, record.dstPort)} if ${record.inIf}>${record.outIf}`;
    case 'options':
      return `${new Date(record.exportTime).toISOString()} ${record.protocol} ${record.exporter} options ${jsonLine(record.values)}`;
    case 'fault':
      return `${new Date(record.receiveTime).toISOString()} ${record.exporter} fault ${record.fault}`;
  }
}

const at = (address: string, port: number): string => (address.includes(':') ? `[${address}]:${port}` : `${address || '-'}:${port}`);

function summarise(path: string, { counts: capture }: CaptureReader, { decoder: { counts } }: CaptureDecoder, faults: ReadonlyMap<string, number>): void {
  const protocols = PROTOCOL_NAMES.map((name, i) => ({ name, datagrams: counts.datagrams[i], flows: counts.flows[i] })).filter(({ datagrams }) => datagrams > 0);
  const lines = [
    `${path}: ${capture.frames} frames, ${capture.datagrams} UDP datagrams (${capture.otherFrames} other frames, ${capture.cutFrames} cut, ${capture.lostFragments} fragments without partners)`,
    ...protocols.map(({ name, datagrams, flows }) => `  ${name}: ${datagrams} datagrams, ${flows} flows`),
    `  ${counts.templates} templates, ${counts.optionsTemplates} options templates, ${counts.optionsRecords} options records, ${counts.counterSamples} counter samples, ${counts.discardedPacketSamples} discarded-packet samples`,
    ...[...faults].map(([fault, count]) => `  ${count} × ${fault}`),
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}
