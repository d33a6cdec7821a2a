/** Scripts by which the audit is kept no longer than its nodes wish. */
import { BEGINNING } from "./lua.ts";
import { Script } from "./script.ts";

/**
 * KEYS 1: meta, 2: audit, 3: what retention remembers. Answers, all of one moment: the time, how many entries there are, the
 * first one as XRANGE tells it, and the fields of the third.
 */
export const LOOK = new Script(`
for i, wanted in ipairs({'hash', 'stream', 'hash'}) do
	local is = redis.call('TYPE', KEYS[i]).ok
	if is ~= 'none' and is ~= wanted then return {'type', KEYS[i], is, wanted} end
end
if redis.call('HEXISTS', KEYS[1], 'epoch') == 0 then return {'missing'} end
local length = redis.pcall('XLEN', KEYS[2])
if type(length) == 'table' then return {'refused', 'XLEN', length.err} end
local time = redis.call('TIME')
return {'ok', string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)), length,
	redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1), redis.call('HGETALL', KEYS[3])}
`);

/**
 * KEYS 1: what retention remembers, 2: the expiry index. ARGV 1: how many fields are written, then each with its value, then
 * those that are taken out. ZREM of nothing comes first, as for LOCK: trimming frees memory.
 */
export const NOTE = new Script(`
redis.call('ZREM', KEYS[2], '')
local last = 1 + 2 * tonumber(ARGV[1])
for i = 2, last, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
for i = last + 1, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
return {'ok'}
`);

/**
 * KEYS 6: the sweeper's lock, 7: what retention remembers. ARGV 4: who holds the lock, 5: the id of the first entry, 6: that of
 * the first one to stay, which need not be there, then an audit entry, then fields and their values. Answers how many went, and how
 * many there are.
 */
export const TRIM = new Script(
	BEGINNING,
	`
if redis.call('GET', KEYS[6]) ~= ARGV[4] then return {'unlocked'} end
local fault = refusal() or foreign(KEYS[7], 'hash')
if fault then return fault end
local first = redis.call('XRANGE', AUDIT, '-', '+', 'COUNT', 1)[1]
-- Somebody cut it past Cordon: what was counted is not what would go.
if not first or first[1] ~= ARGV[5] then return {'changed'} end
fault = rehearse(false)
if fault then return fault end
note(7, 1)
local count = redis.call('XTRIM', AUDIT, 'MINID', ARGV[6])
redis.call('HSET', KEYS[7], unpack(ARGV, 12))
return done(whole(count), whole(redis.call('XLEN', AUDIT)))
`,
);
