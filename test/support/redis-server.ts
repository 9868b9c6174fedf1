// Shared with the benchmarks, which may not import tests.
export * from '../../fixtures/redis-server.js';
