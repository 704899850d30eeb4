import { section, text, whole } from '../config/section';

/** Keys of the schema registry. */
export const registrySection = section('registry', 'The schema registry. With the embedded log none is needed; with Kafka its address is.', {
  url: text({ doc: 'Address of a Confluent-compatible registry, e.g. https://registry.example:8081; empty with the embedded log, which keeps its own.', default: '' }),
  user: text({ doc: 'User of the registry (HTTP basic authentication); empty for none.', default: '' }),
  password: text({ doc: "Password of registry.user.", default: '', secret: true }),
  tlsCa: text({ doc: "PEM file with the authorities that may sign the registry's certificate; the system's where empty.", default: '' }),
  tlsCert: text({ doc: "PEM file with this client's certificate; none where empty.", default: '' }),
  tlsKey: text({ doc: 'PEM file with the key of registry.tlsCert.', default: '' }),
  timeoutMs: whole({ doc: 'How long one request may take. Milliseconds.', default: 10_000, min: 100, max: 600_000 }),
  retries: whole({ doc: 'How often a request is tried again where the registry does not answer, with growing pauses from 200 ms to 5 s.', default: 5, min: 0, max: 1000 }),
});
