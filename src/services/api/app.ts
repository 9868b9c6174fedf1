import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { type ZodTypeProvider, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { HullcastError } from '../../errors.js';
import { BASIC, BEARER } from './auth.js';
import { crossOrigin } from './cors.js';
import { deliveryRoutes } from './deliveries.js';
import { type AdminPages, type Api, type ApiContext, type ApiDeps, DEFAULT_LIMITS } from './deps.js';
import { eventRoutes } from './events.js';
import { fileRoutes } from './files.js';
import { type Gate, openGate } from './gate.js';
import { openApi, problemResponse } from './openapi.js';
import { overviewRoute } from './overview.js';
import { clientError, routeNotFound, sendProblem } from './problem-handlers.js';
import { refuseOtherSites } from './same-origin.js';
import { titleRoutes } from './titles.js';
import { tokenRoutes } from './tokens.js';
import { createTus, startUploadSweep, uploadRoutes } from './uploads/index.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer, or the body, is a stream of any length: no time limit but that of silence. */
    streams?: boolean;
  }
}

function createServer({ log, limits, trustedProxies }: ApiContext): Api {
  // By this name, as a server that knew more of its logger would be no Api.
  const loggerInstance: FastifyBaseLogger = log;
  return fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    connectionTimeout: limits.idleSeconds * 1000,
    // Of a whole request, which may be an upload of hours; headers have a limit below, JSON bodies one in their routes.
    requestTimeout: 0,
    keepAliveTimeout: 72_000,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.requestSeconds * 1000,
      connectionsCheckingInterval: 2000,
    },
    trustProxy: trustedProxies && trustedProxies.length > 0 ? [...trustedProxies] : false,
    // Both answer in another form than everything else: see below.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    clientErrorHandler: (error, socket) => clientError(error, socket, log),
    routerOptions: { maxParamLength: 1024 },
  }).withTypeProvider<ZodTypeProvider>();
}

/**
 * While the server closes it finishes what it has begun, begins nothing, and keeps no connection. Downloads that are not
 * at their end after `seconds` are cut off.
 */
function addShutdown(api: Api, seconds: number): void {
  let closing = false;
  let deadline: NodeJS.Timeout | undefined;
  api.addHook('preClose', (done) => {
    closing = true;
    deadline = setTimeout(() => api.server.closeAllConnections(), seconds * 1000);
    done();
  });
  api.addHook('onClose', (_instance, done) => {
    clearTimeout(deadline);
    done();
  });
  api.addHook('onRequest', (_request, _reply, done) => {
    if (closing) done(new HullcastError('SHUTTING_DOWN', 'the server is shutting down', { transient: true }));
    else done();
  });
  api.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done(null, payload);
  });
}

/** Everything below /v1. */
async function version1(v1: Api, context: ApiContext, gate: Gate): Promise<void> {
  const { limits } = context;
  v1.addHook('onRequest', async (request, reply) => {
    if (crossOrigin(request, reply, context.corsOrigins ?? [])) return reply.code(204).send();
  });
  v1.addHook('onRoute', (route) => {
    if (route.config?.streams !== true) route.handlerTimeout = limits.requestSeconds * 1000;
    route.schema = {
      ...route.schema,
      response: { ...(route.schema?.response as object), default: problemResponse },
    };
  });
  // Its own, so that the hooks here run for paths that there are not, too: they count, and answer preflights.
  v1.setNotFoundHandler(routeNotFound);
  gate.guard(v1, { scheme: BEARER });
  const tus = createTus(context);
  await v1.register((uploads, _options, done) => {
    uploadRoutes(uploads, context, tus);
    done();
  });
  const sweep = startUploadSweep(tus, context.db.uploads, context.log, limits.sweepSeconds * 1000);
  v1.addHook('onClose', () => sweep.stop());
  titleRoutes(v1, context, tus);
  deliveryRoutes(v1, context);
  fileRoutes(v1, context);
  eventRoutes(v1, context);
  overviewRoute(v1, context);
  tokenRoutes(v1, context);
}

/** Pages that a browser opens with an administrator's token, which it then sends by itself with everything below them. */
async function adminPages(part: Api, { limits }: ApiContext, gate: Gate, pages: AdminPages): Promise<void> {
  part.addHook('onRoute', (route) => {
    route.handlerTimeout = limits.requestSeconds * 1000;
    route.schema = { ...route.schema, hide: true };
  });
  part.addHook('onRequest', (request, reply, done) => {
    void reply.header('cache-control', 'no-store');
    refuseOtherSites(request);
    done();
  });
  gate.guard(part, { scheme: BASIC, scope: 'admin' });
  part.setNotFoundHandler(routeNotFound);
  await part.register(pages.plugin);
}

/**
 * The ingest API, ready to listen or to be given more routes (which are not below /v1). Until it is closed it also removes
 * uploads that have expired. Closing it ends its event streams, keeps of uploads what has come, and takes half a minute at
 * most; what it was given stays the caller's.
 */
export async function createApi(deps: ApiDeps): Promise<Api> {
  const context: ApiContext = { ...deps, limits: { ...DEFAULT_LIMITS, ...deps.limits } };
  const api = createServer(context);
  api.server.maxConnections = context.limits.connections;
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  api.setErrorHandler(sendProblem);
  api.setNotFoundHandler(routeNotFound);

  addShutdown(api, context.limits.requestSeconds);
  api.addHook('onRequest', (_request, reply, done) => {
    void reply.headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    done();
  });

  await openApi(api, deps.version);
  const gate = await openGate(api, context);
  await api.register((v1) => version1(v1 as Api, context, gate), { prefix: '/v1' });
  const { admin } = deps;
  if (admin)
    await api.register((part) => adminPages(part as Api, context, gate, admin), { prefix: admin.path });
  return api;
}
