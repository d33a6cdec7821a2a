/**
 * The few calls of Linux's C library that Node has no face for. Only the files of this folder, the supervisor's
 * sockets and `upstream/udp.ts` use them; whoever imports this file needs Linux, so it is imported on demand.
 */
import koffi from "koffi";

const library = koffi.load(null);

/** Numbers from the kernel's headers, the same on every architecture that Node runs on but MIPS. */
export const LINUX = {
	AF_UNIX: 1,
	AF_INET: 2,
	AF_INET6: 10,
	SOCK_STREAM: 1,
	SOCK_DGRAM: 2,
	SOCK_SEQPACKET: 5,
	SOCK_NONBLOCK: 0o4000,
	SOCK_CLOEXEC: 0o2000000,
	SOL_SOCKET: 1,
	SO_REUSEADDR: 2,
	SO_TYPE: 3,
	SO_SNDBUF: 7,
	SO_RCVBUF: 8,
	SO_REUSEPORT: 15,
	SO_PEERCRED: 17,
	SO_ACCEPTCONN: 30,
	SO_SNDBUFFORCE: 32,
	SO_RCVBUFFORCE: 33,
	SCM_RIGHTS: 1,
	IPPROTO_IP: 0,
	IP_PKTINFO: 8,
	IP_MTU_DISCOVER: 10,
	IP_MINTTL: 21,
	IP_PMTUDISC_PROBE: 3,
	IPPROTO_IPV6: 41,
	IPV6_V6ONLY: 26,
	IPV6_MTU_DISCOVER: 23,
	IPV6_RECVPKTINFO: 49,
	IPV6_PKTINFO: 50,
	IPV6_MINHOPCOUNT: 73,
	MSG_DONTWAIT: 0x40,
	MSG_TRUNC: 0x20,
	MSG_CTRUNC: 8,
	MSG_NOSIGNAL: 0x4000,
	MSG_CMSG_CLOEXEC: 0x4000_0000,
	FIOCLEX: 0x5451,
	F_DUPFD_CLOEXEC: 1030,
	EPOLL_CLOEXEC: 0o2000000,
	EPOLL_CTL_ADD: 1,
	EPOLL_CTL_DEL: 2,
	EPOLLIN: 1,
	MADV_DONTNEED: 4,
	M_MMAP_THRESHOLD: -3,
	SCHED_OTHER: 0,
	SCHED_RR: 2,
	SCHED_IDLE: 5,
	SCHED_RESET_ON_FORK: 0x4000_0000,
	LOCK_EX: 2,
	LOCK_NB: 4,
	STA_UNSYNC: 0x40,
} as const;

type Memory = ArrayBuffer | SharedArrayBuffer | ArrayBufferView | bigint | null;

export const socket: (family: number, type: number, protocol: number) => number =
	library.func("int socket(int, int, int)");
export const bind: (fd: number, address: Memory, length: number) => number = library.func(
	"int bind(int, void *, uint)",
);
export const connect: (fd: number, address: Memory, length: number) => number = library.func(
	"int connect(int, void *, uint)",
);
export const listen: (fd: number, backlog: number) => number = library.func("int listen(int, int)");
export const getsockname: (fd: number, address: Memory, length: Memory) => number = library.func(
	"int getsockname(int, void *, void *)",
);
export const setsockopt: (fd: number, level: number, name: number, value: Memory, length: number) => number =
	library.func("int setsockopt(int, int, int, void *, uint)");
export const getsockopt: (fd: number, level: number, name: number, value: Memory, length: Memory) => number =
	library.func("int getsockopt(int, int, int, void *, void *)");
export const accept4: (fd: number, address: null, length: null, flags: number) => number = library.func(
	"int accept4(int, void *, void *, int)",
);
export const sendmsg: (fd: number, header: Memory, flags: number) => number = library.func(
	"int sendmsg(int, void *, int)",
);
export const recvmsg: (fd: number, header: Memory, flags: number) => number = library.func(
	"int recvmsg(int, void *, int)",
);
export const recv: (fd: number, bytes: Memory, length: number, flags: number) => number = library.func(
	"int recv(int, void *, size_t, int)",
);
export const sendto: (
	fd: number,
	bytes: Memory,
	length: number,
	flags: number,
	address: Memory,
	addressLength: number,
) => number = library.func("int sendto(int, void *, size_t, int, void *, uint)");
export const close: (fd: number) => number = library.func("int close(int)");
const control: (fd: number, command: number, ...argument: unknown[]) => number =
	library.func("int fcntl(int, int, ...)");
const deviceControl: (fd: number, command: number, ...argument: unknown[]) => number = library.func(
	"int ioctl(int, ulong, ...)",
);

/** A second descriptor of the same open socket, which programs that we start do not get. */
export function dup(fd: number): number {
	return control(fd, LINUX.F_DUPFD_CLOEXEC, "int", 0);
}

/** Programs that we start do not get this descriptor. */
export function closeOnExec(fd: number): void {
	deviceControl(fd, LINUX.FIOCLEX);
}

export const flock: (fd: number, operation: number) => number = library.func("int flock(int, int)");
export const recvmmsg: (fd: number, headers: Memory, count: number, flags: number, timeout: null) => number =
	library.func("int recvmmsg(int, void *, uint, int, void *)");
export const sendmmsg: (fd: number, headers: Memory, count: number, flags: number) => number = library.func(
	"int sendmmsg(int, void *, uint, int)",
);
export const epollCreate: (flags: number) => number = library.func("int epoll_create1(int)");
export const epollControl: (epoll: number, operation: number, fd: number, event: Memory) => number =
	library.func("int epoll_ctl(int, int, int, void *)");
export const epollWait: (epoll: number, events: Memory, most: number, timeout: number) => number =
	library.func("int epoll_wait(int, void *, int, int)");
export const madvise: (address: bigint, length: bigint, advice: number) => number = library.func(
	"int madvise(void *, size_t, int)",
);
export const schedSetscheduler: (thread: number, policy: number, parameter: Memory) => number = library.func(
	"int sched_setscheduler(int, int, void *)",
);

export const adjtimex: (timex: Memory) => number = library.func("int adjtimex(void *)");

/** The calling thread's number in the system. */
export const gettid: () => number = library.func("int gettid()");

/** Any call by its number: these arguments only. */
export const systemCall: (call: number, thread: number, attributes: Memory, flags: number) => number =
	library.func("long syscall(long, int, void *, uint)");

/** Does nothing where the C library is not glibc: musl gives memory back by itself. */
export const mallocTrim: (keep: number) => number = optional("int malloc_trim(size_t)");
/** The same; what it sets holds for all threads. */
export const mallocOption: (option: number, value: number) => number = optional("int mallopt(int, int)");

function optional(definition: string): (...values: number[]) => number {
	try {
		return library.func(definition);
	} catch {
		return () => 0;
	}
}

/** Calls back whenever `fd` is readable, from libuv's own loop. Keep what it returns: collected, it goes deaf. */
export function watch(fd: number, readable: () => void): { close(): void } {
	return koffi.node.poll(fd, { readable: true }, readable);
}

export function addressOf(memory: ArrayBuffer | SharedArrayBuffer | ArrayBufferView): bigint {
	return koffi.address(memory);
}

const NAMES = new Map(Object.entries(koffi.os.errno).map(([name, code]) => [code, name]));

/** The name of the last call's error, such as EADDRINUSE. */
export function lastError(): string {
	const code = koffi.errno();
	return NAMES.get(code) ?? `errno ${code}`;
}
