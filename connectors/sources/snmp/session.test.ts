import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parseCredentials, resolveCredentials, type ResolvedCredentials } from './credentials';
import { PollError } from './poll-error';
import { readDevice } from './read-device';
import { DeviceSession, follows, type SessionOptions } from './session';
import { deviceWith, TestAgent } from './testing/agent';
import { COMMUNITY, HAS_SNMPD, startSnmpd, USERS, type Snmpd } from './testing/snmpd';

const IF_DESCR = '1.3.6.1.2.1.2.2.1.2';
const IF_NAME = '1.3.6.1.2.1.31.1.1.1.1';

const sessions: DeviceSession[] = [];
function open(port: number, over: Partial<SessionOptions> = {}): DeviceSession {
  const session = new DeviceSession({ address: '127.0.0.1', port, credentials: { community: 'public' }, timeoutMs: 150, retries: 0, maxRepetitions: 20, maxRows: 1000, ...over });
  sessions.push(session);
  return session;
}
afterEach(() => sessions.splice(0).forEach((session) => session.close()));

const faultOf = async (work: Promise<unknown>): Promise<string> => work.then(() => 'none', (error: PollError) => error.fault);

async function columns(session: DeviceSession, ...oids: string[]): Promise<string[][]> {
  const found: string[][] = oids.map(() => []);
  await session.walk(oids, (column, index) => found[column].push(index));
  return found;
}

describe('a session with an agent', () => {
  let agent: TestAgent;
  const all = Array.from({ length: 50 }, (_, i) => i + 1);
  const indices = all.map(String);
  beforeEach(async () => {
    agent = await TestAgent.start();
    agent.hold(deviceWith(all));
  });
  afterEach(() => agent.stop());

  it('gets values, null for those that are not there', async () => {
    expect(await open(agent.port).get(['1.3.6.1.2.1.1.5.0', '1.3.6.1.2.1.1.99.0', '1.3.6.1.2.1.1.3.0'])).toEqual([Buffer.from('test-device'), null, 10_000]);
  });

  it.each([[1400, 20], [300, 20], [70, 20], [60_000, 100], [1400, 1]])('walks columns side by side, an answer cut at %i bytes, %i rows asked for', async (room, maxRepetitions) => {
    agent.room = room;
    expect(await columns(open(agent.port, { maxRepetitions }), IF_DESCR, IF_NAME)).toEqual([indices, indices]);
  });

  it('walks a column with holes and one that is not there', async () => {
    const values = deviceWith(all);
    for (const i of [1, 7, 8, 50]) delete values[`${IF_NAME}.${i}`];
    agent.hold(values);
    const kept = indices.filter((i) => !['1', '7', '8', '50'].includes(i));
    expect(await columns(open(agent.port), IF_DESCR, IF_NAME, '1.3.6.1.9.9')).toEqual([indices, kept, []]);
  });

  it('asks for fewer rows where the agent says that an answer would be too large, and not for more again', async () => {
    agent.tooBigAbove = 3;
    const session = open(agent.port);
    expect(await columns(session, IF_DESCR)).toEqual([indices]);
    agent.requests = 0;
    await columns(session, IF_DESCR);
    expect(agent.requests).toBe(26);
    agent.tooBigAbove = 0;
    expect(await faultOf(columns(session, IF_DESCR))).toBe('agent_error');
  });

  it('stops at a table without end', async () => {
    expect(await faultOf(columns(open(agent.port, { maxRows: 49 }), IF_DESCR))).toBe('too_many_rows');
    expect(await faultOf(columns(open(agent.port, { maxRows: 50 }), IF_DESCR))).toBe('none');
  });

  it('stops at an agent that goes round in its table', async () => {
    /** Where the request id lies: behind version, community and the heads of message and PDU. */
    const idOf = (answer: Buffer): { at: number; length: number } => {
      const pdu = answer.indexOf(0xa2, 10);
      const at = pdu + 2 + (answer[pdu + 1] > 0x80 ? answer[pdu + 1] & 0x7f : 0);
      return { at, length: 2 + answer[at + 1] };
    };
    let first: Buffer | null = null;
    agent.spoil = (answer) => {
      // The first answer again and again, each time with the id that is due. Ids take three bytes or four: of so many answers two after each other are alike.
      if (first === null || idOf(first).length !== idOf(answer).length) first = answer;
      const repeated = Buffer.from(first);
      const { at, length } = idOf(answer);
      answer.copy(repeated, idOf(first).at, at, at + length);
      return repeated;
    };
    expect(await faultOf(columns(open(agent.port, { maxRepetitions: 1 }), IF_DESCR))).toBe('malformed');
  });

  it.each([
    ['cut off', (answer: Buffer) => answer.subarray(0, answer.length >> 1)],
    ['garbage', () => Buffer.from('no SNMP at all')],
    ['empty', () => Buffer.alloc(0)],
  ])('an answer that is %s is malformed, and does no other harm', async (_, spoil) => {
    agent.spoil = spoil;
    const session = open(agent.port);
    expect(await faultOf(session.get(['1.3.6.1.2.1.1.5.0']))).toBe('malformed');
    agent.spoil = (answer) => answer;
    expect(await session.get(['1.3.6.1.2.1.1.5.0'])).toEqual([Buffer.from('test-device')]);
  });

  it('survives answers with any byte changed', async () => {
    let turn = 0;
    agent.spoil = (answer) => {
      const changed = Buffer.from(answer);
      changed[(turn * 7) % changed.length] ^= 1 << turn % 8;
      turn++;
      return changed;
    };
    const faults = new Set<string>();
    await Promise.all(Array.from({ length: 300 }, async () => faults.add(await faultOf(columns(open(agent.port, { timeoutMs: 50, maxRepetitions: 5 }), IF_DESCR)))));
    for (const fault of faults) expect(['none', 'malformed', 'timeout', 'agent_error', 'authentication']).toContain(fault);
  });

  it('a wrong community is not answered', async () => {
    expect(await faultOf(open(agent.port, { credentials: { community: 'another' } }).get(['1.3.6.1.2.1.1.5.0']))).toBe('timeout');
  });

  it('sends again what was not answered', async () => {
    let lost = 2;
    agent.spoil = (answer) => (lost-- > 0 ? null : answer);
    expect(await open(agent.port, { retries: 2 }).get(['1.3.6.1.2.1.1.5.0'])).toEqual([Buffer.from('test-device')]);
    expect(agent.requests).toBe(3);
  });

  it('takes no answer from elsewhere', async () => {
    const device = createSocket('udp4').bind(0, '127.0.0.1');
    await once(device, 'listening');
    const elsewhere = createSocket('udp4').bind(0, '127.0.0.2');
    await once(elsewhere, 'listening');
    // The device stays silent; a right answer comes from another address.
    agent.spoil = (answer) => {
      elsewhere.send(answer, asker.port, asker.address);
      return null;
    };
    let asker = { port: 0, address: '' };
    device.on('message', (datagram, from) => {
      asker = from;
      device.send(datagram, agent.port, '127.0.0.1');
    });
    expect(await faultOf(open(device.address().port).get(['1.3.6.1.2.1.1.5.0']))).toBe('timeout');
    expect(agent.requests).toBe(1);
    device.close();
    elsewhere.close();
  });

  it('what is under way fails when it is closed, with the reason given', async () => {
    agent.spoil = () => null;
    const session = open(agent.port, { timeoutMs: 60_000 });
    const answer = faultOf(session.get(['1.3.6.1.2.1.1.5.0']));
    session.close(new PollError('deadline', 'enough'));
    expect(await answer).toBe('deadline');
    expect(await faultOf(session.get(['1.3.6.1.2.1.1.5.0']))).toBe('deadline');
  });
});

it.each([['1', '2', true], ['2', '10', true], ['10', '2', false], ['3', '3', false], ['1.5', '1.10', true], ['1', '1.1', true], ['1.1', '1', false], ['2.1', '1.9', false]])('row %s is followed by %s: %s', (a, b, expected) => {
  expect(follows(a, b)).toBe(expected);
});

const whenSnmpd = HAS_SNMPD ? describe : describe.skip;
whenSnmpd(HAS_SNMPD ? 'a session with snmpd' : 'a session with snmpd, left out where snmpd is not installed', () => {
  let snmpd: Snmpd;
  beforeAll(async () => void (snmpd = await startSnmpd(21_601)));
  afterAll(() => snmpd?.stop());

  const user = (name: keyof typeof USERS, over: Record<string, string> = {}): ResolvedCredentials => {
    const { auth, level, ...rest } = USERS[name];
    const variables = { AUTHENTICATION: `authentication-${name}`, ENCRYPTION: `encryption-${name}`, WRONG: 'another-password' };
    Object.assign(process.env, Object.fromEntries(Object.entries(variables).map(([key, value]) => [`SNMP_TEST_${key}`, value])));
    const given = {
      user: name,
      auth,
      ...(level === 'noauth' ? {} : { authPassword: 'env:SNMP_TEST_AUTHENTICATION' }),
      ...('privacy' in rest ? { privacy: rest.privacy, privacyPassword: 'env:SNMP_TEST_ENCRYPTION' } : {}),
      ...over,
    };
    return resolveCredentials(parseCredentials(given));
  };
  const read = (credentials: ResolvedCredentials) => readDevice(open(snmpd.port, { credentials, timeoutMs: 2000 }), (error) => {
    throw error;
  });

  it.each(['v2c', ...Object.keys(USERS)])('%s: reads the machine that this runs on', async (name) => {
    const reading = await read(name === 'v2c' ? { community: COMMUNITY } : user(name as keyof typeof USERS));
    expect(reading).toMatchObject({ name: 'a-real-agent', objectId: expect.stringMatching(/^1\.3\.6\.1\.4\.1\.8072\.3\.2\./), description: expect.stringContaining('Linux') });
    expect(reading.uptimeSeconds).toBeLessThan(600);
    const loopback = reading.interfaces.find(({ description }) => description === 'lo');
    expect(loopback).toMatchObject({ ifIndex: 1, name: 'lo', adminUp: true, operUp: true });
    expect(loopback!.counters!.inOctets).toBeGreaterThan(0);
    expect(loopback!.counters!.inOctets).toBe(loopback!.counters!.outOctets);
    expect(reading.health.memoryPercent).toBeGreaterThan(0);
    expect(reading.health.memoryPercent).toBeLessThanOrEqual(100);
    expect(reading.health.memoryBytes).toBeGreaterThan(2 ** 27);
  });

  it.each([
    ['an unknown user', { user: 'nobody' }, 'authentication'],
    ['a wrong authentication password', { authPassword: 'env:SNMP_TEST_WRONG' }, 'authentication'],
    ['a wrong privacy password', { privacyPassword: 'env:SNMP_TEST_WRONG' }, 'authentication'],
    ['another authentication protocol', { auth: 'sha256' }, 'authentication'],
  ])('%s is refused, and no secret told', async (_, over, fault) => {
    const error = await read(user('sha1aes128', over)).catch((reason: PollError) => reason);
    expect(error).toBeInstanceOf(PollError);
    expect((error as PollError).fault).toBe(fault);
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toMatch(/authentication-|encryption-|another-password/);
  });

  it('a user of a lower level than the agent asks for is refused', async () => {
    const unsigned = resolveCredentials(parseCredentials({ user: 'sha1aes128' }));
    expect(await faultOf(read(unsigned))).toMatch(/authentication|agent_error/);
  });
});
