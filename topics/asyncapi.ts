/** `docs/asyncapi.json`: the catalogue as an AsyncAPI 3.0.0 document, under the default configuration. */
import { CATALOGUE } from './catalogue';
import type { Topic } from './catalogue';
import { topicSettings } from './names';
import { defaults } from './page';

const BINDING = { bindingVersion: '0.5.0' };
const ref = (...path: readonly string[]): { $ref: string } => ({ $ref: `#/${path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}` });
const shortName = (topic: Topic): string => topic.record.name.split('.').at(-1) as string;

/** Components of the system, not people. */
const parts = (names: readonly string[]): string[] => names.filter((name) => /^[a-z]+(: [a-z-]+)?$/.test(name)).map((name) => name.replace(': ', '.'));

function channel(topic: Topic): object {
  const { partitions, cleanup, retentionMs = -1, retentionBytes = -1 } = topicSettings(topic, defaults);
  return {
    address: topic.name,
    title: topic.name,
    summary: topic.doc,
    description: `A record is ${topic.holds}. Key: ${topic.key}. Partition: ${topic.partitioning}.`,
    messages: { [shortName(topic)]: ref('components', 'messages', topic.name) },
    bindings: { kafka: { topic: topic.name, partitions, replicas: 1, topicConfiguration: { 'cleanup.policy': [cleanup], ...(cleanup === 'delete' && { 'retention.ms': retentionMs }), 'retention.bytes': retentionBytes }, ...BINDING } },
  };
}

const operation = (topic: Topic, action: 'send' | 'receive', part: string): object => ({
  action,
  title: `${part} ${action === 'send' ? 'writes' : 'reads'} ${topic.name}`,
  channel: ref('channels', topic.name),
  messages: [ref('channels', topic.name, 'messages', shortName(topic))],
});

const message = (topic: Topic): object => ({
  name: topic.record.name,
  title: shortName(topic),
  summary: `What ${topic.name} holds: ${topic.holds}.`,
  contentType: 'application/vnd.apache.avro',
  headers: ref('components', 'schemas', 'EventHeaders'),
  payload: ref('components', 'schemas', shortName(topic)),
  bindings: { kafka: { ...(topic.key === 'none' ? {} : { key: { type: 'string', description: topic.key } }), schemaIdLocation: 'payload', schemaIdPayloadEncoding: 'confluent', schemaLookupStrategy: 'TopicNameStrategy', ...BINDING } },
});

const HEADERS = {
  type: 'object',
  description: "CloudEvents 1.0 in Kafka's binary binding, W3C Trace Context, and what the record was computed from.",
  required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time'],
  properties: {
    ce_specversion: { type: 'string', const: '1.0' },
    ce_id: { type: 'string', minLength: 1, description: 'Unique within the source; the same for the same input.' },
    ce_source: { type: 'string', format: 'uri-reference', description: 'The component that wrote it.' },
    ce_type: { type: 'string', description: 'Full name of the record.' },
    ce_time: { type: 'string', format: 'date-time' },
    traceparent: { type: 'string', pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' },
    causes: { type: 'string', description: 'Words with a space between: topic/partition/first-last for offsets, config=<hash> for the configuration of the component.' },
  },
};

const operationsOf = (topic: Topic): [string, object][] => [
  ...parts(topic.writers).map((part): [string, object] => [`${part}.send.${topic.name}`, operation(topic, 'send', part)]),
  ...parts(topic.readers).map((part): [string, object] => [`${part}.receive.${topic.name}`, operation(topic, 'receive', part)]),
];

/** The document. */
export function asyncApi(version: string): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'NetWeaver',
      version,
      description: 'The topics of NetWeaver: network flows, counters and what is computed from them. Names stand without the configured prefix; partitions and retention are the defaults.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/vnd.apache.avro',
    servers: {
      kafka: { host: '{brokers}', protocol: 'kafka', description: 'The Kafka cluster of `kafka.brokers`.', variables: { brokers: { default: '127.0.0.1:9092' } }, bindings: { kafka: { schemaRegistryVendor: 'confluent', ...BINDING } } },
    },
    channels: Object.fromEntries(CATALOGUE.map((topic) => [topic.name, channel(topic)])),
    operations: Object.fromEntries(CATALOGUE.flatMap(operationsOf)),
    components: {
      messages: Object.fromEntries(CATALOGUE.map((topic) => [topic.name, message(topic)])),
      schemas: {
        EventHeaders: HEADERS,
        ...Object.fromEntries(CATALOGUE.map((topic) => [shortName(topic), { schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema: JSON.parse(topic.record.schema) as object }])),
      },
    },
  };
}

/** The document's text. */
export const asyncApiPage = (version: string): string => JSON.stringify(asyncApi(version), null, 2) + '\n';
