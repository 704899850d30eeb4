/** Windows that a model cannot reconstruct, from traffic.features to anomalies: with small models that are easy to reckon, then with the one that is shipped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceHost } from '../infra/inference/host';
import { SHIPPED } from '../infra/inference/registry';
import { hasRuntime, writeModel } from '../infra/inference/testing/folder';
import { encodeModelDeployment, encodeTrafficFeatures, type Anomaly, type TrafficFeaturesRow } from '../schemas';
import { ANOMALIES, ANOMALIES_SHADOW, DEAD_LETTERS, MODELS_DEPLOYED } from '../topics';
import { Driver, DRIVER_SCHEMA_ID } from './runtime/driver';
import { score } from './score';
import type { ScoreSettings } from './score/settings';

const whenRuntime = hasRuntime ? describe : describe.skip;

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 5, 12);
/** A minute of web traffic, as the simulator makes it. */
const CALM: TrafficFeaturesRow = {
  subject: '10.0.0.1', bytes: 2.55e6, packets: 5100, flows: 1580, bytesOut: 0, packetsOut: 0, meanDurationMs: 40, tcpShare: 0.7, udpShare: 0.29, icmpShare: 0.01, dayFraction: 0.64, weekFraction: 0.09,
  movingAverage: 2.7e6, trend: 0, distinctPeers: 50, distinctPorts: 20, srcEntropy: 0.5, dstEntropy: 0.5, portEntropy: 0.5, gap: 0,
};

/** Features of a row as a model takes them; for cards. */
const CALM_INPUT = [1, 1, 1, 1, 1, 1, 1, 1, 1, 0];

const features = (minute: number, rows: readonly Partial<TrafficFeaturesRow>[], kind = 'host', windowMs = MINUTE): Buffer =>
  encodeTrafficFeatures({ windowStart: NOON + minute * MINUTE, windowMs, kind, rows: rows.map((row) => ({ ...CALM, ...row })) }, DRIVER_SCHEMA_ID);

const said = (anomalies: readonly Anomaly[]): string[] => anomalies.map(({ subject, detector, kind, phase, time, score: by }) => `${(time - NOON) / MINUTE}: ${subject} ${detector} ${kind} ${phase} ${by}`);

whenRuntime('score, where onnxruntime-node can be loaded', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweaver-score-'));
  const host = new InferenceHost({ folders: [folder, SHIPPED], waitMs: 60_000 });
  afterAll(async () => {
    await host.close();
    rmSync(folder, { recursive: true });
  });

  /** The error of this one is the share of UDP by its threshold of a half; it throws where the trend is neither 0 nor 1. */
  writeModel(folder, 'udp', { threshold: 0.5, scale: [0, 0, 0, 0, 0, 1, 0, 0, 0, 0] });
  /** The same of ICMP. */
  const icmp = writeModel(folder, 'icmp', { threshold: 0.5, scale: [0, 0, 0, 0, 0, 0, 1, 0, 0, 0] });
  const broken = writeModel(folder, 'broken', { card: { threshold: 0.5, probe: { tolerance: 1e-3, input: CALM_INPUT, outputs: [[77], CALM_INPUT] } } });

  const open = (settings: Partial<ScoreSettings> = {}): Driver<typeof score.section> => new Driver(score, { model: 'udp', learnWindows: 0, beginsAfter: 2, overAfter: 2, ...settings }, 1, host);
  const deploy = (driver: Driver<typeof score.section>, slot: string, model: string | null, modelHash = ''): number =>
    driver.feedTable(MODELS_DEPLOYED, Buffer.from(`score/${slot}`), model === null ? null : encodeModelDeployment({ processor: 'score', slot, model, modelHash, time: NOON, by: 'test' }, DRIVER_SCHEMA_ID));

  test('a subject that is above the threshold window after window is told of, with what is out of the ordinary about it and who says so', () => {
    const driver = open();
    for (let minute = 0; minute < 5; minute++) driver.feed(features(minute, [{}, { subject: '10.0.0.2', udpShare: minute < 2 ? 0.9 : 0.1, gap: minute }]));
    driver.commit();
    expect(said(driver.values(ANOMALIES))).toEqual(['2: 10.0.0.2 score/60s reconstruction began 1.8', '4: 10.0.0.2 score/60s reconstruction over 0.2']);
    const [{ began, value, threshold, unit, severity, evidence, model, modelHash }] = driver.values(ANOMALIES);
    expect({ began, value, threshold, unit, severity, model, modelHash }).toEqual({ began: NOON, value: 0.9, threshold: 0.5, unit: 'standard deviations', severity: 'warning', model: 'udp', modelHash: host.open('udp').hash });
    expect(evidence[0]).toEqual({ name: 'udpShare', value: 0.9, usual: 0, unit: 'standard deviations' });
    expect(evidence.at(-1)).toEqual({ name: 'windows missing right before', value: 1, usual: 0, unit: 'windows' });
  });

  test('the directions of an interface are anomalies of their own, of one subject', () => {
    const driver = open();
    for (let minute = 0; minute < 2; minute++) driver.feed(features(minute, ['edge-1/3/in', 'edge-1/3/out'].map((subject) => ({ subject, udpShare: 1 })), 'interface'));
    driver.commit();
    expect(said(driver.values(ANOMALIES))).toEqual(['2: edge-1/3 score/60s/in reconstruction began 2', '2: edge-1/3 score/60s/out reconstruction began 2']);
  });

  test('a subject that is always so is no anomaly; one that becomes so is, and in the end it is usual', () => {
    const driver = open({ learnWindows: 10, goesOnMs: 86_400_000 });
    for (let minute = 0; minute < 400; minute++) driver.feed(features(minute, [{ udpShare: 0.8 + (minute % 3) / 100 }, { subject: '10.0.0.2', udpShare: minute < 20 ? 0.1 + (minute % 3) / 100 : 0.9 }]));
    driver.commit();
    expect(driver.values(ANOMALIES).map(({ subject, phase, began, time }) => `${subject} ${phase} ${(began - NOON) / MINUTE} ${time - NOON < 200 * MINUTE ? 'soon' : 'late'}`)).toEqual(['10.0.0.2 began 20 soon', '10.0.0.2 over 20 soon']);
  });

  test('a subject that is new is held against all of its kind', () => {
    const driver = open({ learnWindows: 2 });
    const many = (minute: number): Partial<TrafficFeaturesRow>[] => Array.from({ length: 10 }, (_, i) => ({ subject: `10.0.1.${i}`, udpShare: 0.6 + ((minute + i) % 4) / 100 }));
    for (let minute = 0; minute < 8; minute++) driver.feed(features(minute, [...many(minute), ...(minute < 5 ? [] : [{ subject: '10.0.0.8', udpShare: 0.62 }, { subject: '10.0.0.9', udpShare: 0.99 }])]));
    driver.commit();
    expect(driver.values(ANOMALIES).filter(({ phase }) => phase === 'began').map(({ subject }) => subject)).toEqual(['10.0.0.9']);
  });

  test('of another model what is usual is learned anew', () => {
    const driver = open({ learnWindows: 5 });
    for (let minute = 0; minute < 24; minute++) {
      if (minute === 12) deploy(driver, 'serving', 'icmp', icmp);
      driver.feed(features(minute, [{ icmpShare: 0.9, udpShare: minute < 8 ? 0.1 : 0.9 }]));
    }
    driver.commit();
    expect(driver.values(ANOMALIES).filter(({ phase }) => phase !== 'goes-on').map(({ phase, model }) => `${phase} ${model}`)).toEqual(['began udp', 'over icmp']);
  });

  test('other lengths of windows are not looked at, small windows are as none', () => {
    const driver = open({ windowsMs: ['60000'], leastBytes: 1000 });
    for (let minute = 0; minute < 4; minute++) {
      driver.feed(features(minute, [{ udpShare: 1 }], 'host', 300_000));
      driver.feed(features(minute, [{ udpShare: 1, bytes: 999 }]));
    }
    driver.commit();
    expect(driver.values(ANOMALIES)).toEqual([]);
  });

  test('a window that is missing, or that nothing is known of but its bytes, harms nobody', () => {
    const driver = open();
    const unknown = { packets: NaN, flows: NaN, meanDurationMs: NaN, tcpShare: NaN, udpShare: NaN, icmpShare: NaN };
    for (const minute of [0, 1, 4, 5]) driver.feed(features(minute, [{ ...unknown, subject: '10.0.0.2' }, { udpShare: 1 }]));
    driver.commit();
    expect(said(driver.values(ANOMALIES))).toEqual(['2: 10.0.0.1 score/60s reconstruction began 2', '5: 10.0.0.1 score/60s reconstruction over 2', '6: 10.0.0.1 score/60s reconstruction began 2'].slice(0, 2));
    expect(driver.discards()).toEqual({});
  });

  test('another model is deployed by a record: from there on it scores, and after a restart too', () => {
    const driver = open();
    for (let minute = 0; minute < 6; minute++) {
      if (minute === 2) deploy(driver, 'serving', 'icmp', icmp);
      if (minute === 4) {
        driver.commit();
        driver.restart();
      }
      driver.feed(features(minute, [{ udpShare: 1 }, { subject: '10.0.0.2', icmpShare: 1 }]));
    }
    driver.commit();
    expect(driver.values(ANOMALIES).map(({ subject, phase, model }) => `${subject} ${phase} ${model}`)).toEqual(['10.0.0.1 began udp', '10.0.0.1 over icmp', '10.0.0.2 began icmp', '10.0.0.2 goes-on icmp', '10.0.0.2 goes-on icmp']);
  });

  test.each<[string, string, string]>([
    ['NW_MODEL_FAILED', 'broken', broken],
    ['NW_MODEL_UNKNOWN', 'nowhere', ''],
    ['NW_MODEL_UNKNOWN', 'udp', 'ffffffff'],
  ])('%s: a deployment of what cannot be used goes to dead-letters, the model before serves on', (code, name, hash) => {
    const driver = open();
    deploy(driver, 'serving', 'icmp', icmp);
    deploy(driver, 'serving', name, hash);
    for (let minute = 0; minute < 2; minute++) driver.feed(features(minute, [{ icmpShare: 1 }]));
    driver.commit();
    expect(driver.values(DEAD_LETTERS)).toMatchObject([{ code }]);
    expect(driver.values(ANOMALIES)).toMatchObject([{ phase: 'began', model: 'icmp' }]);
  });

  test('a model that throws: the one before scores; where none can, that is told, counted, and over when it scores again', () => {
    const driver = open({ model: '' });
    deploy(driver, 'serving', 'icmp', icmp);
    for (let minute = 0; minute < 4; minute++) driver.feed(features(minute, [{ trend: minute === 1 ? 7 : 0 }, { subject: '10.0.0.2', icmpShare: 1, trend: 0 }]));
    expect(driver.discards()).toEqual({ NW_MODEL_FAILED: 2 });
    driver.commit();
    expect(said(driver.values(ANOMALIES))).toEqual(['2: network score/0 unscored began 1', '3: network score/0 unscored over 0', '4: 10.0.0.2 score/60s reconstruction began 2']);
    expect(driver.values(ANOMALIES)[0].evidence[0].name).toBe('NW_MODEL_FAILED');
    expect(driver.values(DEAD_LETTERS)).toEqual([]);
  });

  test('without any model the stream goes on', () => {
    const driver = open({ model: 'nowhere' });
    for (let minute = 0; minute < 3; minute++) driver.feed(features(minute, [{ udpShare: 1 }]));
    expect(driver.discards()).toEqual({ NW_MODEL_UNKNOWN: 3 });
    driver.commit();
    expect(said(driver.values(ANOMALIES))).toEqual(['1: network score/0 unscored began 1']);
  });

  test('a model in the shadow is run on the same windows, its anomalies go aside; without a value it is taken out', () => {
    const driver = open();
    deploy(driver, 'shadow', 'icmp', icmp);
    for (let minute = 0; minute < 4; minute++) {
      if (minute === 2) deploy(driver, 'shadow', null);
      driver.feed(features(minute, [{ udpShare: 1 }, { subject: '10.0.0.2', icmpShare: 1 }]));
    }
    driver.commit();
    expect(driver.values(ANOMALIES).map(({ subject, model }) => `${subject} ${model}`)).toEqual(['10.0.0.1 udp', '10.0.0.1 udp', '10.0.0.1 udp']);
    expect(driver.values(ANOMALIES_SHADOW).map(({ subject, model }) => `${subject} ${model}`)).toEqual(['10.0.0.2 icmp']);
  });

  test('a restart anywhere changes nothing', () => {
    const run = (restart: boolean): unknown => {
      const driver = open();
      deploy(driver, 'shadow', 'icmp', icmp);
      for (let minute = 0; minute < 12; minute++) {
        driver.feed(features(minute, Array.from({ length: 8 }, (_, i) => ({ subject: `10.0.0.${i}`, udpShare: (minute * (i + 1)) % 7 < 4 ? 0.9 : 0.1, icmpShare: (minute + i) % 5 < 3 ? 1 : 0 }))));
        if (restart && minute % 3 === 1) driver.commit(minute % 2 === 0);
        if (restart && minute % 4 === 2) driver.restart();
      }
      driver.commit();
      return driver.outputs.filter(({ topic }) => topic === ANOMALIES || topic === ANOMALIES_SHADOW);
    };
    expect(run(true)).toEqual(run(false));
  });

  test('the shipped model: calm traffic is calm, a flood of small packets is not, though it has no more bytes', () => {
    const driver = open({ model: 'autoencoder' });
    // As many bytes as before.
    const flood = { packets: 60_000, flows: 59_000, meanDurationMs: 1, tcpShare: 0.99, udpShare: 0.01, icmpShare: 0 };
    for (let minute = 0; minute < 4; minute++) driver.feed(features(minute, [{ subject: '10.0.0.1' }, { subject: '10.0.0.2', ...(minute > 0 && flood) }]));
    driver.commit();
    const anomalies = driver.values(ANOMALIES);
    expect(anomalies.map(({ subject, phase, severity }) => `${subject} ${phase} ${severity}`)).toEqual(['10.0.0.2 began warning', '10.0.0.2 goes-on warning']);
    expect(anomalies[0].evidence.map(({ name }) => name)).toContain('bytes a packet');
  });
});
