import { badUsage } from '../../errors.js';

/**
 * Where traces go, by the variables that OpenTelemetry names; undefined where nobody wants any. Throws OTEL_ENDPOINT.
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/)
 */
export function tracesUrl(env: NodeJS.ProcessEnv): string | undefined {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (own) return checked(own, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!base) return undefined;
  return `${checked(base, 'OTEL_EXPORTER_OTLP_ENDPOINT').replace(/\/$/, '')}/v1/traces`;
}

function checked(url: string, variable: string): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined;
  if (protocol === 'http:' || protocol === 'https:') return url;
  // Not repeated in the message: it may hold a password.
  throw badUsage(
    'OTEL_ENDPOINT',
    `${variable} is not an http or https URL`,
    'Give the address of a collector that takes OTLP over HTTP, such as http://127.0.0.1:4318.',
  );
}
