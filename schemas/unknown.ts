/** Metrics of which nothing is known, to be spread before what is: who reads one source need not name what only others tell. */
import type { DeviceMetrics, InterfaceCounters } from './index';

/** Counters of no interface, in an object of its own: to be filled in field by field where speed counts, for spreading costs ten times more than decoding. */
export const noCounters = (): Omit<InterfaceCounters, 'device' | 'time' | 'source'> => ({
  ifIndex: 0,
  ifName: '', speed: 0, adminUp: false, operUp: false,
  inOctets: null, inUnicastPackets: null, inMulticastPackets: null, inBroadcastPackets: null, inDiscards: null, inErrors: null,
  outOctets: null, outUnicastPackets: null, outMulticastPackets: null, outBroadcastPackets: null, outDiscards: null, outErrors: null,
  uptimeSeconds: null, discontinuity: false, inUnknownProtocols: null,
  alignmentErrors: null, fcsErrors: null, symbolErrors: null, frameTooLongs: null, lateCollisions: null, excessiveCollisions: null, carrierSenseErrors: null,
  opticsCelsius: null, opticsReceivedMicrowatts: null, opticsSentMicrowatts: null,
});

/** The same, to be spread. */
export const NO_COUNTERS: Omit<InterfaceCounters, 'device' | 'ifIndex' | 'time' | 'source'> = noCounters();

/** Health of no device. */
export const NO_DEVICE_METRICS: Omit<DeviceMetrics, 'device' | 'time'> = {
  cpuPercent: null, memoryPercent: null, temperatureCelsius: null, uptimeSeconds: null, sessions: null, name: '', description: '', objectId: '', loadAverage: null, memoryBytes: null, diskPercent: null,
};
