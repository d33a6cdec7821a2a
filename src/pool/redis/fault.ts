/** What goes wrong with Redis, told so that an operator knows what to do. */
import type { RedisServers, RedisSettings } from "../../config/pool-settings.ts";
import { PoolUnavailable } from "../store.ts";

/**
 * `lost`: the connection is of no use any more. `away`: it stands, but the server answers nothing useful for now.
 * `refused`: this one command was refused, others go on.
 */
type FaultKind = "lost" | "away" | "refused";

export interface Fault {
	readonly kind: FaultKind;
	/** Names what is wrong, so that the same fault is told from another. */
	readonly code: string;
	/** With the address, and what to do; no secrets. */
	readonly message: string;
	/** Whether the command may have been carried out all the same. */
	readonly unsure: boolean;
}

const PASSWORD = "check pool.redis.username and pool.redis.passwordFile";
const TLS_TRUST =
	"set pool.redis.tls.ca to the file of the authority that signed it, or give the server a certificate that is valid";

/** What Redis says, by the word it begins with. */
const REPLIES: Readonly<Record<string, readonly [FaultKind, string]>> = {
	WRONGPASS: ["lost", `refuses the user name or password: ${PASSWORD}`],
	NOAUTH: ["lost", "wants a password, and none was sent: set pool.redis.passwordFile"],
	NOPERM: [
		"refused",
		"does not let this user do what the pool needs: grant it with ACL SETUSER, docs/pool.md lists the commands and keys",
	],
	OOM: [
		"refused",
		"is full (maxmemory): nothing was written; raise maxmemory or free memory. Reading and removing still work",
	],
	READONLY: [
		"refused",
		"is a replica and takes no writes: name the master in pool.redis.url, or name the Sentinels",
	],
	LOADING: ["away", "is still loading its data from disk: wait, it is asked again"],
	BUSY: [
		"away",
		"is busy with a script that does not end: look at it with SLOWLOG, and end it with SCRIPT KILL",
	],
	CLUSTERDOWN: [
		"away",
		"says that the Cluster is down, not all slots are served: look at it with CLUSTER INFO and CLUSTER NODES",
	],
	MASTERDOWN: ["away", "is a replica that has lost its master: bring the master back or promote a replica"],
	MISCONF: [
		"refused",
		"takes no writes because it cannot save its data to disk: look at its log and at the space that is left",
	],
	NOREPLICAS: [
		"refused",
		"takes no writes because too few replicas are connected (min-replicas-to-write): bring them back",
	],
	WRONGTYPE: [
		"refused",
		"holds something else under a key of the pool: choose another pool.redis.prefix, or remove the foreign key",
	],
	MOVED: [
		"lost",
		"sends us to other nodes of its Cluster: name nodes in pool.redis.cluster instead of pool.redis.url; if that is so already, the Cluster is being rearranged",
	],
	ASK: ["away", "is moving the pool to another node of the Cluster: wait until that is done"],
	TRYAGAIN: ["away", "is moving the pool to another node of the Cluster: wait until that is done"],
	CROSSSLOT: [
		"refused",
		"does not keep all keys of the pool on one node; this is a fault of Cordon, please report it",
	],
	NOPROTO: ["lost", "does not speak a protocol that Cordon knows: Redis 6.2 or later is needed"],
	DENIED: ["lost", "is in protected mode: set a password there and in pool.redis.passwordFile"],
};

/** What system, TLS and name lookup say, by code. */
const CODES: Readonly<Record<string, string>> = {
	ECONNREFUSED: "refuses connections: is it running, and is the port right?",
	ECONNRESET: "closed the connection: look at its log; if it speaks TLS, use rediss:// or set pool.redis.tls",
	EPIPE: "closed the connection: look at its log",
	ENOTFOUND: "has a name that does not resolve: check the spelling, and the resolver of this machine",
	EAI_AGAIN: "has a name that cannot be resolved now: check the resolver of this machine",
	EHOSTUNREACH: "cannot be reached: no route to the host; check network and firewall",
	ENETUNREACH: "cannot be reached: no route to the network; check network and firewall",
	ETIMEDOUT: "does not answer: check network and firewall, and whether it is overloaded",
	ECONNABORTED: "closed the connection: look at its log",
	ERR_TLS_CERT_ALTNAME_INVALID:
		"has a certificate for another name: set pool.redis.tls.serverName to the name in the certificate",
	CERT_HAS_EXPIRED: "has a certificate that has expired: renew it",
	CERT_NOT_YET_VALID: "has a certificate that is not valid yet: check the clocks",
	DEPTH_ZERO_SELF_SIGNED_CERT: `has a certificate that nobody we trust has signed: ${TLS_TRUST}`,
	SELF_SIGNED_CERT_IN_CHAIN: `has a certificate that nobody we trust has signed: ${TLS_TRUST}`,
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: `has a certificate that nobody we trust has signed: ${TLS_TRUST}`,
	UNABLE_TO_GET_ISSUER_CERT: `has a certificate that nobody we trust has signed: ${TLS_TRUST}`,
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `has a certificate that nobody we trust has signed: ${TLS_TRUST}`,
	ERR_SSL_WRONG_VERSION_NUMBER:
		"does not speak TLS on this port: use redis:// or pool.redis.tls: false, or its TLS port",
};

/** Codes of faults that follow from others. */
const VAGUE = new Set(["closed", "other", "sentinel"]);

/** The servers, as messages name them. */
function describeServers(servers: RedisServers): string {
	const list = (hosts: readonly { readonly host: string; readonly port: number }[]) =>
		hosts.map(({ host, port }) => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`)).join(", ");
	switch (servers.kind) {
		case "single":
			return `Redis at ${list([servers.host])}`;
		case "sentinel":
			return `Redis (master ${servers.master} of the Sentinels at ${list(servers.sentinels)})`;
		case "cluster":
			return `the Redis Cluster at ${list(servers.nodes)}`;
	}
}

function property(error: unknown, name: string): unknown {
	return typeof error === "object" && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}

/** Scripts wrap what a command said: `ERR Error running script (…): @user_script: 3: -OOM command …` before Redis 7. */
function replyWord(message: string): string | undefined {
	const first = /^[A-Z]+(?= |$)/.exec(message)?.[0];
	if (first !== undefined && Object.hasOwn(REPLIES, first)) return first;
	if (/user executing the script can't/.test(message)) return "NOPERM";
	const wrapped = /@user_script: ?\d+: -?([A-Z]+) /.exec(message)?.[1];
	return wrapped !== undefined && Object.hasOwn(REPLIES, wrapped) ? wrapped : undefined;
}

export class Faults {
	/** The servers, as messages name them. */
	readonly where: string;
	readonly #settings: RedisSettings;
	readonly #secrets: readonly string[];

	constructor(settings: RedisSettings) {
		this.where = describeServers(settings.servers);
		this.#settings = settings;
		const { servers } = settings;
		this.#secrets = [
			settings.password,
			servers.kind === "sentinel" ? servers.sentinelPassword : undefined,
		].filter((secret): secret is string => secret !== undefined && secret !== "");
	}

	/**
	 * `error` as ioredis gives it. It carries the arguments of its command, passwords too: never log or keep it itself.
	 *
	 * @param command what was refused, where the error does not say it.
	 */
	of(error: unknown, command?: string): Fault {
		const message = error instanceof Error ? error.message : String(error);
		const word = replyWord(message);
		if (word !== undefined) {
			const [kind, says] = REPLIES[word];
			return this.#fault(
				kind,
				word,
				word === "NOPERM" ? `${says} (${command ?? this.#said(message)})` : says,
			);
		}
		const last = property(error, "lastNodeError");
		if (last instanceof Error) return this.of(last);
		const code = property(error, "code");
		if (typeof code === "string" && Object.hasOwn(CODES, code)) {
			const silent = code === "ETIMEDOUT" && this.#settings.tls !== undefined;
			const tls = silent ? "; if it does not speak TLS, use redis:// or pool.redis.tls: false" : "";
			return this.#fault(
				"lost",
				code,
				`${CODES[code]}${tls}${this.#maybeProtected(code)} (${this.#said(message)})`,
				true,
			);
		}
		if (typeof code === "string" && /SSL|TLS|CERT|PEM|OSSL/.test(code)) {
			const says = "cannot be spoken to over TLS: check pool.redis.tls and the server's certificate";
			return this.#fault("lost", code, `${says} (${this.#said(message)})`, true);
		}
		return this.#byText(message);
	}

	/** Whether it only follows from another fault, which is not known. */
	isVague(error: unknown): boolean {
		return error === undefined || VAGUE.has(this.of(error).code);
	}

	/** The one of two errors of one attempt that says more; of equals the first. */
	telling(first: unknown, second: unknown): unknown {
		if (second === undefined) return first;
		return first === undefined || (this.isVague(first) && !this.isVague(second)) ? second : first;
	}

	fault(kind: FaultKind, code: string, says: string): Fault {
		return this.#fault(kind, code, says);
	}

	#byText(message: string): Fault {
		const said = this.#said(message);
		if (message.startsWith("Command timed out") || message.startsWith("Socket timeout")) {
			const says = `did not answer within ${this.#settings.timeoutMs} ms (pool.redis.timeout): it is overloaded, stuck, or cut off`;
			return this.#fault("lost", "timeout", says, true);
		}
		const { servers } = this.#settings;
		if (servers.kind === "sentinel" && /invalid reply/.test(message)) {
			const says = `is not to be found: the Sentinels know no master named ${servers.master}; check pool.redis.master`;
			return this.#fault("lost", "no-master", says);
		}
		if (/sentinel/i.test(message)) {
			const sentinelPassword = /NOAUTH|WRONGPASS|AUTH/.test(message)
				? "; check pool.redis.sentinelPasswordFile"
				: "; check pool.redis.sentinels and pool.redis.master";
			return this.#fault(
				"lost",
				"sentinel",
				`is not to be found through its Sentinels: ${said}${sentinelPassword}`,
			);
		}
		if (/cluster support disabled/.test(message)) {
			return this.#fault("lost", "no-cluster", "is no Cluster: name the server in pool.redis.url instead");
		}
		if (/DB index is out of range|SELECT is not allowed/.test(message)) {
			const says = `has no database ${this.#settings.database}: choose another pool.redis.database; a Cluster has only 0`;
			return this.#fault("lost", "database", says);
		}
		if (/max number of clients/.test(message)) {
			return this.#fault("lost", "clients", "has no room for another client: raise maxclients there");
		}
		if (/unknown command/i.test(message)) {
			const says = `does not know a command that the pool needs: Redis 6.2 or later is needed (${said})`;
			return this.#fault("refused", "unknown-command", says);
		}
		if (/redirections/.test(message)) {
			return this.#fault(
				"lost",
				"redirections",
				`sends us from node to node: the Cluster is unsettled (${said})`,
			);
		}
		if (
			/^Connection is closed|max retries|isn't writeable|isn't ready|Cluster is|startup nodes|aborted|slots cache/i.test(
				message,
			)
		) {
			return this.#fault("lost", "closed", "closed the connection: look at its log", true);
		}
		return this.#fault("refused", "other", `refuses: ${said}`);
	}

	#fault(kind: FaultKind, code: string, says: string, unsure = false): Fault {
		return { kind, code, message: `${this.where} ${says}`, unsure };
	}

	/** It says so (DENIED) and hangs up; which of the two is heard first is chance. */
	#maybeProtected(code: string): string {
		if (this.#settings.password !== undefined || !/^(?:EPIPE|ECONNRESET)$/.test(code)) return "";
		return "; without a password it may be in protected mode: set one there and in pool.redis.passwordFile";
	}

	/** What the server said, on one line, short, and without secrets. */
	#said(message: string): string {
		let text = message.slice(0, 300);
		for (const secret of this.#secrets) text = text.replaceAll(secret, "***");
		return text.replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim();
	}
}

export function unavailable(fault: Fault): PoolUnavailable {
	return new PoolUnavailable(`${fault.message}.`);
}
