/** One TCP client: pipelined questions in, answers out as they come, in whatever order (RFC 7766, section 7). */
import type { Socket } from "node:net";
import type { TcpSettings } from "../config/settings.ts";
import type { Counters } from "../observe/counters.ts";
import type { TapPoint } from "../observe/tap.ts";
import type { Answer } from "../resolve/answer.ts";
import { type Asker, Query, type ReturnPath } from "../resolve/query.ts";
import { addressBytes } from "../sockets/address.ts";
import type { Round } from "../sockets/round.ts";
import { OPTION } from "../wire/codes.ts";
import { Frames, framed } from "../wire/frames.ts";
import { readQuery, SILENCE, TCP } from "../wire/query.ts";
import { SENT } from "../wire/query-options.ts";
import { finishReply } from "../wire/reply.ts";
import { echoOption } from "../wire/reply-options.ts";
import { putWord } from "../wire/word.ts";
import type { Crowd, Member } from "./crowd.ts";
import type { ConnectionLimits } from "./limits.ts";

/** What all connections of a listener share. */
export interface StreamParts {
	readonly run: (query: Query, fault: number) => void;
	readonly round: Round;
	readonly counters: Counters;
	readonly tapPoint: TapPoint;
	readonly limits: ConnectionLimits;
	/** All connections of the worker. */
	readonly crowd: Crowd;
	/** May change when the configuration does; new connections take it over. */
	readonly settings: () => TcpSettings;
	readonly maxAnswer: number;
}

/** Bytes of answers that a client has not read yet, above which we read no more questions from it. */
const MOST_UNREAD = 128 << 10;
/** Bytes of the longest question that is read: as over UDP. Without options a question has less than 300. */
const LONGEST_QUERY = 4096;
/** Whoever has just connected has a question on its way. */
const FIRST_QUESTION_MS = 1000;
const NOTHING = Buffer.alloc(0);

export class Connection implements ReturnPath, Member {
	readonly #socket: Socket;
	readonly #parts: StreamParts;
	readonly #answer: Answer;
	readonly #query: Query;
	readonly #frames = new Frames(LONGEST_QUERY);
	readonly #mostInFlight: number;
	readonly #idleMs: number;
	readonly #onWritten = () => this.#reckon();
	#timer: NodeJS.Timeout;
	#inFlight = 0;
	#isPaused = false;
	#isReading = false;
	/** We read no more. */
	#isEnding = false;
	/** We read no more than what has arrived already. */
	#isFinishing = false;
	/** A whole message came. */
	#hasAsked = false;
	/** The client sends no more, but may still wait for answers (RFC 7766, section 6.2.4). */
	#hasEnded = false;
	/** Our own address, once somebody wanted to know. */
	#local: Uint8Array | undefined;
	/** Bytes that the crowd knows of. */
	#held = 0;
	/** What had been sent when the timer was last looked at. */
	#written = 0;

	/** `answer`: shared by all connections of a listener, used from one call to the next only. */
	constructor(socket: Socket, address: Uint8Array, answer: Answer, parts: StreamParts) {
		this.#socket = socket;
		this.#parts = parts;
		this.#answer = answer;
		const settings = parts.settings();
		this.#mostInFlight = settings.maxInFlight;
		this.#idleMs = settings.idleTimeoutMs;
		this.#query = new Query(NOTHING, this);
		this.#query.transport = TCP;
		this.#query.addressBytes = address;
		this.#query.addressLength = address.length === 4 ? 4 : 16;
		this.#timer = setTimeout(() => this.#timedOut(), settings.firstByteTimeoutMs);
		socket.on("data", (piece: Buffer) => this.#read(piece));
		socket.on("drain", () => this.#goOn());
		socket.on("end", () => {
			this.#hasEnded = true;
			this.#endIfDone();
		});
		// "close" follows.
		socket.on("error", () => socket.destroy());
		socket.on("close", () => {
			clearTimeout(this.#timer);
			this.#letGo();
		});
	}

	get held(): number {
		return this.#held;
	}

	dismiss(): void {
		this.#letGo();
		this.#socket.destroy();
	}

	#letGo(): void {
		const held = this.#held;
		this.#held = 0;
		if (held > 0) this.#parts.crowd.hold(this, -held);
	}

	/**
	 * Reads no more questions than have arrived, but waits a moment for the first; ends when the answers that are on their way
	 * have gone out.
	 */
	finish(): void {
		const end = (): void => {
			this.#isFinishing = false;
			this.#isEnding = true;
			this.#endIfDone();
		};
		this.#isFinishing = true;
		// The loop polls between one of these and the next: what lies with the system is read there.
		if (this.#hasAsked) setImmediate(() => setImmediate(end));
		else setTimeout(end, FIRST_QUESTION_MS);
	}

	/** Whether an answer is on its way, or waits for the client to take it. */
	get isBusy(): boolean {
		if (this.#socket.destroyed) return false;
		return this.#isFinishing || this.#inFlight > 0 || this.#socket.writableLength > 0;
	}

	#endIfDone(): void {
		if (this.#inFlight > 0 || this.#isReading || this.#socket.destroyed) return;
		// While paused there may be whole questions that have been read and not been taken.
		if (this.#isEnding || (this.#hasEnded && !this.#isPaused)) this.#socket.end();
	}

	#read(piece: Buffer): void {
		if (this.#isEnding) return;
		this.#parts.round.join();
		this.#socket.cork();
		this.#isReading = true;
		const isReadable = this.#frames.push(piece, (message) => {
			this.#take(message);
			return this.#mayReadOn();
		});
		this.#isReading = false;
		this.#socket.uncork();
		if (isReadable) this.#reckon();
		else this.#reject();
	}

	/** What came is no question, and nothing behind it can be told from it. */
	#reject(): void {
		this.#parts.counters.add("packetsMalformed", 1);
		this.#socket.destroy();
	}

	/** Tells the crowd what is held here. */
	#reckon(): void {
		if (this.#isReading || this.#socket.destroyed) return;
		const before = this.#held;
		this.#held = this.#frames.pending + this.#socket.writableLength;
		if (this.#held !== before) this.#parts.crowd.hold(this, this.#held - before);
	}

	#mayReadOn(): boolean {
		if (this.#isEnding || this.#socket.destroyed) return false;
		if (this.#inFlight < this.#mostInFlight && this.#socket.writableLength < MOST_UNREAD) return true;
		this.#isPaused = true;
		this.#socket.pause();
		return false;
	}

	/** There is room again: first for what had been read already. */
	#goOn(): void {
		if (!this.#isPaused || this.#isEnding || this.#socket.destroyed) return;
		if (this.#inFlight >= this.#mostInFlight || this.#socket.writableLength >= MOST_UNREAD) return;
		this.#isPaused = false;
		this.#read(NOTHING);
		if (this.#isPaused) return;
		this.#socket.resume();
		this.#endIfDone();
	}

	#take(message: Buffer): void {
		const { counters, crowd, round, run, tapPoint } = this.#parts;
		const query = this.#query;
		this.#hasAsked = true;
		this.#restart();
		crowd.heardOf(this);
		counters.add("packetsReceived", 1);
		const fault = readQuery(query, message, 0, message.length);
		if (fault === SILENCE) {
			this.#reject();
			return;
		}
		query.receivedAt = round.now;
		query.allowed = false;
		if ((query.sent & SENT.KEEPALIVE) !== 0) this.#promise(query);
		this.#inFlight++;
		tapPoint.tap?.clientQuery(query, message.length, this.#ownAddress, 0, this.#socket.localPort ?? 0);
		run(query, fault);
	}

	/** How long the connection is kept after the answer (RFC 7828, section 3.1), in units of 100 milliseconds. */
	#promise(query: Query): void {
		const at = echoOption(query, OPTION.KEEPALIVE, 2);
		putWord(query.echo, at, Math.min(Math.floor(this.#idleMs / 100), 0xffff));
	}

	/** A whole message came: only that starts the timer anew, so that a byte now and then keeps nobody here. */
	#restart(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#timedOut(), this.#idleMs);
	}

	#timedOut(): void {
		const { bytesWritten, writableLength } = this.#socket;
		const reads = writableLength === 0 || bytesWritten > this.#written;
		this.#written = bytesWritten;
		if (reads && (this.#inFlight > 0 || writableLength > 0)) this.#restart();
		else this.#socket.destroy();
	}

	get clientPort(): number {
		return this.#socket.remotePort ?? 0;
	}

	get #ownAddress(): Uint8Array {
		this.#local ??= addressBytes(this.#socket.localAddress ?? "::");
		return this.#local;
	}

	keep(): ReturnPath {
		return this;
	}

	open(): Answer {
		return this.#answer;
	}

	commit(asker: Asker, answer: Answer): void {
		this.#inFlight--;
		if (this.#socket.destroyed) return;
		if (answer.length > 0) {
			const { maxAnswer, tapPoint } = this.#parts;
			finishReply(answer, asker, maxAnswer);
			tapPoint.tap?.clientResponse(asker, answer, this.#ownAddress, 0, this.#socket.localPort ?? 0);
			// What was promised counts from the answer that says so.
			if ((asker.sent & SENT.KEEPALIVE) !== 0) this.#restart();
			this.#socket.write(framed(answer.bytes, answer.start, answer.start + answer.length), this.#onWritten);
			this.#reckon();
		}
		if (this.#isPaused && !this.#isEnding) queueMicrotask(() => this.#goOn());
		else this.#endIfDone();
	}
}
