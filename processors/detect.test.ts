import type { Anomaly } from '../schemas';
import { ANOMALIES, TRAFFIC_PULSES } from '../topics';
import { detect } from './detect';
import { pulse } from './pulse';
import { Driver } from './runtime/driver';
import { batch, HOUR } from './runtime/testing/flows';
import { pulseOf, SLOT_MS, type HostSaid } from './runtime/testing/pulses';

/** A tenth of the limits of a host by default, in a slot: at 1, as much as it may receive in a second. */
const at = (level: number, what: HostSaid = {}): HostSaid => ({ packets: Math.round(2000 * level), bytes: Math.round(800_000 * level), sources: 50, ...what });
const SYNS = { synPackets: 1e9 };
/** Runs slots; hosts of each. */
function run(slots: readonly (readonly HostSaid[])[], settings: Record<string, unknown> = {}): Driver<typeof detect.section> {
  const driver = new Driver(detect, settings, 1);
  slots.forEach((hosts, slot) => driver.feed(pulseOf(slot, { hosts: hosts.map((host) => ({ ...host, synPackets: Math.min(host.synPackets ?? 0, host.packets ?? 0) })) })));
  driver.commit();
  return driver;
}
/** When, in seconds, what was said of whom. */
const told = (driver: Driver<typeof detect.section>): string[] => driver.values(ANOMALIES).map((one: Anomaly) => `${(one.time - HOUR) / 1000}: ${one.phase} ${one.kind} ${one.subject}`);
const seconds = (count: number, host: HostSaid): HostSaid[][] => Array.from({ length: (count * 1000) / SLOT_MS }, () => [host]);

describe('detect', () => {
  test('a flood that looks like one is told within a moment, goes on, and is over', () => {
    const driver = run([...seconds(5, at(0.1)), ...seconds(12, at(1.2, SYNS)), ...seconds(16, at(0.1))]);
    expect(told(driver)).toEqual(['5.4: began syn-flood 198.51.100.7', '15.4: goes-on syn-flood 198.51.100.7', '28: over syn-flood 198.51.100.7']);
    expect(driver.values(ANOMALIES)[0]).toMatchObject({ subjectKind: 'host', severity: 'warning', unit: 'packets/s', threshold: 20_000, detector: 'surge' });
  });

  test.each([
    ['a burst of three seconds, however large, is none', 3, 8, {}, []],
    ['nor are two, one after the other', 3, 2, { twice: true }, []],
    ['what lasts longer is told', 8, 1.3, {}, [expect.stringContaining('began volumetric')]],
    ['where longer bursts are honest, it is not', 8, 1.3, { burstMs: 10_000 }, []],
  ])('%s', (_, length, level, { twice = false, ...settings }: { twice?: boolean; burstMs?: number }, expected) => {
    const burst = [...seconds(length, at(level)), ...seconds(2, at(0.1))];
    expect(told(run([...seconds(2, at(0.1)), ...burst, ...(twice ? burst : [])], settings))).toEqual(expected);
  });

  test('visitors are named as a crowd, for information', () => {
    const driver = run(seconds(7, at(1.5, { sources: 3000, outPackets: 6000, outBytes: 5_000_000 })), { bitsPerSecond: 0 });
    expect(driver.values(ANOMALIES).map(({ kind, severity }) => [kind, severity])).toEqual(expect.arrayContaining([['flash-crowd', 'info']]));
    expect(driver.values(ANOMALIES).filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  test('a slow ramp is told when it crosses the limit', () => {
    const ramp = Array.from({ length: 300 }, (_, slot) => [at(slot / 150)]);
    const [first] = run(ramp).values(ANOMALIES);
    // The second that ends with a slot is at the limit half a second after the slot is.
    expect((first.time - HOUR) / 1000).toBeCloseTo(15.5, 0);
  });

  test('partitions are put together, however they come, and none is waited for', () => {
    const split = (order: (slot: number) => readonly number[]): string[] => {
      const driver = new Driver(detect, {}, 1);
      for (let slot = 0; slot < 60; slot++) for (const partition of order(slot)) driver.feed(pulseOf(slot, { hosts: [at(0.3, { synPackets: 600 })], partition }));
      driver.commit();
      return told(driver);
    };
    expect(split(() => [0, 1, 2, 3])).toEqual(split((slot) => [(slot + 1) % 4, slot % 4, (slot + 3) % 4, (slot + 2) % 4]));
    expect(split(() => [0, 1, 2, 3])[0]).toContain('began syn-flood');
    expect(split(() => [3, 1, 0])).toEqual([]);
  });

  test('a partition that is up to a second behind counts; one that is further behind is counted as late', () => {
    const driver = new Driver(detect, {}, 1);
    for (let slot = 0; slot < 40; slot++) {
      driver.feed(pulseOf(slot, { hosts: [at(0.7, { synPackets: 1400 })] }));
      if (slot >= 9) driver.feed(pulseOf(slot - 9, { hosts: [at(0.7, { synPackets: 1400 })], partition: 1 }));
    }
    driver.commit();
    expect(told(driver)[0]).toContain('began syn-flood');
    driver.feed(pulseOf(20, { hosts: [at(5)] }));
    expect(driver.discards()).toEqual({ 'late-pulse': 1 });
  });

  test('limits are those of the longest prefix', () => {
    const hosts = [at(1.5, { ...SYNS }), at(1.5, { ...SYNS, addr: '198.51.100.99' }), at(1.5, { ...SYNS, addr: '2001:db8::9' })];
    const driver = run(Array.from({ length: 10 }, () => hosts), { packetsPerSecondOf: { '198.51.100.0/25': 50_000, '198.51.100.96/27': 1000, '2001:db8::/32': 0 }, bitsPerSecond: 0 });
    expect(new Set(driver.values(ANOMALIES).map(({ subject }) => subject))).toEqual(new Set(['198.51.100.99']));
  });

  test('long flows count as long as they are likely to go on', () => {
    const minute = at(1.2, { synPackets: 0, longPackets: 2400, longBytes: 0, longSeconds: 2400 * 60 });
    // One report a second of flows of a minute: 60 times as much as each has in a second.
    const driver = run(Array.from({ length: 900 }, (_, slot) => (slot % 10 === 0 ? [{ ...minute, packets: 600, longPackets: 600, longSeconds: 36_000, bytes: 0 }] : [])), { bitsPerSecond: 0 });
    expect(told(driver)[0]).toContain('began volumetric');
    expect(run(Array.from({ length: 900 }, (_, slot) => (slot % 10 === 0 ? [{ ...minute, packets: 200, longPackets: 200, longSeconds: 12_000, bytes: 0 }] : [])), { bitsPerSecond: 0 }).values(ANOMALIES)).toEqual([]);
  });

  test('a carpet over a prefix, and not a burst at one of its hosts', () => {
    const laid = (host: boolean): string[] => {
      const driver = new Driver(detect, {}, 1);
      for (let slot = 0; slot < 200; slot++) {
        const packets = slot < 80 ? 300 : 4000;
        driver.feed(pulseOf(slot, { hosts: host && slot >= 80 ? [{ packets, bytes: 0, sources: 3 }] : [], prefixes: [{ packets, bytes: 0, reach: slot < 80 ? 30 : host ? 60 : 250 }] }));
      }
      driver.commit();
      return told(driver).filter((text) => text.includes('carpet'));
    };
    expect(laid(false)).toEqual([expect.stringMatching(/^1\d(\.\d)?: began carpet-bombing 198\.51\.100\.0\/24$/)]);
    expect(laid(true)).toEqual([]);
  });

  test('scans, with the port or the host that they are after', () => {
    const driver = new Driver(detect, {}, 1);
    driver.feed(pulseOf(1, { sources: [{ tried: 40, ports: 1, probes: 40, lastTarget: '198.51.100.9', lastPort: 445 }, { addr: '203.0.113.8', tried: 1, ports: 90, probes: 90, lastTarget: '198.51.100.9', lastPort: 90 }, { addr: '203.0.113.7', tried: 12, met: 60, ports: 1, probes: 40 }] }));
    driver.commit();
    expect(driver.values(ANOMALIES).map(({ kind, subject, elements }) => [kind, subject, elements.map(({ id }) => id)])).toEqual([['horizontal-scan', '203.0.113.9', ['445', '198.51.100.9']], ['vertical-scan', '203.0.113.8', ['198.51.100.9']]]);
  });

  test('what goes on is over by the clock alone, where nothing comes any more', () => {
    const driver = run(seconds(3, at(1.5, SYNS)));
    driver.silence(HOUR + 60_000);
    driver.commit();
    expect(told(driver).at(-1)).toBe('60: over syn-flood 198.51.100.7');
    expect(driver.task(0).isDue(HOUR + 1e9)).toBe(false);
  });

  test('hosts beyond the bound give way to others, and are counted', () => {
    const driver = run(Array.from({ length: 30 }, (_, slot) => Array.from({ length: 200 }, (__, i) => at(0.1, { addr: `10.${slot}.0.${i}` }))), { maxSubjects: 1000 });
    expect(driver.size().bytes).toBeLessThan(16 * 2 ** 20);
    driver.feed(pulseOf(31, { hosts: Array.from({ length: 1000 }, (_, i) => at(0.1, { addr: `10.99.${i >> 8}.${i & 255}` })) }));
    expect(driver.discards()['state-evicted']).toBeGreaterThan(0);
  });

  test('from flows to anomalies: the same however flows are spread over partitions, in IPv4 and IPv6', () => {
    const whole = (partitions: number): string[] => {
      const picks = new Driver(pulse, {}, partitions);
      const looks = new Driver(detect, {}, 1);
      let next = 0;
      for (let ms = 0; ms < 4000; ms += 50) {
        for (let partition = 0; partition < partitions; partition++) {
          const of = Array.from({ length: 64 }, (_, i) => i).filter((i) => i % partitions === partition);
          picks.feed(batch(of.flatMap((i) => ['198.51.100.7', '2001:db8::7'].map((dstAddr) => ({ srcAddr: dstAddr.includes(':') ? `2001:db8:1::${i}` : `10.1.${ms & 255}.${i}`, dstAddr, proto: 1, dstPort: 2048, packets: 20, bytes: 2000, end: HOUR + ms }))), { receiveTime: HOUR + ms }), { partition });
        }
        picks.commit(false);
        for (; next < picks.outputs.length; next++) if (picks.outputs[next].topic === TRAFFIC_PULSES) looks.feed(picks.outputs[next].value);
      }
      looks.commit();
      return looks.values(ANOMALIES).map(({ kind, subject, began }) => `${kind} ${subject} ${began - HOUR}`).sort();
    };
    expect(whole(1)).toHaveLength(2);
    expect(whole(4)).toEqual(whole(1));
    expect(whole(3)).toEqual(whole(1));
  });

  test('a restart changes nothing', () => {
    const go = (restart: boolean): unknown => {
      const driver = new Driver(detect, {}, 1);
      for (let slot = 0; slot < 160; slot++) {
        const level = slot > 60 && slot < 140 ? 1.4 : 0.2;
        driver.feed(pulseOf(slot, { hosts: [at(level, { synPackets: slot % 2 === 0 ? 1000 : 0 }), { addr: `10.0.0.${slot % 40}`, packets: 90 }], prefixes: [{ packets: Math.round(900 * level), bytes: 100, reach: 10 + (slot % 30) }], sources: slot % 20 === 0 ? [{ tried: slot >> 2, ports: 2, probes: slot, met: 3 }] : [] }));
        if (restart && slot % 7 === 6) driver.commit(slot % 2 === 0);
        if (restart && slot % 11 === 10) driver.restart();
      }
      driver.silence(HOUR + 600_000);
      driver.commit();
      return driver.outputs;
    };
    expect(go(true)).toEqual(go(false));
  });
});
