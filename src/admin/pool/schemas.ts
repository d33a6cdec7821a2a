/** What the API gives and takes, for its document. */
import { BASES, POOL_CATEGORIES } from "../../config/vocabulary.ts";
import { ROLES, TLPS } from "../../pool/contribution.ts";
import { LINE_STATUSES } from "./batch-answer.ts";
import type { Schema } from "./field.ts";
import { list, number, object, type Properties, ref, string, time, truth, whole } from "./schema-words.ts";

const domain = string("a domain name in lower case, international ones in A-labels", {
	examples: ["malware.example"],
});
const member = string("a member's name", { examples: ["cert"] });
const tlp = string("how far it may be given on: TLP 2.0", { enum: TLPS });
const category = string("what the domain is blocked for", { enum: POOL_CATEGORIES });
const basis = string("why it is blocked: extended DNS error 15, 16 or 17", { enum: BASES });
const scope = string("the domain and all below it, or the domain alone", { enum: ["subtree", "exact"] });
const reason = string("why, for people");
const reference = string("where more is known: a URL or a case number");
const confidence: Schema = {
	type: "integer",
	minimum: 0,
	maximum: 100,
	description: "how sure the member is",
};

const contribution = object("One member's statement about one domain.", {
	domain,
	scope,
	member,
	category,
	confidence,
	tlp,
	basis,
	reason,
	reference,
	validFrom: time("from when it counts"),
	validUntil: time("until when it counts"),
	created: time("when it was first stated"),
	modified: time("when it was last changed"),
	id: string("a UUID, kept when the member states it anew"),
	approvalsNeeded: whole("how many people have to approve before any node blocks it"),
});

const moment = (description: string): Schema => ({
	description: `${description}: RFC 3339, or milliseconds since the epoch`,
	oneOf: [{ type: "string", format: "date-time" }, { type: "integer" }],
	examples: ["2026-12-24T00:00:00Z"],
});

const draft = object(
	"What a member says about a domain. A later one of the same member takes the place of the earlier.",
	{
		domain,
		op: string("absent: add", { enum: ["add"] }),
		scope,
		category,
		confidence,
		tlp,
		basis,
		reason,
		reference,
		validFrom: moment("from when it counts; absent: now"),
		validUntil: moment("until when it counts; absent: as long as its category says"),
		validFor: string("how long it counts, in place of validUntil", { examples: ["7d"] }),
	},
	["op", "scope", "category", "confidence", "tlp", "basis", "reason", "reference", "validFrom", "validUntil"],
);

const withdrawal = object("A member takes its contribution back.", {
	op: string("what is to be done", { const: "withdraw" }),
	domain,
});

const lineVerdict = object(
	"What became of one line.",
	{
		line: { type: "integer", minimum: 1, description: "which line, or which item of an array, from 1" },
		status: string("pending: taken in, and people have to approve it first", { enum: LINE_STATUSES }),
		domain: string("the domain as it was understood"),
		reason: string("why it was refused or waits"),
		held: string("the one line was held: what to approve or reject"),
	},
	["domain", "reason", "held"],
);

const batchSummary = object(
	"What became of a batch. In NDJSON it is the last line, under `summary`; an answer without it was cut off.",
	{
		status: string("held: nothing of it is in the pool, a person has to look at it first", {
			enum: ["applied", "held", "unchanged"],
		}),
		held: string("of a held batch: what to approve or reject"),
		reason: string("why it is held"),
		counts: object(
			"Lines by what became of them.",
			Object.fromEntries(["lines", ...LINE_STATUSES].map((word) => [word, whole(word)])),
		),
		lines: list("one for each line that says something, in order", ref("LineVerdict")),
	},
	["held", "reason", "lines"],
);

const dispute = object("A member says that a domain must not be blocked.", {
	domain,
	member,
	reason,
	created: time("when"),
});

const decision = object("A person decided about the disputes of a domain.", {
	domain,
	verdict: string("block: they are turned down; release: the domain is not blocked", {
		enum: ["block", "release"],
	}),
	by: string("who decided"),
	at: time("when"),
	reason,
});

const stagedBatch = object("A batch that waits, or is being applied.", {
	id: string("its id"),
	member,
	state: string("how far it is", { enum: ["held", "applying"] }),
	created: time("when it came"),
	reason: string("why it is held"),
	edits: whole("how many changes it has"),
	puts: whole("of them additions"),
	deletes: whole("of them removals"),
	applied: whole("how many have been applied"),
	touched: time("when it was last carried on"),
});

const heldEntry = object(
	"Something that waits for a person.",
	{
		id: string("what approve and reject take", { examples: ["protected:example.org:cert", "batch:7f3a"] }),
		kind: string("what it is", { enum: ["batch", "protected", "disputed", "pool"] }),
		reason: string("why it waits"),
		since: time("since when"),
		approvalsNeeded: whole("how many people have to approve"),
		approvals: list("who approved so far", string("a name")),
		batch: ref("StagedBatch"),
		contribution: ref("Contribution"),
		disputes: list("of the domain", ref("Dispute")),
	},
	["batch", "contribution", "disputes"],
);

const ruling = object("What happens to queries that match.", {
	action: string("log-only: counted, and answered as if nothing were said", { enum: ["block", "log-only"] }),
	category,
	basis,
});

const opinion = object(
	"All that is said about a domain, and what follows from it on this node.",
	{
		domain,
		statements: list(
			"what members say",
			object(
				"One statement, weighed.",
				{
					contribution: ref("Contribution"),
					weight: number("how much this node trusts the member"),
					mode: string("what happens to the member's word here", { enum: ["block", "log-only", "ignore"] }),
					score: number("weight × confidence; 0 when it does not count"),
					discounted: string("why it does not count"),
				},
				["discounted"],
			),
		),
		disputes: list("of the domain", ref("Dispute")),
		decision: ref("Decision"),
		sum: number("of the scores, for the domain itself"),
		subtreeSum: number("of those that speak of the subtree"),
		threshold: number("what the sum has to reach"),
		heldBecause: string("why nothing follows although the sum would do"),
		verdict: object("What follows; neither: nothing.", { exact: ref("Ruling"), subtree: ref("Ruling") }, [
			"exact",
			"subtree",
		]),
	},
	["decision", "heldBecause"],
);

const memberView = object(
	"An organisation, a person or a list that takes part.",
	{
		name: member,
		role: string("what it may do", { enum: ROLES }),
		hasToken: truth("whether it has a token; lists have none"),
		created: time("when it was added"),
		revoked: time("when it was revoked"),
		weight: number("how much this node trusts it"),
		contributions: whole("how many it has in the pool"),
	},
	["revoked"],
);

const auditEntry = object("What somebody did.", {
	id: string("to read on from"),
	at: time("when"),
	actor: string("a member, operator, or cordon for what happens by itself"),
	node: string("the node that it was said to"),
	from: string("the client's address, or how it came"),
	action: string("what was done", { examples: ["add", "withdraw", "member-add"] }),
	details: {
		type: "object",
		description: "what it was done to",
		additionalProperties: { type: "string" },
	},
});

const auditTrim = object("What the audit had, and has no longer.", {
	entries: whole("how many entries were taken out, all in all"),
	until: time("when the youngest of them was written"),
	last: string("its id"),
	at: time("when they were last taken out"),
	node: string("the node that did it"),
});

const sighting = object("How often queries for a contribution's domain were stopped.", {
	domain,
	count: whole("how often"),
	networks: whole("in how many networks"),
	lastHour: time("the start of the last hour in which it was seen"),
});

const position = object("A place in the pool's log.", {
	epoch: string("of the pool: another one after it was created anew"),
	seq: whole("of the last change taken in"),
	token: string("drawn with that change"),
});

const status = object(
	"How the pool does, seen from this node.",
	{
		store: string("where it is", { enum: ["embedded", "redis"] }),
		up: truth("whether the store can be reached"),
		problem: string("why not"),
		lagMs: number("milliseconds since this node was last level with the store"),
		position: ref("Position"),
		contributions: whole("in the pool"),
		members: whole("that are not revoked"),
		verdicts: object("Domains by what follows here.", {
			block: whole("blocked"),
			logOnly: whole("only counted"),
		}),
		held: object("What waits for a person.", {
			batch: whole("batches"),
			protected: whole("contributions that touch a protected name"),
			disputed: whole("disputed domains"),
			pool: whole("1 when the shared state vanished or shrank"),
		}),
		resyncs: whole("how often all was loaded anew"),
		clockAheadMs: number("milliseconds by which this node's clock runs ahead of the store's"),
	},
	["problem", "position"],
);

const comparison = object("This node's copy compared with the store.", {
	equal: truth("whether they are the same"),
	replicaRecords: whole("here"),
	storeRecords: whole("there"),
	missing: whole("there and not here"),
	surplus: whole("here and not there"),
	different: whole("in both, and not the same"),
	checksum: string("of all keys and values"),
});

const problem = object("What went wrong (RFC 9457).", {
	status: { type: "integer", description: "of HTTP" },
	title: string("the meaning of the status"),
	detail: string("what happened and what to do"),
});

export const SCHEMAS: Properties = {
	Contribution: contribution,
	Draft: draft,
	Withdrawal: withdrawal,
	LineVerdict: lineVerdict,
	BatchOutcome: batchSummary,
	Dispute: dispute,
	Decision: decision,
	StagedBatch: stagedBatch,
	HeldEntry: heldEntry,
	Ruling: ruling,
	Opinion: opinion,
	Member: memberView,
	AuditEntry: auditEntry,
	AuditTrim: auditTrim,
	Sighting: sighting,
	Position: position,
	PoolStatus: status,
	Comparison: comparison,
	Problem: problem,
};
