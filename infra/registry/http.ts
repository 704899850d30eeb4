/** Requests to a registry's REST interface that @kafkajs/confluent-schema-registry has no call for. */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { ValuesOf } from '../config/section';
import { NetWeaverError } from '../errors';
import type { registrySection } from './settings';

/** Values of the section `registry`. */
export type RegistryValues = ValuesOf<typeof registrySection>;

/** A reply that is not 2xx. */
export class RegistryReply extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** No schema is longer. */
const MOST_BYTES = 16 * 2 ** 20;

const pem = (key: string, path: string): Buffer | undefined => {
  if (path === '') return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    throw new NetWeaverError('NW_CONFIG_INVALID', `${key}: '${path}' cannot be read: ${(error as Error).message}`, { cause: error });
  }
};

/** The agent for a registry's address, with its certificates. @throws NW_CONFIG_INVALID */
export function registryAgent({ url, tlsCa, tlsCert, tlsKey }: RegistryValues): HttpAgent {
  const { protocol, username, password } = URL.canParse(url) ? new URL(url) : { protocol: '', username: '', password: '' };
  // An address goes into messages and logs.
  if (username !== '' || password !== '') throw new NetWeaverError('NW_CONFIG_INVALID', 'registry.url: a user or a password in the address is not allowed; set registry.user and registry.password.');
  if (protocol === 'http:') return new HttpAgent({ keepAlive: true });
  if (protocol === 'https:') return new HttpsAgent({ keepAlive: true, ca: pem('registry.tlsCa', tlsCa), cert: pem('registry.tlsCert', tlsCert), key: pem('registry.tlsKey', tlsKey) });
  throw new NetWeaverError('NW_CONFIG_INVALID', `registry.url: '${url}' is not allowed; it must begin with http:// or https://.`);
}

/** Sends a request and resolves to the parsed JSON. @throws RegistryReply not 2xx; Error no reply */
export function registryRequest(values: RegistryValues, agent: HttpAgent, method: string, path: string, body?: unknown): Promise<unknown> {
  const send = values.url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = { accept: 'application/vnd.schemaregistry.v1+json' };
    if (body !== undefined) headers['content-type'] = 'application/vnd.schemaregistry.v1+json';
    if (values.user !== '') headers['authorization'] = `Basic ${Buffer.from(`${values.user}:${values.password}`).toString('base64')}`;
    const request = send(`${values.url.replace(/\/+$/, '')}${path}`, { agent, method, headers, signal: AbortSignal.timeout(values.timeoutMs) }, (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on('data', (part: Buffer) => {
        length += part.length;
        if (length > MOST_BYTES) response.destroy(new Error('The reply is too long.'));
        else parts.push(part);
      });
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        const status = response.statusCode ?? 0;
        if (status < 200 || status > 299) return reject(new RegistryReply(status, `${method} ${path}: ${status} ${text.slice(0, 500)}`));
        try {
          resolve(JSON.parse(text));
        } catch {
          reject(new Error(`${method} ${path}: the reply is not JSON.`));
        }
      });
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
