import { HullcastError } from '../../errors.js';

/** What codes of Node's network layers mean; those that cannot pass by themselves are marked. */
const REASONS: Readonly<Record<string, { why: string; lasting?: true }>> = {
  ECONNREFUSED: { why: 'the connection was refused' },
  ECONNRESET: { why: 'the connection was cut' },
  EPIPE: { why: 'the connection was cut' },
  UND_ERR_SOCKET: { why: 'the connection was cut' },
  ENOTFOUND: { why: 'there is no host of this name', lasting: true },
  EAI_AGAIN: { why: 'the name of the host cannot be looked up now' },
  EHOSTUNREACH: { why: 'there is no route to the host' },
  ENETUNREACH: { why: 'there is no route to the network' },
  ETIMEDOUT: { why: 'the connection could not be made in time' },
  UND_ERR_CONNECT_TIMEOUT: { why: 'the connection could not be made in time' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { why: 'its certificate is self-signed', lasting: true },
  SELF_SIGNED_CERT_IN_CHAIN: { why: 'its certificate is self-signed', lasting: true },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { why: 'its certificate cannot be verified', lasting: true },
  CERT_HAS_EXPIRED: { why: 'its certificate has expired', lasting: true },
  ERR_TLS_CERT_ALTNAME_INVALID: { why: 'its certificate is for another name', lasting: true },
  EPROTO: { why: 'it does not speak TLS', lasting: true },
  ERR_SSL_WRONG_VERSION_NUMBER: { why: 'it does not speak TLS', lasting: true },
};

/** The code of an error or of the first of its causes that has one. */
export function causeCode(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
  }
  return undefined;
}

/** True where the request cannot have reached the server: it may be sent again, whatever it asks for. */
export function neverArrived(error: HullcastError): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(causeCode(error.cause) ?? '');
}

/** An error of the network as SERVER_UNREACHABLE, in plain words; transient unless it cannot pass by itself. */
export function unreachable(server: string, cause: unknown): HullcastError {
  const code = causeCode(cause);
  const known = code === undefined ? undefined : REASONS[code];
  const why = known?.why ?? (cause instanceof Error ? cause.message : String(cause));
  return new HullcastError(
    'SERVER_UNREACHABLE',
    `cannot reach ${server}: ${why}${code === undefined ? '' : ` (${code})`}`,
    {
      hint: 'Does `hullcast serve` run there? Another server is named with --server or HULLCAST_SERVER.',
      transient: known?.lasting !== true,
      cause,
    },
  );
}

/** SERVER_TIMEOUT: no answer, or no more of it, for so long. Transient. */
export function timedOut(server: string, ms: number): HullcastError {
  return new HullcastError('SERVER_TIMEOUT', `${server} did not answer within ${Math.round(ms / 1000)} s`, {
    hint: 'The server is busy or stuck, or something between here and there drops the connection: try again.',
    transient: true,
  });
}
