/** Everything that is looked at, in the order in which it is told. */
import { CLIENTS } from "./clients.ts";
import { CLOCK } from "./clock.ts";
import { CONFIGURATION } from "./configuration.ts";
import { DISK } from "./disk.ts";
import { FILE_LIMIT } from "./file-limit.ts";
import { FIREWALL } from "./firewall.ts";
import { INTERRUPTED } from "./interrupted.ts";
import { LIST_SOURCES } from "./list-sources.ts";
import { LIST_STATES } from "./list-states.ts";
import { MEMORY } from "./memory.ts";
import { NAME_SERVICE } from "./name-service.ts";
import { NODE_VERSION } from "./node-version.ts";
import type { Check } from "./patient.ts";
import { PERMISSIONS } from "./permissions.ts";
import { PORTS } from "./ports.ts";
import { PRIVILEGE } from "./privilege.ts";
import { PROCESSORS } from "./processors.ts";
import { REDIS } from "./redis.ts";
import { RUNNING } from "./running.ts";
import { SOCKET_BUFFERS } from "./socket-buffers.ts";
import { UPSTREAMS } from "./upstreams.ts";

export const CHECKS: readonly Check[] = [
	CONFIGURATION,
	RUNNING,
	PORTS,
	PRIVILEGE,
	CLIENTS,
	FIREWALL,
	NAME_SERVICE,
	UPSTREAMS,
	LIST_SOURCES,
	LIST_STATES,
	REDIS,
	PERMISSIONS,
	INTERRUPTED,
	DISK,
	MEMORY,
	PROCESSORS,
	FILE_LIMIT,
	SOCKET_BUFFERS,
	CLOCK,
	NODE_VERSION,
];
