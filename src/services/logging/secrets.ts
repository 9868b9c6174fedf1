import { isSecretField } from './redact.js';

/** Variables with URLs that may hold a password. */
const URLS = ['HULLCAST_QUEUE', 'HULLCAST_DB', 'HULLCAST_STORE', 'HULLCAST_SERVER'] as const;
/** `key=value,key=value`: headers for the collector of traces, tokens among them. */
const HEADERS = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'] as const;

/** Every value in an environment that nobody may read in a log: by the variable's name, and the passwords of URLs. */
export function secretsOf(env: NodeJS.ProcessEnv): string[] {
  const named = Object.entries(env).flatMap(([name, value]) => (value && isSecretField(name) ? [value] : []));
  const passwords = URLS.flatMap((name) => passwordsIn(env[name] ?? ''));
  const headers = HEADERS.flatMap((name) => (env[name] ?? '').split(',').map(valueOf));
  return [...named, ...passwords, ...headers].filter((secret) => secret !== '');
}

/** The password of a URL as it is written and as it is meant. */
function passwordsIn(url: string): string[] {
  const written = /^[a-z][a-z0-9+.-]*:\/\/[^:@/]*:([^/?#]*)@/i.exec(url)?.[1];
  if (!written) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written]; // a lone %: then it is meant as it is written
  }
}

function valueOf(header: string): string {
  return header.slice(header.indexOf('=') + 1).trim();
}
