import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { parse, parseAllDocuments } from 'yaml';

/** An object of Kubernetes, with the file that it is in. */
export interface Manifest {
  file: string;
  object: { apiVersion: string; kind: string; metadata: { name: string }; [field: string]: unknown };
}

const FOLDER = resolve('deploy/kubernetes');

export function kustomization(): { resources: string[]; namespace: string; images: { name: string }[] } {
  return parse(readFileSync(join(FOLDER, 'kustomization.yaml'), 'utf8')) as ReturnType<typeof kustomization>;
}

export function files(): string[] {
  return readdirSync(FOLDER).filter((file) => file !== 'kustomization.yaml');
}

/** Every object in the files of the folder, the example of secrets included. Throws for what is no YAML. */
export function manifests(): Manifest[] {
  return files().flatMap((file) =>
    parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((doc) => {
      if (doc.errors.length > 0) throw doc.errors[0]!;
      return { file, object: doc.toJS() as Manifest['object'] };
    }),
  );
}

/** The package's module in which a kind is described. */
function moduleOf(apiVersion: string): string {
  return apiVersion.startsWith('keda.sh/')
    ? `@kubernetes-models/keda/${apiVersion}`
    : `kubernetes-models/${apiVersion}`;
}

/** Throws where the object does not follow the schema of its kind: what has to be there, and of which type. */
export function validate({ object }: Manifest): void {
  const kinds = createRequire(import.meta.url)(moduleOf(object.apiVersion)) as Record<
    string,
    new (object: unknown) => { validate(): void }
  >;
  const Kind = kinds[object.kind];
  if (!Kind) throw new Error(`there is no ${object.kind} in ${object.apiVersion}`);
  new Kind(object).validate();
}

/**
 * What TypeScript says of the objects, each written out with the type of its kind: names of fields that there are not,
 * which schemas let pass and Kubernetes drops without a word, and values that a field cannot have.
 */
export function typeErrors(all: readonly Manifest['object'][]): string[] {
  const name = join(import.meta.dirname, 'written-manifests.ts');
  const source = all
    .map((object, i) => {
      const type = `import('${moduleOf(object.apiVersion)}').I${object.kind}`;
      return `export const m${i}: ${type} = ${JSON.stringify(object)};`;
    })
    .join('\n');
  const options: ts.CompilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: true, types: [] },
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => path === name || fileExists(path);
  host.readFile = (path) => (path === name ? source : readFile(path));
  host.getSourceFile = (path, target, ...rest) =>
    path === name
      ? ts.createSourceFile(path, source, target, true)
      : getSourceFile.call(host, path, target, ...rest);
  const program = ts.createProgram([name], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
