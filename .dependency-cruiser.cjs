// Which file may import which: docs/architecture.md, "Where things may point". Type imports count like any other.
const STAGES = 'ingest|text|chunker|vmaf|encode|watermark|package|images|distribute|report';
const BASE = 'storage|media|db|conformance';
const FOLDERS = `${STAGES}|pipeline|keys|${BASE}`;
const TOP = 'title|services|web|cli';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one concern, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-deep-imports',
      comment: "Another folder's files are its own business: import its index.ts.",
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: '^src/web/dashboard/' },
      to: {
        path: '^src/([^/]+)/',
        pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/services/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'services-are-used-through-their-index',
      comment: 'A service is a folder: what others may use of it is in its index.ts.',
      severity: 'error',
      from: { path: '^src/services/([^/]+)/' },
      to: { path: '^src/services/([^/]+)/', pathNot: ['^src/services/$1/', '/index\\.ts$'] },
    },
    {
      name: 'no-deep-imports-from-outside',
      comment: 'Workers and benchmarks use what everybody may use. (Tests look inside what they test.)',
      severity: 'error',
      from: { path: '^(workers|bench|fixtures)/' },
      to: { path: '^src/[^/]+/', pathNot: '^src/([^/]+/index|services/[^/]+/index|cli/command-line)\\.ts$' },
    },
    {
      name: 'base-stands-alone',
      comment: 'pipeline, storage, media, db and conformance know nothing of what is built on them.',
      severity: 'error',
      from: { path: `^src/(pipeline|${BASE})/` },
      to: { path: `^(src/(${STAGES}|${TOP})|workers)/` },
    },
    {
      name: 'base-stands-below-pipeline',
      severity: 'error',
      from: { path: `^src/(${BASE})/` },
      to: { path: '^src/pipeline/' },
    },
    {
      name: 'base-folders-stand-apart',
      severity: 'error',
      from: { path: `^src/(${BASE})/` },
      to: { path: `^src/(${BASE})/`, pathNot: '^src/$1/' },
    },
    {
      name: 'conformance-is-for-packages-and-commands',
      comment: 'It reads streams, whoever made them: the verify stage and hullcast verify ask it.',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/(conformance|package|cli)/' },
      to: { path: '^src/conformance/' },
    },
    {
      name: 'keys-know-the-store-only',
      comment: 'Where keys come from concerns neither stages nor titles; who uses keys brings the store.',
      severity: 'error',
      from: { path: '^src/keys/' },
      to: { path: '^(src|workers)/', pathNot: '^src/(keys|storage)/|^src/(errors|lock)\\.ts$' },
    },
    {
      name: 'base-knows-no-keys',
      comment: 'The pipeline knows what a key service is: it gives stages the one of their process.',
      severity: 'error',
      from: { path: `^src/(${BASE})/` },
      to: { path: '^src/keys/' },
    },
    {
      name: 'stages-do-not-look-up',
      comment: 'A stage is run by the flow of a title; it knows neither that nor the command line.',
      severity: 'error',
      from: { path: `^src/(${STAGES})/` },
      to: { path: `^(src/(${TOP})|workers)/` },
    },
    {
      name: 'stages-are-not-reports',
      comment: 'The report reads what stages gave; stages know nothing of it.',
      severity: 'error',
      from: { path: '^src/(ingest|text|chunker|vmaf|encode|watermark|package|images|distribute)/' },
      to: { path: '^src/report/' },
    },
    {
      name: 'title-does-not-look-up',
      severity: 'error',
      from: { path: '^src/title/' },
      to: { path: '^(src/(services|web|cli)|workers)/' },
    },
    {
      name: 'services-do-not-look-up',
      severity: 'error',
      from: { path: '^src/services/' },
      to: { path: '^(src/cli|workers)/' },
    },
    {
      name: 'dashboard-runs-in-a-browser',
      comment:
        'It takes the types of the API, the parser of its events, what of the report needs no Node, how Shaka Player is configured, and packages for browsers.',
      severity: 'error',
      from: { path: '^src/web/dashboard/' },
      to: {
        pathNot: [
          '^src/web/dashboard/',
          '^src/report/browser\\.ts$',
          '^src/services/contract/schema\\.ts$',
          '^src/services/client/sse\\.ts$',
          '^src/web/shaka-settings\\.ts$',
          '^node_modules/(preact|shaka-player)/',
        ],
      },
    },
    {
      name: 'dashboard-takes-only-types-of-the-api',
      comment: 'The schemas themselves would bring their library along.',
      severity: 'error',
      from: { path: '^src/web/dashboard/' },
      to: {
        path: '^src/services/',
        pathNot: '^src/services/client/sse\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'event-parser-needs-nothing',
      comment: 'Browsers and Node share it.',
      severity: 'error',
      from: { path: '^src/services/client/sse\\.ts$' },
      to: {},
    },
    {
      name: 'report-for-browsers-needs-no-node',
      severity: 'error',
      from: { path: '^src/report/browser\\.ts$' },
      to: { reachable: true, path: '^src/(?!report/)' },
    },
    {
      name: 'nobody-imports-the-dashboard',
      comment: 'The build makes files of it; src/web/dashboard-files.ts serves them.',
      severity: 'error',
      from: { pathNot: '^(src/web/dashboard|test)/' },
      to: { path: '^src/web/dashboard/' },
    },
    {
      name: 'errors-need-nothing',
      severity: 'error',
      from: { path: '^src/errors\\.ts$' },
      to: { path: '^(src|workers)/' },
    },
    {
      name: 'lock-needs-errors-only',
      comment: 'What lies beside the folders is used by all of them.',
      severity: 'error',
      from: { path: '^src/lock\\.ts$' },
      to: { path: '^(src|workers)/', pathNot: '^src/errors\\.ts$' },
    },
    {
      name: 'product-does-not-need-tests',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: '^(test|bench|fixtures)/' },
    },
    {
      name: 'product-needs-no-dev-dependencies',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/web/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-unknown-folders',
      comment: 'A new folder of src/ gets its place in the rules above.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/[^/]+/', pathNot: `^src/(${FOLDERS}|${TOP})/` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types too: a cycle of types is as hard to read as one of values.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
