import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { test } from "tap";
import { operatorTokenPath, prepareOperatorToken } from "../../../src/supervisor/pool/operator-token.ts";

function hashOf(path: string): string {
	return createHash("sha256").update(readFileSync(path, "utf8").trim()).digest("hex");
}

test("made once, for its owner's eyes only, and taken again at the next start", (t) => {
	const dataDir = t.testdir();
	const path = operatorTokenPath(dataDir);
	const first = prepareOperatorToken(dataDir);
	t.match(readFileSync(path, "utf8"), /^cordon_[A-Za-z0-9_-]{43}\n$/);
	t.equal(statSync(path).mode & 0o777, 0o600);
	t.equal(first, hashOf(path));
	t.equal(prepareOperatorToken(dataDir), first);
	t.end();
});

test("two nodes have different ones", (t) => {
	t.not(prepareOperatorToken(t.testdir({ a: "" })), prepareOperatorToken(t.testdir({ b: "" })));
	t.end();
});

test("what is no token of ours is replaced, and its file closed to others", (t) => {
	for (const content of ["", "cordon_short\n", "secret", `cordon_${"a".repeat(44)}`]) {
		const dataDir = t.testdir();
		const path = operatorTokenPath(dataDir);
		writeFileSync(path, content);
		chmodSync(path, 0o644);
		t.equal(prepareOperatorToken(dataDir), hashOf(path), JSON.stringify(content));
		t.not(readFileSync(path, "utf8"), content);
		t.equal(statSync(path).mode & 0o777, 0o600);
	}
	t.end();
});

test("a place where no file can be says so", (t) => {
	const dataDir = t.testdir();
	mkdirSync(operatorTokenPath(dataDir));
	t.throws(() => prepareOperatorToken(dataDir), {
		message: /^the operator's token cannot be written to .*operator\.token: EISDIR.*; make dataDir writable$/,
	});
	t.end();
});
