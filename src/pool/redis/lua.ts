/**
 * The scripts that write to a pool. Each runs whole or not at all: whatever can fail is tried before the first write,
 * since Redis takes nothing back. Keys 1 to 5 and arguments 1 to 3 mean the same in all of them.
 *
 * A script answers a list whose first word says what became of it: `ok`, or why nothing was changed: `missing`, `epoch`,
 * `damaged`, `type`, `refused`.
 */
import { Script } from "./script.ts";

/** What every script that writes begins with. */
export const BEGINNING = `
local META, CHANGES, AUDIT, EXPIRY, NONE = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local EPOCH, TOKEN, KEEP = ARGV[1], ARGV[2], ARGV[3]
local seq, token

local function whole(n) return string.format('%.0f', n) end

local function milliseconds()
	local time = redis.call('TIME')
	return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function foreign(key, wanted)
	local is = redis.call('TYPE', key).ok
	if is ~= 'none' and is ~= wanted then return {'type', key, is, wanted} end
end

-- Why nothing can be written; nil, with seq and token set, when all is in order.
local function refusal()
	local fault = foreign(META, 'hash') or foreign(CHANGES, 'stream') or foreign(AUDIT, 'stream')
		or foreign(EXPIRY, 'zset') or foreign(NONE, 'none')
	if fault then return fault end
	local meta = redis.call('HMGET', META, 'epoch', 'seq', 'token')
	if not meta[1] then return {'missing'} end
	if meta[1] ~= EPOCH then return {'epoch', meta[1]} end
	seq, token = tonumber(meta[2]), meta[3]
	if not seq or not token then return {'damaged'} end
end

-- Edits from ARGV[at] on, five arguments each: number of the bucket's key, + or -, record key, value, expiry.
-- Answers those that change something, and whether any of them adds.
local function effective(at, count)
	local now, list, adds = {}, {}, false
	for i = 0, count - 1 do
		local p = at + i * 5
		local bucket, key, after = KEYS[tonumber(ARGV[p])], ARGV[p + 2], false
		if ARGV[p + 1] == '+' then after = ARGV[p + 3] end
		local before = now[key]
		if before == nil then before = redis.pcall('HGET', bucket, key) end
		if type(before) == 'table' then return nil, {'type', bucket, 'other', 'hash'} end
		if before ~= after then
			list[#list + 1] = {bucket, key, after, ARGV[p + 4]}
			now[key] = after
			if after then adds = true end
		end
	end
	return list, adds
end

-- What a user may not do, or a server has no room for, fails here, where it changes nothing. A server whose memory is full
-- refuses what adds only as the first write of a script: what takes out, and what has to be written along, passes.
local function try(...)
	local reply = redis.pcall(...)
	if type(reply) == 'table' and reply.err then return {'refused', (...), reply.err} end
end

local function rehearse(adds)
	return (adds and try('HSET', META, 'format', '1'))
		or try('ZREM', EXPIRY, '')
		or try('HDEL', META, '')
		or try('HSET', META, 'format', '1')
		or try('ZADD', EXPIRY, 'XX', 0, '')
		or try('XADD', NONE, 'NOMKSTREAM', '*', '-', '-')
		or try('XTRIM', NONE, 'MAXLEN', 1)
		or nil
end

-- Audit entries from ARGV[at] on, five arguments each.
local function note(at, count)
	local now = whole(milliseconds())
	for i = 0, count - 1 do
		local p = at + i * 5
		redis.call('XADD', AUDIT, '*', 'at', now, 'actor', ARGV[p], 'node', ARGV[p + 1], 'from', ARGV[p + 2],
			'action', ARGV[p + 3], 'details', ARGV[p + 4])
	end
end

-- The log first: were its next place taken already, nothing would have been changed yet.
local function write(list)
	if #list == 0 then return end
	for i, edit in ipairs(list) do
		local put = edit[3]
		local added = redis.pcall('XADD', CHANGES, whole(seq + i) .. '-0', 't', TOKEN, 'p', token, 'k', edit[2],
			'o', put and '+' or '-', 'v', put or '', 'e', put and edit[4] or '')
		if type(added) == 'table' and added.err then return {'damaged'} end
		token = TOKEN
	end
	seq = seq + #list
	for _, edit in ipairs(list) do
		if edit[3] then redis.call('HSET', edit[1], edit[2], edit[3]) else redis.call('HDEL', edit[1], edit[2]) end
		if edit[3] and edit[4] ~= '' then
			redis.call('ZADD', EXPIRY, edit[4], edit[2])
		else
			redis.call('ZREM', EXPIRY, edit[2])
		end
	end
	redis.call('HSET', META, 'seq', whole(seq), 'token', token)
	redis.call('XTRIM', CHANGES, 'MAXLEN', '~', KEEP)
end

local function done(...) return {'ok', whole(seq), token, ...} end
`;

/** KEYS 6…: buckets. ARGV 4: audit entries, 5: edits, then the entries, then the edits. */
export const COMMIT = new Script(
	BEGINNING,
	`
local entries, edits = tonumber(ARGV[4]), tonumber(ARGV[5])
local fault = refusal()
if fault then return fault end
local list, adds = effective(6 + entries * 5, edits)
if not list then return adds end
if #list > 0 or entries > 0 then
	fault = rehearse(adds or #list == 0)
	fault = fault or write(list)
	if fault then return fault end
	note(6, entries)
end
return done()
`,
);

/**
 * KEYS 6: the sweeper's lock, 7…: buckets. ARGV 4: who holds the lock, 5: how many, then for each four: the number of
 * the bucket's key, the record key, and for the audit the node and the details.
 *
 * What was renewed since it was looked up is not due any more, and stays.
 */
export const SWEEP = new Script(
	BEGINNING,
	`
if redis.call('GET', KEYS[6]) ~= ARGV[4] then return {'unlocked'} end
local fault = refusal()
if fault then return fault end
local now, list, entries = milliseconds(), {}, {}
for i = 0, tonumber(ARGV[5]) - 1 do
	local p = 6 + i * 4
	local bucket, key = KEYS[tonumber(ARGV[p])], ARGV[p + 1]
	local score = redis.call('ZSCORE', EXPIRY, key)
	if score and tonumber(score) <= now then
		local there = redis.pcall('HEXISTS', bucket, key)
		if type(there) == 'table' then return {'type', bucket, 'other', 'hash'} end
		-- Without a record it is a leftover, and goes without a trace.
		if there == 1 then
			list[#list + 1] = {bucket, key, false, ''}
			entries[#entries + 1] = p
		else
			redis.call('ZREM', EXPIRY, key)
		end
	end
end
if #list == 0 then return done('0') end
fault = rehearse(false) or write(list)
if fault then return fault end
for _, p in ipairs(entries) do
	redis.call('XADD', AUDIT, '*', 'at', whole(now), 'actor', 'cordon', 'node', ARGV[p + 2], 'from', 'expiry',
		'action', 'expire', 'details', ARGV[p + 3])
end
return done(whole(#list))
`,
);

/**
 * KEYS 6: the batch, 7: its edits, 8: the ids of all batches, 9…: buckets. ARGV 4: its id, 5: how many are applied already,
 * 6: how many edits follow.
 */
export const ADVANCE = new Script(
	BEGINNING,
	`
local fault = refusal() or foreign(KEYS[6], 'hash') or foreign(KEYS[7], 'hash') or foreign(KEYS[8], 'set')
if fault then return fault end
local batch = redis.call('HMGET', KEYS[6], 'state', 'applied', 'edits')
if not batch[1] then return done('gone') end
if batch[1] ~= 'applying' then return done('held') end
-- Another node was faster.
if batch[2] ~= ARGV[5] then return done('more') end
local count = tonumber(ARGV[6])
local list, adds = effective(7, count)
if not list then return adds end
fault = rehearse(adds) or try('SREM', KEYS[8], '') or try('UNLINK', NONE) or write(list)
if fault then return fault end
local applied = tonumber(ARGV[5]) + count
if applied >= tonumber(batch[3]) then
	redis.call('SREM', KEYS[8], ARGV[4])
	redis.call('UNLINK', KEYS[6], KEYS[7])
	return done('gone')
end
redis.call('HSET', KEYS[6], 'applied', whole(applied), 'touched', whole(milliseconds()))
return done('more')
`,
);

/**
 * KEYS 6 to 8 as for ADVANCE, 9: where its edits were put together. ARGV 4: its id, 5: in how many parts its edits are, then
 * the fields of the batch and their values. Answers the time besides.
 */
export const STAGE = new Script(
	BEGINNING,
	`
local fault = refusal() or foreign(KEYS[6], 'hash') or foreign(KEYS[7], 'hash') or foreign(KEYS[8], 'set')
	or foreign(KEYS[9], 'hash')
if fault then return fault end
if redis.call('EXISTS', KEYS[6]) == 1 then return {'taken'} end
if tonumber(ARGV[5]) ~= redis.call('HLEN', KEYS[9]) then return {'torn'} end
fault = rehearse(true) or try('SREM', KEYS[8], '')
if fault then return fault end
local now = whole(milliseconds())
redis.call('HSET', KEYS[6], 'touched', now, unpack(ARGV, 6))
redis.call('SADD', KEYS[8], ARGV[4])
if ARGV[5] ~= '0' then
	redis.call('RENAME', KEYS[9], KEYS[7])
	redis.call('PERSIST', KEYS[7])
end
return done(now)
`,
);

/** KEYS 6 to 8 as for ADVANCE. ARGV 4: its id, 5: `release` or `drop`, then one audit entry. */
export const SETTLE = new Script(
	BEGINNING,
	`
local fault = refusal() or foreign(KEYS[6], 'hash') or foreign(KEYS[7], 'hash') or foreign(KEYS[8], 'set')
if fault then return fault end
if redis.call('HGET', KEYS[6], 'state') ~= 'held' then return done('0') end
fault = rehearse(ARGV[5] == 'release') or try('SREM', KEYS[8], '') or try('UNLINK', NONE)
if fault then return fault end
if ARGV[5] == 'release' then
	redis.call('HSET', KEYS[6], 'state', 'applying', 'touched', whole(milliseconds()))
else
	redis.call('SREM', KEYS[8], ARGV[4])
	redis.call('UNLINK', KEYS[6], KEYS[7])
end
note(6, 1)
return done('1')
`,
);
