import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthProtocols, PrivProtocols, SecurityLevel } from 'net-snmp';
import { loadConfiguration } from '../../../infra/config/load';
import { parseCredentials, resolveCredentials, secretOf } from './credentials';
import type { PollError } from './poll-error';
import { snmpSection } from './settings';

describe('credentials', () => {
  it.each([
    ['a community', { community: 'env:SNMP_COMMUNITY' }],
    ['a user', { user: 'u' }],
    ['a user who signs', { user: 'u', authPassword: 'file:/run/secrets/a' }],
    ['a user who signs and encrypts', { user: 'u', auth: 'sha512', authPassword: 'env:A', privacy: 'aes256', privacyPassword: 'env:P', context: 'c' }],
  ])('%s is taken', (_, given) => expect(parseCredentials(given)).toMatchObject(given));

  it.each([
    ['a community in plain', { community: 'hunter2' }],
    ['a password in plain', { user: 'u', authPassword: 'hunter2' }],
    ['a community and a user', { community: 'env:A', user: 'u' }],
    ['neither', { auth: 'sha256' }],
    ['privacy without authentication', { user: 'u', privacyPassword: 'env:P' }],
    ['an unknown protocol', { user: 'u', auth: 'hunter2', authPassword: 'env:A' }],
    ['an unknown field', { user: 'u', passphrase: 'hunter2' }],
    ['a list', ['hunter2']],
    ['a text', 'hunter2'],
  ])('%s is refused, and not repeated', (_, given) => {
    const text = `snmp.credentials=${JSON.stringify({ core: given })}`;
    let message = '';
    try {
      loadConfiguration({ sections: [snmpSection], sets: [text], environment: {} });
    } catch (error) {
      message = String((error as Error).stack);
    }
    expect(message).toMatch(/snmp\.credentials = the given value \(secret, not shown\)/);
    expect(message).not.toContain('hunter2');
  });

  it('`netweaver config` does not show them', () => {
    const config = loadConfiguration({ sections: [snmpSection], sets: ['snmp.credentials={"default":{"community":"env:SNMP_COMMUNITY"}}'], environment: {} });
    expect(config.effective().find(({ key }) => key === 'credentials')?.value).toBe('***');
  });
});

describe('secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nw-secret-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'community');

  it('come from the environment or a file, whose last line end is left out, and are read again each time', () => {
    process.env.SNMP_TEST_SECRET = 'one';
    expect(secretOf('env:SNMP_TEST_SECRET')).toBe('one');
    writeFileSync(path, ' two \n');
    expect(secretOf(`file:${path}`)).toBe(' two ');
    writeFileSync(path, 'three');
    expect(secretOf(`file:${path}`)).toBe('three');
  });

  it.each([['env:SNMP_TEST_MISSING', /not set/], [`file:${path}-missing`, /ENOENT/], ['env:SNMP_TEST_EMPTY', /empty/]] as const)('%s is not there', (reference, reason) => {
    process.env.SNMP_TEST_EMPTY = '';
    expect(() => secretOf(reference)).toThrow(reason);
    expect(() => secretOf(reference)).toThrow(expect.objectContaining<Partial<PollError>>({ fault: 'credentials' }));
  });

  it('make a user of the level that they allow', () => {
    process.env.SNMP_TEST_SECRET = 'a-password';
    const resolve = (given: object): unknown => resolveCredentials(parseCredentials({ user: 'u', ...given }));
    const [authPassword, privacyPassword] = ['env:SNMP_TEST_SECRET', 'env:SNMP_TEST_SECRET'];
    expect(resolve({})).toEqual({ user: { name: 'u', level: SecurityLevel.noAuthNoPriv }, context: '' });
    expect(resolve({ authPassword })).toEqual({ user: { name: 'u', level: SecurityLevel.authNoPriv, authProtocol: AuthProtocols.sha256, authKey: 'a-password' }, context: '' });
    expect(resolve({ auth: 'sha1', authPassword, privacyPassword, context: 'vrf' })).toEqual({
      user: { name: 'u', level: SecurityLevel.authPriv, authProtocol: AuthProtocols.sha, authKey: 'a-password', privProtocol: PrivProtocols.aes, privKey: 'a-password' },
      context: 'vrf',
    });
  });
});
