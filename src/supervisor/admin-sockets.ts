/** The sockets of the admin server, opened here instead of by Node, so that they can be handed over. Linux only. */
import * as libc from "../sockets/libc.ts";
import { openTcp } from "../sockets/open.ts";
import type { AdminSockets } from "./admin-door.ts";

export const ADMIN_SOCKETS: AdminSockets = {
	open: (endpoint) => openTcp(endpoint, false, true),
	copy: libc.dup,
	close: libc.close,
};
