/** An agent of v3 that answers without the protection that was asked for: anyone on the way could be it. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { AuthProtocols, PrivProtocols, SecurityLevel } from 'net-snmp';
import { isUnprotectedAnswer } from './guarded-socket';
import type { PollError } from './poll-error';
import { DeviceSession } from './session';
import { children, element } from './testing/agent';

const INTEGER = 2;
const OCTETS = 4;
const SEQUENCE = 0x30;
const RESPONSE = 0xa2;
const REPORT = 0xa8;
const ENGINE = Buffer.from('80001f8804666f72676564', 'hex');

const integer = (...bytes: number[]): Buffer => element(INTEGER, Buffer.from(bytes));
const octets = (content: Buffer | string): Buffer => element(OCTETS, Buffer.from(content));

/** A message of SNMPv3 (RFC 3412 section 6). `encrypted` stands for a scoped PDU that cannot be seen. */
function message(id: Buffer, flags: number, pdu: Buffer, encrypted = false): Buffer {
  const security = element(SEQUENCE, octets(ENGINE), integer(1), integer(10), octets(''), octets(''), octets(''));
  const scoped = element(SEQUENCE, octets(ENGINE), octets(''), pdu);
  return element(SEQUENCE, integer(3), element(SEQUENCE, element(INTEGER, id), integer(0, 255, 227), octets(Buffer.of(flags)), integer(3)), octets(security), encrypted ? octets(scoped) : scoped);
}

const pdu = (tag: number, id: Buffer, varbind: Buffer): Buffer => element(tag, element(INTEGER, id), integer(0), integer(0), element(SEQUENCE, varbind));
const varbind = (oid: string, value: Buffer): Buffer => element(SEQUENCE, element(6, Buffer.from(oid, 'hex')), value);
const NAME = varbind('2b06010201010500', octets('forged'));
const UNKNOWN_ENGINE = varbind('2b060106030f0101040' + '0', element(0x41, Buffer.of(1)));
const ID = Buffer.of(1);

it.each([
  ['an answer without protection', message(ID, 0, pdu(RESPONSE, ID, NAME)), true, true],
  ['a signed answer', message(ID, 1, pdu(RESPONSE, ID, NAME)), false, true],
  ['an encrypted answer', message(ID, 3, pdu(RESPONSE, ID, NAME), true), false, false],
  ['an answer that is encrypted and not signed', message(ID, 0, pdu(RESPONSE, ID, NAME), true), true, true],
  ['a report', message(ID, 0, pdu(REPORT, ID, UNKNOWN_ENGINE)), false, false],
])('%s', (_, datagram, refusedWhenSigned, refusedWhenEncrypted) => {
  expect(isUnprotectedAnswer(datagram, SecurityLevel.authNoPriv)).toBe(refusedWhenSigned);
  expect(isUnprotectedAnswer(datagram, SecurityLevel.authPriv)).toBe(refusedWhenEncrypted);
});

describe('a forged answer', () => {
  let forger: Socket;
  beforeEach(async () => {
    forger = createSocket('udp4').bind(0, '127.0.0.1');
    await once(forger, 'listening');
    let told = false;
    forger.on('message', (datagram, from) => {
      const [, header] = children(children(datagram)[0].content);
      const id = children(header.content)[0].content;
      // The engine first, as an agent does; then an answer with the id of the message for that of the request, which is not known.
      forger.send(told ? message(id, 0, pdu(RESPONSE, id, NAME)) : message(id, 0, pdu(REPORT, id, UNKNOWN_ENGINE)), from.port, from.address);
      told = true;
    });
  });
  afterEach(() => void forger.close());

  const ask = async (user: ConstructorParameters<typeof DeviceSession>[0]['credentials']): Promise<unknown> => {
    const session = new DeviceSession({ address: '127.0.0.1', port: forger.address().port, credentials: user, timeoutMs: 100, retries: 0, maxRepetitions: 1, maxRows: 1 });
    return session.get(['1.3.6.1.2.1.1.5.0']).catch((error: PollError) => error.fault).finally(() => session.close());
  };
  const signed = { name: 'u', authProtocol: AuthProtocols.sha256, authKey: 'a-password' };

  it('is taken by a user without protection, who asked for none', async () => {
    expect(await ask({ user: { name: 'u', level: SecurityLevel.noAuthNoPriv }, context: '' })).toEqual([Buffer.from('forged')]);
  });

  it.each([
    ['authNoPriv', { ...signed, level: SecurityLevel.authNoPriv }],
    ['authPriv', { ...signed, level: SecurityLevel.authPriv, privProtocol: PrivProtocols.aes, privKey: 'a-password' }],
  ])('is refused with %s', async (_, user) => {
    expect(await ask({ user, context: '' })).toBe('malformed');
  });
});
