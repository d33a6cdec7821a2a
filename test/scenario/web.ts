/** A web server for lists, whose content a test changes. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";

export class Web {
	readonly url: string;
	/** By path; a path that is not here is 404. */
	readonly pages = new Map<string, { readonly body: string | Buffer; readonly type: string }>();
	requests = 0;
	readonly #close: () => void;

	private constructor(url: string, close: () => void) {
		this.url = url;
		this.#close = close;
	}

	static async start(t: Test): Promise<Web> {
		const server = createServer();
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		const close = () => {
			server.closeAllConnections();
			server.close();
		};
		t.teardown(close);
		const web = new Web(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, close);
		server.on("request", (request, response) => {
			web.requests++;
			const page = web.pages.get(request.url ?? "");
			response.writeHead(page === undefined ? 404 : 200, { "content-type": page?.type ?? "text/plain" });
			response.end(page?.body ?? "not here");
		});
		return web;
	}

	put(path: string, body: string | Buffer, type = "text/plain"): void {
		this.pages.set(path, { body, type });
	}

	/** Nothing answers any more. */
	stop(): void {
		this.#close();
	}
}

/** So many names, one a line. */
export function domains(prefix: string, count: number): string {
	return Array.from({ length: count }, (_, i) => `${prefix}${i}.example\n`).join("");
}
