/**
 * Counter records of sFlow v5: interfaces (generic, Ethernet, optics, port name) and the device itself (processor, host). What an agent
 * does not keep it sends as all ones: null here. Records of VLANs, token rings, OpenFlow ports, host networks and virtual machines
 * are stepped over.
 */
import type { DeviceMetrics, InterfaceCounters } from '../../schemas';
import { noCounters, NO_DEVICE_METRICS } from '../../schemas/unknown';
import type { Scratch } from './scratch';

/** Counters of an interface, as the device keeps them. */
export type CounterSample = Omit<InterfaceCounters, 'device' | 'time' | 'source'>;

/** Health of the device that sent the sample. */
export type DeviceSample = Omit<DeviceMetrics, 'device' | 'time'>;

/** What the records of one sample amount to. */
export interface Counters {
  readonly interface: CounterSample | null;
  readonly device: DeviceSample | null;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const UNKNOWN = 0xffffffff;
const MACHINES = ['', '', 'x86', 'x86_64', 'ia64', 'sparc', 'alpha', 'powerpc', 'm68k', 'mips', 'arm', 'hppa', 's390'];
const SYSTEMS = ['', '', 'Linux', 'Windows', 'Darwin', 'HP-UX', 'AIX', 'DragonFly', 'FreeBSD', 'NetBSD', 'OpenBSD', 'OSF', 'Solaris', 'Java'];
/** Devices whose processor times are remembered. */
const MAX_HOSTS = 65_536;

/** Reads the records of one counter sample after the other. */
export class CounterRecords {
  /** Milliseconds of the processor, in all and idle, as each device last told. */
  private readonly hosts = new Map<string, { readonly total: number; readonly idle: number }>();
  private counters: Writable<CounterSample> | null = null;
  private device: Writable<DeviceSample> | null = null;
  private ifName = '';
  private ethernetAt = 0;
  private opticsAt = 0;
  private opticsEnd = 0;

  constructor(private readonly scratch: Scratch) {}

  begin(): void {
    this.counters = this.device = null;
    this.ifName = '';
    this.ethernetAt = this.opticsAt = 0;
  }

  /** The body of a record between `at` and `end`; `device` names where it comes from, `uptimeMs` is the datagram's. */
  read(format: number, at: number, end: number, device: string, uptimeMs: number): void {
    const size = end - at;
    switch (format) {
      case 1:
        if (size >= 88) this.counters ??= this.generic(at, uptimeMs);
        return;
      case 2:
        if (size >= 52) this.ethernetAt = at;
        return;
      case 10:
        if (size >= 20) [this.opticsAt, this.opticsEnd] = [at, end];
        return;
      case 1001:
        if (size >= 28) this.processor(at, uptimeMs);
        return;
      case 1005:
        this.ifName = this.text(at, end);
        return;
      case 2000:
        this.description(at, end);
        return;
      case 2003:
        if (size >= 68) this.hostProcessor(at, device);
        return;
      case 2004:
        if (size >= 40) this.hostMemory(at);
        return;
      case 2005:
        if (size >= 16) this.own().diskPercent = percent(this.wide(at), this.wide(at + 8));
    }
  }

  /** What was read since {@link begin}. */
  end(): Counters {
    const { counters } = this;
    if (counters) {
      counters.ifName = this.ifName;
      if (this.ethernetAt > 0) this.ethernet(this.ethernetAt, counters);
      if (this.opticsAt > 0) this.optics(this.opticsAt, this.opticsEnd, counters);
    }
    return { interface: counters, device: this.device };
  }

  private own(): Writable<DeviceSample> {
    return (this.device ??= { ...NO_DEVICE_METRICS });
  }

  private word(at: number): number | null {
    const value = this.scratch.view.getUint32(at);
    return value === UNKNOWN ? null : value;
  }

  /** 64 bits modulo 2^53, as counters are carried. */
  private wide(at: number): number | null {
    const high = this.scratch.view.getUint32(at);
    const low = this.scratch.view.getUint32(at + 4);
    return high === UNKNOWN && low === UNKNOWN ? null : (high & 0x1fffff) * 4294967296 + low;
  }

  /** A string of XDR: its length, then its bytes. */
  private text(at: number, end: number): string {
    if (at + 4 > end) return '';
    return Buffer.from(this.scratch.bytes.subarray(at + 4, Math.min(end, at + 4 + this.scratch.view.getUint32(at)))).toString('utf8');
  }

  /** Generic interface counters (if_counters); the status has a bit for ifAdminStatus up and one for ifOperStatus up. */
  private generic(at: number, uptimeMs: number): CounterSample {
    const { view } = this.scratch;
    const status = view.getUint32(at + 20);
    const counters = noCounters();
    counters.ifIndex = view.getUint32(at);
    counters.speed = this.wide(at + 8) ?? 0;
    counters.adminUp = (status & 1) !== 0;
    counters.operUp = (status & 2) !== 0;
    counters.inOctets = this.wide(at + 24);
    counters.inUnicastPackets = this.word(at + 32);
    counters.inMulticastPackets = this.word(at + 36);
    counters.inBroadcastPackets = this.word(at + 40);
    counters.inDiscards = this.word(at + 44);
    counters.inErrors = this.word(at + 48);
    counters.inUnknownProtocols = this.word(at + 52);
    counters.outOctets = this.wide(at + 56);
    counters.outUnicastPackets = this.word(at + 64);
    counters.outMulticastPackets = this.word(at + 68);
    counters.outBroadcastPackets = this.word(at + 72);
    counters.outDiscards = this.word(at + 76);
    counters.outErrors = this.word(at + 80);
    counters.uptimeSeconds = Math.floor(uptimeMs / 1000);
    return counters;
  }

  /** ethernet_counters, in the order of dot3StatsEntry (RFC 2358). */
  private ethernet(at: number, counters: Writable<CounterSample>): void {
    counters.alignmentErrors = this.word(at);
    counters.fcsErrors = this.word(at + 4);
    counters.lateCollisions = this.word(at + 24);
    counters.excessiveCollisions = this.word(at + 28);
    counters.carrierSenseErrors = this.word(at + 36);
    counters.frameTooLongs = this.word(at + 40);
    counters.symbolErrors = this.word(at + 48);
  }

  /** sFlow Optical Interface Structures: a module's temperature in thousandths of a degree, its lanes' power in microwatts. */
  private optics(at: number, end: number, counters: Writable<CounterSample>): void {
    const { view } = this.scratch;
    if (this.word(at + 12) !== null) counters.opticsCelsius = view.getInt32(at + 12) / 1000;
    let lanes = view.getUint32(at + 16);
    for (at += 20; lanes > 0 && at + 40 <= end; lanes--, at += 40) {
      counters.opticsSentMicrowatts = least(counters.opticsSentMicrowatts, this.word(at + 8));
      counters.opticsReceivedMicrowatts = least(counters.opticsReceivedMicrowatts, this.word(at + 24));
    }
  }

  /** A network device's processor: hundredths of a percent over five seconds, one minute and five; memory in bytes. */
  private processor(at: number, uptimeMs: number): void {
    const own = this.own();
    const load = this.word(at) ?? this.word(at + 4) ?? this.word(at + 8);
    const total = this.wide(at + 12);
    own.cpuPercent = load === null ? null : load / 100;
    own.memoryBytes = total;
    own.memoryPercent = percent(total, this.wide(at + 20));
    own.uptimeSeconds = Math.floor(uptimeMs / 1000);
  }

  /** host_descr (sFlow Host Structures): name, 16 bytes of UUID, machine, operating system, release. */
  private description(at: number, end: number): void {
    const { view } = this.scratch;
    if (at + 4 > end) return;
    const own = this.own();
    own.name = this.text(at, end);
    at += 4 + ((view.getUint32(at) + 3) & ~3) + 16;
    if (at < 0 || at + 12 > end) return;
    const machine = MACHINES[view.getUint32(at)] ?? '';
    own.description = [SYSTEMS[view.getUint32(at + 4)] ?? '', this.text(at + 8, end), machine].filter((part) => part !== '').join(' ');
  }

  /** host_cpu: loads as floats, uptime, then the milliseconds spent, whose growth since the last sample is the load in percent. */
  private hostProcessor(at: number, device: string): void {
    const { view } = this.scratch;
    const own = this.own();
    const load = view.getFloat32(at);
    own.loadAverage = load >= 0 && Number.isFinite(load) ? load : null;
    own.uptimeSeconds = this.word(at + 28);
    let total = 0;
    for (let i = 32; i < 60; i += 4) total += this.word(at + i) ?? 0; // user, nice, system, idle, waiting, interrupts hard and soft
    const idle = (this.word(at + 44) ?? 0) + (this.word(at + 48) ?? 0);
    const before = this.hosts.get(device);
    this.hosts.delete(device);
    if (this.hosts.size >= MAX_HOSTS) this.hosts.delete(this.hosts.keys().next().value!);
    this.hosts.set(device, { total, idle });
    if (before && total > before.total && idle >= before.idle) own.cpuPercent = round(100 * (1 - Math.min(1, (idle - before.idle) / (total - before.total))));
  }

  /** host_memory: total, free, shared, buffers, cache; what buffers and cache hold is free when it is needed. */
  private hostMemory(at: number): void {
    const own = this.own();
    const total = this.wide(at);
    const free = this.wide(at + 8);
    own.memoryBytes = total;
    own.memoryPercent = free === null ? null : percent(total, free + (this.wide(at + 24) ?? 0) + (this.wide(at + 32) ?? 0));
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;
const percent = (total: number | null, free: number | null): number | null => (total === null || free === null || total <= 0 || free > total ? null : round((100 * (total - free)) / total));
const least = (a: number | null, b: number | null): number | null => (a === null || b === null ? (a ?? b) : Math.min(a, b));
