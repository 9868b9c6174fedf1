import type { Redis } from 'ioredis';
import { HullcastError } from '../../errors.js';
import type { Ask, TokenUses, Use } from './uses.js';

const PREFIX = 'hullcast:license:';

/**
 * KEYS[1] is a hash of the token's slots with the time of their first ask, by the server's own clock. Arguments: retryMs,
 * keepMs, most, slots. All or nothing, as scripts are.
 */
const USE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fresh = {}
for i = 4, #ARGV do
  local first = redis.call('HGET', KEYS[1], ARGV[i])
  if not first then fresh[#fresh + 1] = ARGV[i]
  elseif now - first >= tonumber(ARGV[1]) then return 'replay' end
end
if #fresh == 0 then return 'retry' end
if redis.call('HLEN', KEYS[1]) + #fresh > tonumber(ARGV[3]) then return 'replay' end
for _, slot in ipairs(fresh) do redis.call('HSET', KEYS[1], slot, now) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'first'`;

/** Uses that all processes share. The connection must fail in the end while Redis is away; it stays the caller's. */
export function redisUses(redis: Redis): TokenUses {
  return {
    async use({ token, slots, most, retryMs, keepMs }: Ask) {
      try {
        const keep = Math.max(1, Math.ceil(keepMs));
        return (await redis.eval(USE, 1, PREFIX + token, retryMs, keep, most, ...slots)) as Use;
      } catch (cause) {
        throw new HullcastError('LICENSE_UNAVAILABLE', 'the Redis that knows used licence tokens is away', {
          ...{ transient: true, cause },
        });
      }
    },
  };
}
