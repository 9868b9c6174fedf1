// Shared with the benchmarks, which may not import tests.
export * from '../../fixtures/postgres-server.js';
