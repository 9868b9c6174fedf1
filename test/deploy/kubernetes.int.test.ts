import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { submittedStages } from '../../src/services/engines/engines.js';
import { FileStore } from '../../src/storage/index.js';
import { scaledObjects } from './expressions.js';
import { type Manifest, files, kustomization, manifests, typeErrors, validate } from './manifests.js';

interface Container {
  name: string;
  image: string;
  args: string[];
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports: { name: string; containerPort: number }[];
  securityContext: object;
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  volumeMounts: { name: string; mountPath: string }[];
  livenessProbe: object;
  readinessProbe: object;
}
interface PodSpec {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds: number;
  securityContext: object;
  tolerations?: { key: string }[];
  containers: Container[];
  volumes: { name: string }[];
}
interface Deployment {
  metadata: { name: string };
  spec: {
    replicas?: number;
    selector: { matchLabels: Record<string, string> };
    template: { metadata: { labels: Record<string, string> }; spec: PodSpec };
  };
}

const all = manifests();
const ofKind = <T>(kind: string): T[] =>
  all.filter(({ object }) => object.kind === kind).map(({ object }) => object as unknown as T);
const deployments = ofKind<Deployment>('Deployment');
const workers = deployments.filter(({ metadata }) => metadata.name.startsWith('hullcast-worker-'));
const container = ({ spec }: Deployment): Container => spec.template.spec.containers[0]!;

/** The value of an option of `hullcast worker`. */
function option(deployment: Deployment, name: string): string {
  const { args } = container(deployment);
  expect(args).toContain(name);
  return args[args.indexOf(name) + 1]!;
}

describe('deploy/kubernetes', () => {
  it.each(
    all.map((manifest): [string, Manifest] => [
      `${manifest.object.kind} ${manifest.object.metadata.name}`,
      manifest,
    ]),
  )('%s follows the schema of its kind', (_, manifest) => validate(manifest));

  it('has no field that there is not, and no value that a field cannot have', () => {
    const [wrong] = structuredClone(deployments);
    Object.assign(container(wrong!), { imagee: 'x' });
    const objects = all.map(({ object }) => object);
    // With one that is wrong, so that the check is seen to find something.
    expect(typeErrors([...objects, wrong as unknown as Manifest['object']])).toEqual([
      expect.stringMatching(/'"imagee"' does not exist in type 'IContainer'/),
    ]);
  });

  it('is all in the kustomization, but for the secrets, which are examples', () => {
    const { resources, namespace, images } = kustomization();
    expect([...resources, 'secret.example.yaml'].toSorted()).toEqual(files().toSorted());
    expect(ofKind<{ metadata: { name: string } }>('Namespace').map(({ metadata }) => metadata.name)).toEqual([
      namespace,
    ]);
    const used = new Set(deployments.map((deployment) => container(deployment).image));
    expect(images.map(({ name }) => name)).toEqual([...used]);
  });
});

describe.each(deployments.map((deployment): [string, Deployment] => [deployment.metadata.name, deployment]))(
  '%s',
  (_, deployment) => {
    const { spec } = deployment.spec.template;

    it('runs as nobody in particular, with a root that cannot be written and no rights at all', () => {
      expect(spec.securityContext).toMatchObject({
        ...{ runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(container(deployment).securityContext).toEqual({
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      });
      expect(spec.automountServiceAccountToken).toBe(false);
    });

    it('can write to /data and /tmp, and has limits', () => {
      const { volumeMounts, resources } = container(deployment);
      expect(volumeMounts.map(({ mountPath }) => mountPath)).toEqual(['/data', '/tmp']);
      const volumes = new Set(spec.volumes.map(({ name }) => name));
      expect(volumeMounts.every(({ name }) => volumes.has(name))).toBe(true);
      expect(Object.keys(resources.requests)).toEqual(expect.arrayContaining(['cpu', 'memory']));
      expect(Object.keys(resources.limits)).toContain('memory');
    });

    it('selects its own pods and nobody else’s, and is asked for its health', () => {
      const { matchLabels } = deployment.spec.selector;
      expect(deployment.spec.template.metadata.labels).toEqual(matchLabels);
      const others = deployments.filter((other) => other !== deployment);
      for (const { spec: other } of others)
        expect(Object.entries(matchLabels).every(([k, v]) => other.template.metadata.labels[k] === v)).toBe(
          false,
        );
      const { livenessProbe, readinessProbe, ports } = container(deployment);
      expect(livenessProbe).toMatchObject({ httpGet: { path: '/livez', port: 'health' } });
      expect(readinessProbe).toMatchObject({ httpGet: { path: '/readyz', port: 'health' } });
      expect(ports).toContainEqual({ name: 'health', containerPort: 9090 });
    });

    it('gets settings and secrets that there are', () => {
      const maps = ofKind<{ metadata: { name: string } }>('ConfigMap').map(({ metadata }) => metadata.name);
      const secrets = ofKind<{ metadata: { name: string } }>('Secret').map(({ metadata }) => metadata.name);
      for (const { configMapRef, secretRef } of container(deployment).envFrom)
        expect([...maps, ...secrets]).toContain((configMapRef ?? secretRef)!.name);
    });
  },
);

describe('workers', () => {
  it('do every stage that there is, each in one group', () => {
    const served = workers.flatMap((worker) => option(worker, '--stages').split(','));
    const stages = submittedStages(new FileStore('unused'), { env: {} }).map(({ name }) => name);
    expect(served.toSorted()).toEqual(stages.toSorted());
  });

  it('have time for their drain, and to hand back what is left', () => {
    for (const worker of workers) {
      const drain = Number(option(worker, '--drain-seconds'));
      expect(worker.spec.template.spec.terminationGracePeriodSeconds).toBe(drain + 10);
    }
  });

  it('have a core for each place', () => {
    for (const worker of workers)
      expect(container(worker).resources.requests['cpu']).toBe(option(worker, '--concurrency'));
  });

  it('know neither the database nor what signs webhooks', () => {
    const secrets = ofKind<{ metadata: { name: string }; stringData: object }>('Secret');
    const known = secrets.find(({ metadata }) => metadata.name === 'hullcast-worker')!.stringData;
    expect(Object.keys(known)).toEqual(['HULLCAST_QUEUE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']);
    for (const worker of workers)
      expect(container(worker).envFrom).toContainEqual({ secretRef: { name: 'hullcast-worker' } });
  });

  it('of encodes may run on spot machines, and those of whole titles do not', () => {
    const tolerating = workers.filter(({ spec }) => (spec.template.spec.tolerations ?? []).length > 0);
    expect(tolerating.map(({ metadata }) => metadata.name)).toEqual(['hullcast-worker-encode']);
  });
});

describe('the autoscaler', () => {
  it('has one scaler for each group, which asks for the queues of its stages and counts its places', () => {
    const scalers = new Map(scaledObjects().map(({ spec }) => [spec.scaleTargetRef.name, spec.triggers]));
    expect([...scalers.keys()].toSorted()).toEqual(workers.map(({ metadata }) => metadata.name).toSorted());
    for (const worker of workers) {
      const [trigger] = scalers.get(worker.metadata.name)!;
      const stages = /stage=~"([^"]*)"/.exec(trigger!.metadata.query)![1]!;
      expect(stages.split('|')).toEqual(option(worker, '--stages').split(','));
      expect(trigger!.metadata.threshold).toBe(option(worker, '--concurrency'));
      expect(worker.spec.replicas).toBeUndefined(); // else an apply would undo what the autoscaler did
    }
  });
});

describe('networks', () => {
  interface Policy {
    metadata: { name: string };
    spec: { podSelector: { matchLabels?: Record<string, string> }; ingress?: object[]; egress?: object[] };
  }

  it('let nothing through but what is said', () => {
    const closed = ofKind<Policy>('NetworkPolicy').find(({ spec }) => !spec.podSelector.matchLabels);
    expect(closed!.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('let callbacks out to the world, and never to addresses of the inside or of the machines', () => {
    const control = ofKind<Policy>('NetworkPolicy').find(
      ({ metadata }) => metadata.name === 'hullcast-control',
    );
    const text = JSON.stringify(control!.spec.egress);
    for (const range of ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'])
      expect(text).toContain(range);
  });
});

describe('secrets', () => {
  it('are examples only', () => {
    const text = readFileSync(resolve('deploy/kubernetes/secret.example.yaml'), 'utf8');
    const { kind } = all.find(({ file }) => file === 'secret.example.yaml')!.object;
    expect(kind).toBe('Secret');
    for (const { stringData } of ofKind<{ stringData: Record<string, string> }>('Secret'))
      for (const [name, value] of Object.entries(stringData)) expect(value, name).toContain('change-me');
    expect(text).not.toMatch(/\bdata:/);
  });
});
