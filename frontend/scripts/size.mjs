/** What a first visit loads before it can ask: the entry, what it imports statically, and the styles. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 250;
const dist = new URL('../dist/', import.meta.url);
const page = readFileSync(new URL('index.html', dist), 'utf8');
const files = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((found) => found[1]);

const sizes = files.map((file) => [file, gzipSync(readFileSync(new URL(file, dist))).length / 1000]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
for (const [file, size] of sizes) console.log(`${size.toFixed(1).padStart(7)} kB gzip  ${file}`);
console.log(`${total.toFixed(1).padStart(7)} kB gzip  first load (limit ${LIMIT_KB})`);
if (files.length === 0 || total > LIMIT_KB) {
  console.error(`The first load is too large, or dist/index.html names no files.`);
  process.exit(1);
}
