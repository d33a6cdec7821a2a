import { test } from "tap";
import { nameFromText, nameToText } from "../../src/wire/name.ts";
import { asked, compiled, verdict } from "./compiled.ts";

/** 255 bytes on the wire with labels of 63, 63, 63 and 61 bytes. */
const LONGEST = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61)].join(".");
/** 127 labels: 255 bytes again. */
const DEEPEST = Array.from({ length: 127 }, (_, i) => String.fromCharCode(97 + (i % 26))).join(".");

test("the longest name there is, and the one of most labels", async (t) => {
	for (const name of [LONGEST, DEEPEST]) {
		t.equal(nameFromText(name)?.length, 255);
		t.equal(nameFromText(`${name}.`)?.length, 255);
		t.equal(nameFromText(`x${name}`), undefined);
		for (const rule of [`=${name}`, `||${name}^`])
			t.equal(verdict(compiled([{ rules: [rule] }]), name), `block 0 ${name}`, rule);
		t.equal(verdict(compiled([{ rules: [`*.${name}`] }]), name), "-", "nothing can be below it");
	}
	t.equal(asked(DEEPEST).labels, 127);
});

test("a rule at every depth of a name of 127 labels", async (t) => {
	const labels = DEEPEST.split(".");
	const suffixes = labels.map((_, i) => labels.slice(i).join("."));
	for (const suffix of suffixes) {
		const found = verdict(compiled([{ rules: [`||${suffix}^`] }]), DEEPEST);
		if (found !== `block 0 ${suffix}`) t.fail(`${suffix}: ${found}`);
	}
	const all = compiled([{ rules: suffixes.map((suffix) => `||${suffix}^`) }]);
	const told = all.findAll(asked(DEEPEST)).map((entry) => entry.name);
	t.same(told, suffixes, "the most specific first");
});

test("labels of any bytes", async (t) => {
	const texts = [
		"\\000.test",
		"\\000\\000\\000.test",
		"\\001a.test",
		"a\\.b.test",
		"\\\\.test",
		"\\255\\254.test",
		"\\032.test",
		"\\003www\\004test.test",
		"\\063.test",
	];
	const index = compiled([{ rules: texts.map((text) => `||${text}^`) }]);
	t.equal(index.blockedNames, texts.length);
	for (const text of texts) {
		const wire = nameFromText(text) ?? new Uint8Array(1);
		t.equal(verdict(index, wire), `block 0 ${nameToText(wire)}`, text);
		t.equal(verdict(index, `x.${text}`), `block 0 ${nameToText(wire)}`, `below ${text}`);
	}
	for (const other of ["\\000\\000.test", "www.test", "a.b.test", "\\001.test", "test"])
		t.equal(verdict(index, other), "-", other);
	// Every byte value as a label of its own: only capitals fall together with small letters.
	const bytes = compiled([
		{ rules: Array.from({ length: 256 }, (_, i) => `=\\${String(i).padStart(3, "0")}.test`) },
	]);
	t.equal(bytes.blockedNames, 256 - 26);
	for (let i = 0; i < 256; i++) {
		const found = verdict(bytes, Uint8Array.of(1, i, 4, 116, 101, 115, 116, 0));
		if (found === "-") t.fail(`byte ${i}`);
	}
});
