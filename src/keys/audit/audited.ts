import type { KeyRequest, KeyService, KeySet } from '../types.js';
import type { AuditTrail } from './trail.js';

/** The same service; it hands out no key whose use is not noted in the trail. */
export function audited(service: KeyService, trail: AuditTrail): KeyService {
  return {
    name: service.name,
    async obtain(request: KeyRequest, signal?: AbortSignal): Promise<KeySet> {
      const set = await service.obtain(request, signal);
      const { contentId, use } = request;
      await trail.note({
        ...{ service: service.name, purpose: use.purpose, subject: use.subject, contentId },
        keys: set.keys.map(({ kid, label }) => ({ kid, label })),
      });
      return set;
    },
  };
}
