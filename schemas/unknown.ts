/** Metrics of which nothing is known, to be spread before what is: who reads one source need not name what only others tell. */
import type { DeviceMetrics, InterfaceCounters } from './index';

/** Counters of no interface. */
export const NO_COUNTERS: Omit<InterfaceCounters, 'device' | 'ifIndex' | 'time' | 'source'> = {
  ifName: '', speed: 0, adminUp: false, operUp: false,
  inOctets: null, inUnicastPackets: null, inMulticastPackets: null, inBroadcastPackets: null, inDiscards: null, inErrors: null,
  outOctets: null, outUnicastPackets: null, outMulticastPackets: null, outBroadcastPackets: null, outDiscards: null, outErrors: null,
  uptimeSeconds: null, discontinuity: false, inUnknownProtocols: null,
  alignmentErrors: null, fcsErrors: null, symbolErrors: null, frameTooLongs: null, lateCollisions: null, excessiveCollisions: null, carrierSenseErrors: null,
  opticsCelsius: null, opticsReceivedMicrowatts: null, opticsSentMicrowatts: null,
};

/** Health of no device. */
export const NO_DEVICE_METRICS: Omit<DeviceMetrics, 'device' | 'time'> = {
  cpuPercent: null, memoryPercent: null, temperatureCelsius: null, uptimeSeconds: null, sessions: null, name: '', description: '', objectId: '', loadAverage: null, memoryBytes: null, diskPercent: null,
};
