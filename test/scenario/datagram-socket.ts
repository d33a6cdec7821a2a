/** A socket of Unix that hears datagrams, as a service manager has one. */
import * as libc from "../../src/sockets/libc.ts";
import { LINUX } from "../../src/sockets/libc.ts";
import { Watchers } from "./watchers.ts";

const PATIENCE_MS = 30_000;
const MOST_BYTES = 4096;

export class DatagramSocket {
	/** All that was ever said. */
	readonly all: string[] = [];
	readonly #fd: number;
	readonly #watch: { close(): void };
	readonly #watchers = new Watchers();
	#from = 0;

	/** `@` at the beginning: an abstract name. */
	constructor(path: string) {
		const name = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`);
		const address = Buffer.concat([Buffer.of(LINUX.AF_UNIX, 0), name]);
		this.#fd = libc.socket(LINUX.AF_UNIX, LINUX.SOCK_DGRAM | LINUX.SOCK_NONBLOCK | LINUX.SOCK_CLOEXEC, 0);
		if (libc.bind(this.#fd, address, address.length) !== 0) throw new Error(`${path}: ${libc.lastError()}`);
		this.#watch = libc.watch(this.#fd, () => this.#receive());
	}

	/** The next text that matches, behind the one that was waited for last. */
	async hears(pattern: RegExp): Promise<string> {
		const deadline = AbortSignal.timeout(PATIENCE_MS);
		for (;;) {
			for (; this.#from < this.all.length; this.#from++) {
				const text = this.all[this.#from];
				if (!pattern.test(text)) continue;
				this.#from++;
				return text;
			}
			if (deadline.aborted) throw new Error(`waited in vain for ${pattern}:\n${this.all.join("\n\n")}`);
			await this.#watchers.next(deadline);
		}
	}

	close(): void {
		this.#watch.close();
		libc.close(this.#fd);
	}

	#receive(): void {
		const bytes = Buffer.alloc(MOST_BYTES);
		for (;;) {
			const length = libc.recv(this.#fd, bytes, bytes.length, LINUX.MSG_DONTWAIT);
			if (length < 0) break;
			this.all.push(bytes.toString("utf8", 0, length));
		}
		this.#watchers.wake();
	}
}
