/**
 * Who asks a device: a community (SNMP v2c, RFC 3584) or a user (SNMP v3 with the user-based security model, RFC 3414; SHA-2
 * of RFC 7860, AES of RFC 3826). Secrets stand in the configuration as references and are read when they are used, so that a
 * changed secret holds from the next poll on.
 */
import { readFileSync } from 'node:fs';
import { AuthProtocols, PrivProtocols, SecurityLevel, type User } from 'net-snmp';
import { PollError } from './poll-error';

/** Authentication protocols by their names in the configuration. */
export const AUTHENTICATION = { md5: AuthProtocols.md5, sha1: AuthProtocols.sha, sha224: AuthProtocols.sha224, sha256: AuthProtocols.sha256, sha384: AuthProtocols.sha384, sha512: AuthProtocols.sha512 } as const;

/** Privacy protocols. AES with 256 bits has two ways to lengthen a key: Blumenthal's (net-snmp, most makers) and Reeder's (Cisco, some others). */
export const PRIVACY = { aes128: PrivProtocols.aes, aes256: PrivProtocols.aes256b, aes256c: PrivProtocols.aes256r } as const;

/** Where a secret is: `env:NAME` or `file:/path`. */
export type SecretReference = `env:${string}` | `file:${string}`;

/** A community. */
export interface CommunityCredentials {
  readonly community: SecretReference;
}

/** A user. Without `authPassword` noAuthNoPriv, without `privacyPassword` authNoPriv, with both authPriv. */
export interface UserCredentials {
  readonly user: string;
  readonly auth: keyof typeof AUTHENTICATION;
  readonly authPassword?: SecretReference;
  readonly privacy: keyof typeof PRIVACY;
  readonly privacyPassword?: SecretReference;
  /** Context name (RFC 3411 section 3.3.1); usually empty. */
  readonly context: string;
}

export type Credentials = CommunityCredentials | UserCredentials;

/** Credentials with their secrets: never to be written anywhere. */
export type ResolvedCredentials = { readonly community: string } | { readonly user: User; readonly context: string };

const REFERENCE = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/;
const FIELDS = new Set(['community', 'user', 'auth', 'authPassword', 'privacy', 'privacyPassword', 'context']);

/** What {@link parseCredentials} takes, in words. */
export const CREDENTIALS_ALLOWED =
  '`community`, or `user` with `auth` (md5, sha1, sha224, sha256, sha384, sha512), `authPassword`, `privacy` (aes128, aes256, aes256c), `privacyPassword`, `context`; community and passwords are `env:NAME` or `file:/path`';

/** Credentials as they stand in the configuration. @throws Error, without a word of what was given: it may be a secret */
export function parseCredentials(value: unknown): Credentials {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error(CREDENTIALS_ALLOWED);
  const given = value as Record<string, unknown>;
  const text = (name: string): string | undefined => {
    if (given[name] === undefined) return undefined;
    if (typeof given[name] !== 'string') throw new Error(CREDENTIALS_ALLOWED);
    return given[name];
  };
  const reference = (name: string): SecretReference | undefined => {
    const found = text(name);
    if (found !== undefined && !REFERENCE.test(found)) throw new Error(CREDENTIALS_ALLOWED);
    return found as SecretReference | undefined;
  };
  const [community, user, auth, authPassword, privacy, privacyPassword] = [reference('community'), text('user'), text('auth') ?? 'sha256', reference('authPassword'), text('privacy') ?? 'aes128', reference('privacyPassword')];
  const known = Object.keys(given).every((name) => FIELDS.has(name)) && Object.hasOwn(AUTHENTICATION, auth) && Object.hasOwn(PRIVACY, privacy);
  if (!known || (community === undefined) === (user === undefined) || (privacyPassword !== undefined && authPassword === undefined)) throw new Error(CREDENTIALS_ALLOWED);
  if (community !== undefined) {
    if (Object.keys(given).length > 1) throw new Error(CREDENTIALS_ALLOWED);
    return { community };
  }
  return { user: user!, auth: auth as keyof typeof AUTHENTICATION, authPassword, privacy: privacy as keyof typeof PRIVACY, privacyPassword, context: text('context') ?? '' };
}

/** The secret behind a reference; a file's without the line end. @throws PollError `credentials`, naming the reference alone */
export function secretOf(reference: SecretReference): string {
  const place = reference.slice(reference.indexOf(':') + 1);
  let secret: string | undefined;
  try {
    secret = reference.startsWith('env:') ? process.env[place] : readFileSync(place, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new PollError('credentials', `${reference} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
  }
  if (secret === undefined || secret === '') throw new PollError('credentials', `${reference} is ${secret === undefined ? 'not set' : 'empty'}`);
  return secret;
}

/** The credentials with their secrets. @throws PollError `credentials` */
export function resolveCredentials(credentials: Credentials): ResolvedCredentials {
  if ('community' in credentials) return { community: secretOf(credentials.community) };
  const { user: name, auth, authPassword, privacy, privacyPassword, context } = credentials;
  if (authPassword === undefined) return { user: { name, level: SecurityLevel.noAuthNoPriv }, context };
  const authenticated = { name, authProtocol: AUTHENTICATION[auth] as unknown as AuthProtocols, authKey: secretOf(authPassword) };
  if (privacyPassword === undefined) return { user: { ...authenticated, level: SecurityLevel.authNoPriv }, context };
  return { user: { ...authenticated, level: SecurityLevel.authPriv, privProtocol: PRIVACY[privacy] as unknown as PrivProtocols, privKey: secretOf(privacyPassword) }, context };
}
