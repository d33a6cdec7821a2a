import { test } from "tap";
import { about, many, OPERATOR, officeIn, refusal } from "./office.ts";

const HOUR = 3_600_000;

test("a member reads how often its contributions stopped something", async (t) => {
	const office = await officeIn(t);
	const { desk, store, clock } = office;
	const [cert, isp] = [await office.member("cert"), await office.member("isp")];
	await office.submit([about("a.example"), about("b.example"), about("unseen.example")], cert);
	await office.submit([about("b.example"), about("theirs.example")], isp);
	const now = clock.now - (clock.now % HOUR);
	const sum = (domain: string, hoursAgo: number, network: string, count: number) => ({
		domain,
		hour: now - hoursAgo * HOUR,
		network,
		count,
	});
	await store.addSightings("r1", [
		sum("b.example", 1, "net-1", 3),
		sum("a.example", 2, "net-1", 10),
		sum("theirs.example", 1, "net-1", 7),
	]);
	await store.addSightings("r2", [sum("a.example", 3, "net-2", 5), sum("a.example", 2, "net-1", 1)]);
	t.same(await desk.sightings("cert", now - 24 * HOUR, cert), [
		{ domain: "a.example", count: 16, networks: 2, lastHour: now - 2 * HOUR },
		{ domain: "b.example", count: 3, networks: 1, lastHour: now - HOUR },
	]);
	t.same(await desk.sightings("cert", now - 2 * HOUR, OPERATOR), [
		{ domain: "a.example", count: 11, networks: 1, lastHour: now - 2 * HOUR },
		{ domain: "b.example", count: 3, networks: 1, lastHour: now - HOUR },
	]);
	t.same(await desk.sightings("nobody", 0, OPERATOR), []);
	await t.rejects(desk.sightings("cert", 0, isp), refusal(403));
	await t.rejects(desk.sightings("CERT", 0, OPERATOR), refusal(400));
	await t.rejects(desk.sightings("cert", Number.NaN, OPERATOR), refusal(400));
});

test("of thousands of domains, the few that were seen", async (t) => {
	const office = await officeIn(t, { limits: { freeChanges: 1e6 } });
	const cert = await office.member("cert");
	await office.submit(many(2500), cert);
	const hour = office.clock.now - (office.clock.now % HOUR);
	const seen = ["d0.test.example", "d1234.test.example", "d999.test.example"];
	await office.store.addSightings(
		"r",
		seen.map((domain) => ({ domain, hour, network: "n", count: 1 })),
	);
	t.same(
		(await office.desk.sightings("cert", 0, cert)).map(({ domain }) => domain),
		seen,
	);
});
