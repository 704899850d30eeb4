import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ClientError } from './client';
import { coded, CODE, commonSettings } from './client';
import { kafkajsConfig } from './admin';
import { kafkaSettings } from './testing';

const settings = kafkaSettings('broker.example:9093');
const error = (code: number, more: Partial<ClientError> = {}): ClientError => Object.assign(new Error('what the client said'), { code, ...more }) as ClientError;

describe('settings of the clients', () => {
  test.each([
    ['nothing', {}, { 'security.protocol': 'plaintext' }],
    ['TLS', { tls: true, tlsCa: '/ca.pem' }, { 'security.protocol': 'ssl', 'ssl.ca.location': '/ca.pem' }],
    ['TLS with a certificate', { tls: true, tlsCert: '/c.pem', tlsKey: '/k.pem' }, { 'ssl.certificate.location': '/c.pem', 'ssl.key.location': '/k.pem' }],
    ['a login', { saslMechanism: 'scram-sha-512' as const, saslUser: 'u', saslPassword: 'p' }, { 'security.protocol': 'sasl_plaintext', 'sasl.mechanisms': 'SCRAM-SHA-512', 'sasl.username': 'u', 'sasl.password': 'p' }],
    ['a login over TLS', { tls: true, saslMechanism: 'plain' as const, saslUser: 'u', saslPassword: 'p' }, { 'security.protocol': 'sasl_ssl', 'sasl.mechanisms': 'PLAIN' }],
  ])('librdkafka with %s', (_, more, expected) => {
    expect(commonSettings({ ...settings, ...more })).toMatchObject(expected);
  });

  test('without a login no user and no password are passed on', () => {
    expect(Object.keys(commonSettings(settings)).filter((key) => key.startsWith('sasl') || key.startsWith('ssl'))).toEqual([]);
    expect(kafkajsConfig(settings)).toMatchObject({ brokers: ['broker.example:9093'], sasl: undefined, ssl: undefined });
  });

  test('kafkajs logs in the same way', () => {
    expect(kafkajsConfig({ ...settings, tls: true, saslMechanism: 'scram-sha-256', saslUser: 'u', saslPassword: 'p' })).toMatchObject({ ssl: {}, sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' } });
  });
});

describe('errors of the client', () => {
  test.each([
    ['a newer producer', error(CODE.INVALID_PRODUCER_EPOCH), 'NW_LOG_FENCED'],
    ['a newer member of the same name', error(CODE.FENCED_INSTANCE_ID), 'NW_LOG_FENCED'],
    ['anything fatal', error(CODE.TIMED_OUT, { isFatal: true }), 'NW_LOG_FENCED'],
    ['no such topic', error(CODE.UNKNOWN_TOPIC_OR_PARTITION), 'NW_TOPIC_MISSING'],
    ['a record too large', error(CODE.MESSAGE_TOO_LARGE), 'NW_LOG_REJECTED'],
    ['no connection', error(CODE.TRANSPORT), 'NW_LOG_UNREACHABLE'],
    ['a delivery report, which has no code', error(-1, { message: 'message size too large' }), 'NW_LOG_REJECTED'],
  ])('%s', (_, cause, code) => {
    expect(coded('Trying', cause)).toMatchObject({ code, message: `Trying: ${cause.message}.`, cause });
  });

  test('node-rdkafka that is not compiled is said with the command that adds it', () => {
    jest.isolateModules(() => {
      jest.doMock('node-rdkafka', () => {
        throw new Error('Could not locate the bindings file.');
      });
      const { client } = jest.requireActual<typeof import('./client')>('./client');
      expect(client).toThrow(expect.objectContaining({ code: 'NW_KAFKA_CLIENT_MISSING', message: expect.stringContaining('npm run add:kafka') }));
      jest.dontMock('node-rdkafka');
    });
  });

  test('a worker thread is refused instead of crashing the process', async () => {
    const hook = join(__dirname, '../../../tests/typescript.cjs');
    const code = `require(${JSON.stringify(hook)});
      try { require(${JSON.stringify(join(__dirname, 'client.ts'))}).client(); } catch (error) { require('node:worker_threads').parentPort.postMessage(error.message); }`;
    const [message] = await once(new Worker(code, { eval: true }), 'message');
    expect(message).toContain('main thread');
  });
});
