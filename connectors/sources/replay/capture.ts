import { CaptureReader } from '../../../domain/pcap/datagrams';
import type { NetWeaverError } from '../../../infra/errors';
import { recognise, type FlowProtocol } from './recognise';

/** A datagram to be sent. */
export interface FlowDatagram {
  /** Milliseconds after the first flow datagram of its capture; never less than the one before. */
  readonly atMs: number;
  readonly protocol: FlowProtocol;
  readonly exporter: string;
  readonly exporterPort: number;
  readonly payload: Buffer;
}

/** The flow datagrams of one capture after another. */
export interface LoadedCaptures {
  readonly datagrams: readonly FlowDatagram[];
  /** Length of the whole, milliseconds. */
  readonly durationMs: number;
  /** UDP datagrams that are no flow protocol. */
  readonly skipped: number;
  /** Set where a capture is cut short: what came before is in `datagrams`. */
  readonly fault: NetWeaverError | null;
}

/**
 * Reads captures; what is flow export in them is told by content.
 * @throws NW_CAPTURE_UNREADABLE where one holds nothing that can be read.
 */
export function loadCaptures(paths: readonly string[]): LoadedCaptures {
  const datagrams: FlowDatagram[] = [];
  let skipped = 0;
  let fault: NetWeaverError | null = null;
  let atMs = 0;
  for (const path of paths) {
    const baseMs = atMs;
    const before = datagrams.length;
    let firstMs = NaN;
    try {
      for (const { timestampMs, srcAddr, srcPort, dstPort, payload } of CaptureReader.open(path).datagrams()) {
        const protocol = recognise(payload, dstPort);
        if (protocol === null) {
          skipped++;
          continue;
        }
        if (Number.isNaN(firstMs)) firstMs = timestampMs;
        atMs = Math.max(atMs, baseMs + timestampMs - firstMs);
        datagrams.push({ atMs, protocol, exporter: srcAddr, exporterPort: srcPort, payload });
      }
    } catch (error) {
      if (datagrams.length === before) throw error;
      fault = error as NetWeaverError;
    }
  }
  return { datagrams, durationMs: atMs, skipped, fault };
}
