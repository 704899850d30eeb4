/**
 * A Confluent-compatible registry server. Each subject is set to BACKWARD_TRANSITIVE before its first schema, and texts
 * are sent as they are, so that one schema has one id however often it is registered.
 */
import type { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { COMPATIBILITY, SchemaRegistry as Client, SchemaType } from '@kafkajs/confluent-schema-registry';
import { typeOf } from './compatibility';
import { NetWeaverError } from '../errors';
import { registryAgent, registryRequest, RegistryReply } from './http';
import type { RegistryValues } from './http';
import type { SchemaRegistry } from './registry';

const FIRST_PAUSE_MS = 200;
const LAST_PAUSE_MS = 5000;

/** A connection to a registry; nothing is sent before it is used. */
export class ConfluentRegistry implements SchemaRegistry {
  private readonly agent: Agent;
  private readonly client: Client;
  private readonly texts = new Map<number, string>();

  /** @throws NW_CONFIG_INVALID the address or a certificate */
  constructor(private readonly values: RegistryValues) {
    const { url, user, password } = values;
    this.agent = registryAgent(values);
    this.client = new Client({ host: url.replace(/\/+$/, ''), auth: user === '' ? undefined : { username: user, password }, agent: this.agent, retry: { retries: 0 } });
  }

  async register(subject: string, schema: string): Promise<number> {
    try {
      typeOf(schema);
    } catch (error) {
      throw new NetWeaverError('NW_SCHEMA_INCOMPATIBLE', `${subject}: not a schema: ${(error as Error).message}`, { cause: error });
    }
    const path = `/config/${encodeURIComponent(subject)}`;
    return this.insist(async () => {
      const level = (await this.request('GET', path).catch(absent)) as { compatibilityLevel?: string } | undefined;
      if (level?.compatibilityLevel !== COMPATIBILITY.BACKWARD_TRANSITIVE) await this.request('PUT', path, { compatibility: COMPATIBILITY.BACKWARD_TRANSITIVE });
      const registered = this.client.register({ type: SchemaType.AVRO, schema }, { subject, compatibility: COMPATIBILITY.BACKWARD_TRANSITIVE });
      return (await within(this.values.timeoutMs, registered)).id;
    }, subject);
  }

  async schema(id: number): Promise<string> {
    const known = this.texts.get(id);
    if (known !== undefined) return known;
    const { schema } = (await this.insist(() => this.request('GET', `/schemas/ids/${id}`), `schema ${id}`)) as { schema: string };
    this.texts.set(id, schema);
    return schema;
  }

  async close(): Promise<void> {
    this.agent.destroy();
  }

  private request(method: string, path: string, body?: unknown): Promise<unknown> {
    return registryRequest(this.values, this.agent, method, path, body);
  }

  /** Tries again while the registry does not answer; turns what remains into a coded error. */
  private async insist<T>(attempt: () => Promise<T>, what: string): Promise<T> {
    for (let failures = 0; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        const coded = this.coded(error as Error, what);
        if (coded.code !== 'NW_REGISTRY_UNREACHABLE' || failures >= this.values.retries) throw coded;
        await pause(Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
      }
    }
  }

  private coded(error: Error, what: string): NetWeaverError {
    const { status } = error as { status?: number };
    const detail = `${what}: ${error.message}`;
    if (status === 409 || status === 422) return new NetWeaverError('NW_SCHEMA_INCOMPATIBLE', detail, { cause: error });
    if (status === 404) return new NetWeaverError('NW_SCHEMA_UNKNOWN', detail, { cause: error });
    if (status === 401 || status === 403) return new NetWeaverError('NW_REGISTRY_REFUSED', detail, { cause: error });
    return new NetWeaverError('NW_REGISTRY_UNREACHABLE', `${this.values.url}: ${detail}`, { cause: error });
  }
}

/** A subject without a level of its own. */
function absent(error: unknown): undefined {
  if (error instanceof RegistryReply && error.status === 404) return undefined;
  throw error;
}

/** Rejects where a promise takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = pause(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`No reply within ${ms} ms.`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}
