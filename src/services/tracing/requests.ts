import { type Context, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { ROOT_CONTEXT, context, propagation, trace } from '@opentelemetry/api';
import type { FastifyPluginCallback, FastifyRequest } from 'fastify';

/** Asked for by machines, every few seconds: nobody looks for them in a trace. */
const UNTRACED: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

interface Traced {
  span: Span;
  context: Context;
}

/** The caller's trace. Its baggage stays outside: it would travel on with every job. */
function callerContext({ headers }: FastifyRequest): Context {
  const { traceparent, tracestate } = headers;
  return propagation.extract(ROOT_CONTEXT, {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
  });
}

/** Plugins keep what they add to themselves, unless they say that they mean the whole server. */
const WHOLE_SERVER = { [Symbol.for('skip-override')]: true };

/** A plugin that puts a span around each request, which is the parent of what the handler does. */
export function requestSpans(tracer: Tracer): FastifyPluginCallback {
  const traced = new WeakMap<FastifyRequest, Traced>();
  const plugin: FastifyPluginCallback = (server, _options, ready) => {
    server.addHook('onRequest', (request, _reply, done) => {
      const route = request.routeOptions.url ?? 'unmatched';
      if (UNTRACED.has(route)) return done();
      const begun = begin(tracer, request, route);
      traced.set(request, begun);
      context.with(begun.context, done);
    });
    // The body arrives in the context of its connection: what comes after it goes back into the request's.
    server.addHook('preValidation', (request, _reply, done) => {
      const known = traced.get(request);
      if (known) context.with(known.context, done);
      else done();
    });
    server.addHook('onError', (request, _reply, error, done) => {
      traced.get(request)?.span.recordException(error);
      done();
    });
    server.addHook('onResponse', (request, reply, done) => {
      const span = traced.get(request)?.span;
      span?.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
      done();
    });
    ready();
  };
  return Object.assign(plugin, WHOLE_SERVER);
}

function begin(tracer: Tracer, request: FastifyRequest, route: string): Traced {
  const attributes = { 'http.request.method': request.method, 'http.route': route };
  const caller = callerContext(request);
  const span = tracer.startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes }, caller);
  return { span, context: trace.setSpan(caller, span) };
}
