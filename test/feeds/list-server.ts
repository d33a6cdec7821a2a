/** A web server on a free port of 127.0.0.1 that behaves as a test tells it to. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";

export interface ListServer {
	/** Without a slash at the end. */
	readonly url: string;
	readonly port: number;
	readonly requests: IncomingMessage[];
}

export async function serveLists(t: Test, listener: RequestListener): Promise<ListServer> {
	const requests: IncomingMessage[] = [];
	const server: Server = createServer((request, response) => {
		requests.push(request);
		response.on("error", () => {});
		listener(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const { port } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${port}`, port, requests };
}
