/** Scripts that look at a pool in one step, and those that write beside its records. */
import { Script } from "./script.ts";

/**
 * KEYS 1: meta, 2: the log of the position's epoch. ARGV: epoch, seq, token, limit, how many bytes at most.
 *
 * The log may begin right behind the position: then the first change has to name the position's token as the one before.
 */
export const FOLLOW = new Script(`
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'token')
if not meta[1] then return {'lost'} end
if meta[1] ~= ARGV[1] then return {'replaced'} end
local head, at, token, limit = tonumber(meta[2]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
if not head then return {'damaged'} end
if at > head then return {'replaced'} end
if at == head then
	if token ~= meta[3] then return {'replaced'} end
	return {'ok'}
end
local from = string.format('%.0f-0', at)
if at == 0 then from = '1-0' end
local list = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', limit + 1)
local function field(entry, name)
	for i = 1, #entry[2], 2 do
		if entry[2][i] == name then return entry[2][i + 1] end
	end
end
local first = list[1]
if not first then return {'trimmed'} end
if first[1] == from and at > 0 then
	if field(first, 't') ~= token then return {'replaced'} end
	table.remove(list, 1)
elseif first[1] == string.format('%.0f-0', at + 1) then
	if field(first, 'p') ~= token then return {'replaced'} end
else
	return {'trimmed'}
end
local changes, bytes = {'ok'}, 0
for i = 1, math.min(#list, limit) do
	local entry = list[i]
	local key, value = field(entry, 'k'), field(entry, 'v')
	bytes = bytes + #(key or '') + #(value or '')
	if bytes > tonumber(ARGV[5]) and i > 1 then break end
	-- Too large to be ours: the state has to be read instead, where such a thing is passed over.
	if bytes > tonumber(ARGV[5]) then return {'trimmed'} end
	changes[#changes + 1] = {entry[1], field(entry, 't'), field(entry, 'o'), key, value, field(entry, 'e')}
end
return changes
`);

/**
 * KEYS 1: meta, 2: a bucket. ARGV: epoch, cursor, up to how many records the whole bucket is read at once, how long a record
 * may be, how many a bucket. Answers the cursor to go on from, how many were too long, and the rest.
 */
export const SCAN = new Script(`
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then return {'missing'} end
if epoch ~= ARGV[1] then return {'epoch', epoch} end
if redis.call('HLEN', KEYS[2]) > tonumber(ARGV[5]) then return {'crowded', KEYS[2]} end
local cursor, all = '0', nil
if ARGV[2] == '0' and redis.call('HLEN', KEYS[2]) <= tonumber(ARGV[3]) then
	all = redis.call('HGETALL', KEYS[2])
else
	local reply = redis.call('HSCAN', KEYS[2], ARGV[2], 'COUNT', 1000)
	cursor, all = reply[1], reply[2]
end
local most, long = tonumber(ARGV[4]), 0
for i = 1, #all, 2 do
	if #all[i] + #all[i + 1] > most then long = long + 1 end
end
if long == 0 then return {'ok', cursor, 0, all} end
local kept = {}
for i = 1, #all, 2 do
	if #all[i] + #all[i + 1] <= most then
		kept[#kept + 1] = all[i]
		kept[#kept + 1] = all[i + 1]
	end
end
return {'ok', cursor, long, kept}
`);

/** KEYS 1: meta, 2: the domain's bucket. ARGV: epoch, the domain with a tab behind it, how long a record may be, how many a bucket. */
export const READ = new Script(`
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then return {'missing'} end
if epoch ~= ARGV[1] then return {'epoch', epoch} end
if redis.call('HLEN', KEYS[2]) > tonumber(ARGV[4]) then return {'crowded', KEYS[2]} end
local found, prefix = {'ok'}, ARGV[2]
for _, key in ipairs(redis.call('HKEYS', KEYS[2])) do
	if string.sub(key, 1, #prefix) == prefix then
		local value = redis.call('HGET', KEYS[2], key)
		if #key + #value <= tonumber(ARGV[3]) then
			found[#found + 1] = key
			found[#found + 1] = value
		end
	end
end
return found
`);

/** KEYS 1: meta. ARGV: a new epoch, the number of buckets, the format. Answers what is there afterwards. */
export const CREATE = new Script(`
local is = redis.call('TYPE', KEYS[1]).ok
if is ~= 'none' and is ~= 'hash' then return {'type', KEYS[1], is, 'hash'} end
if redis.call('HEXISTS', KEYS[1], 'epoch') == 0 then
	local time = redis.call('TIME')
	redis.call('HSET', KEYS[1], 'format', ARGV[3], 'epoch', ARGV[1], 'seq', '0', 'token', '', 'buckets', ARGV[2],
		'created', time[1] .. '000')
end
return {'ok'}
`);

/** KEYS 1: the report, 2…: hours. ARGV: days to keep, number of sums, then for each: hour's key, domain, network, count. */
export const ADD_SIGHTINGS = new Script(`
for i, key in ipairs(KEYS) do
	local is, wanted = redis.call('TYPE', key).ok, i == 1 and 'string' or 'hash'
	if is ~= 'none' and is ~= wanted then return {'type', key, is, wanted} end
end
if redis.call('EXISTS', KEYS[1]) == 1 then return {'ok'} end
local keep = tonumber(ARGV[1]) * 86400
redis.call('SET', KEYS[1], '1', 'EX', keep)
for i = 0, tonumber(ARGV[2]) - 1 do
	local p = 3 + i * 4
	local key, domain, network, count = KEYS[tonumber(ARGV[p])], ARGV[p + 1], ARGV[p + 2], tonumber(ARGV[p + 3])
	local lines, found = {}, false
	for name, sum in string.gmatch(redis.call('HGET', key, domain) or '', '([^\\t\\n]+)\\t(%d+)\\n') do
		if name == network then
			sum = string.format('%.0f', math.min(tonumber(sum) + count, 9007199254740991))
			found = true
		end
		lines[#lines + 1] = name .. '\\t' .. sum .. '\\n'
	end
	if not found then lines[#lines + 1] = network .. '\\t' .. string.format('%.0f', count) .. '\\n' end
	redis.call('HSET', key, domain, table.concat(lines))
end
for i = 2, #KEYS do redis.call('EXPIRE', KEYS[i], keep) end
return {'ok'}
`);

/** KEYS 1: meta, 2: the outcome. ARGV: epoch, outcome, seconds. Answers what was there before. */
export const REMEMBER = new Script(`
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then return {'missing'} end
if epoch ~= ARGV[1] then return {'epoch', epoch} end
local before = redis.call('GET', KEYS[2])
if before then return {'ok', before} end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
return {'ok'}
`);

/**
 * The sweeper's lock. KEYS 1: lock, 2: the expiry index. ARGV: holder, milliseconds. ZREM of nothing comes first: sweeping frees
 * memory, and a server whose memory is full takes SET in a script only behind a write that takes out.
 */
export const LOCK = new Script(`
redis.call('ZREM', KEYS[2], '')
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
`);

/** KEYS 1: lock. ARGV: holder. Another's lock stays. */
export const UNLOCK = new Script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`);

/**
 * Puts a pool that was written aside in the place of the old one. KEYS 1: meta, 2: audit, 3: the old log, 4: garbage, 5: the new
 * expiry index, 6…: the new buckets. ARGV: the old epoch or nothing, the new one, records, of them with an expiry, buckets, format,
 * then an audit entry.
 */
export const SWITCH = new Script(`
local function foreign(key, wanted)
	local is = redis.call('TYPE', key).ok
	if is ~= 'none' and is ~= wanted then return {'type', key, is, wanted} end
end
local fault = foreign(KEYS[1], 'hash') or foreign(KEYS[2], 'stream') or foreign(KEYS[3], 'stream')
	or foreign(KEYS[4], 'zset') or foreign(KEYS[5], 'zset')
if fault then return fault end
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
if (meta[1] or '') ~= ARGV[1] then return {'epoch', meta[1] or ''} end
local records = 0
for i = 6, #KEYS do records = records + redis.call('HLEN', KEYS[i]) end
if records ~= tonumber(ARGV[3]) or redis.call('ZCARD', KEYS[5]) ~= tonumber(ARGV[4]) then return {'torn'} end
local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
-- First what this user has not done yet today: all else was needed to write the pool aside.
redis.call('XADD', KEYS[2], '*', 'at', now, 'actor', ARGV[7], 'node', ARGV[8], 'from', ARGV[9], 'action', ARGV[10],
	'details', ARGV[11])
redis.call('HSET', KEYS[1], 'format', ARGV[6], 'epoch', ARGV[2], 'seq', '0', 'token', '', 'buckets', ARGV[5],
	'created', now)
redis.call('ZREM', KEYS[4], ARGV[2])
if meta[1] then
	redis.call('ZADD', KEYS[4], now, meta[1])
	-- Nobody reads it, but whoever waits for the next change wakes up, and sees that the epoch is another.
	redis.call('XADD', KEYS[3], '*', 'end', '1')
end
return {'ok'}
`);
