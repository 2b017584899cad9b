// Opens a page in headless Chromium and prints what a person would read there, as JSON:
//   node look.mjs URL SCREENSHOT.png SELECTOR...
// {"texts": {selector: text}, "errors": [console and page errors], "brokenImages": n}
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(fileURLToPath(new URL('../../infra/offline/package.json', import.meta.url)));
const { chromium } = require('playwright-core');
const [url, screenshot, ...selectors] = process.argv.slice(2);

const profile = mkdtempSync(join(tmpdir(), 'tpo-browser-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: '/usr/bin/chromium',
  headless: true,
  viewport: { width: 1180, height: 900 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage();
  const errors = [];
  page.on('console', message => { if (message.type() === 'error') errors.push(message.text()); });
  page.on('pageerror', error => errors.push(String(error)));
  // The browser asks for this by itself; no page of ours does.
  await page.route('**/favicon.ico', route => route.fulfill({ status: 204 }));
  await page.goto(url);
  // Pages that read the API say when they have; others are ready when loaded.
  if (url.includes('/api/dashboard')) await page.waitForSelector('body[data-ready]', { timeout: 20000 });
  await page.evaluate(() => Promise.all([...document.images].map(image => {
    image.loading = 'eager';
    return image.complete || new Promise(done => { image.onload = image.onerror = done; });
  })));
  const texts = {};
  for (const selector of selectors) texts[selector] = (await page.textContent(selector, { timeout: 5000 })).trim();
  const brokenImages = await page.evaluate(() => [...document.images].filter(image => !image.naturalWidth).length);
  await page.screenshot({ path: screenshot, fullPage: true });
  console.log(JSON.stringify({ texts, errors, brokenImages }));
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
