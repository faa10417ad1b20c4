// usage: node report.mjs CHROMIUM REPORT.html CLEAN.html LARGE.html
//
// The HTML report in a real browser. Prints a line of JSON a case: {"name", "holds", "detail"}. REPORT.html is of a
// document with findings, gates, a plan and hostile names; CLEAN.html of one without plots and findings; LARGE.html of one
// of 1,000 operators.
import {chromium} from "playwright-core";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";

const [program, report, clean, large] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
               "--disable-sync", "--no-first-run", "--disable-default-apps", "--disable-extensions"];
const browser = await chromium.launch({executablePath: program, args: flags});

const say = (name, holds, detail = "") => console.log(JSON.stringify({name, holds: Boolean(holds), detail: String(detail)}));
const equal = (name, got, want) => say(name, JSON.stringify(got) === JSON.stringify(want), `${JSON.stringify(got)}, not ${JSON.stringify(want)}`);

async function open(file, options = {}, hash = "", before = undefined) {
  const context = await browser.newContext({viewport: {width: 1280, height: 800}, ...options});
  const page = await context.newPage();
  page.noise = [];
  if (before) {
    await page.addInitScript(before);
  }
  page.on("console", message => page.noise.push(`console: ${message.text()}`));
  page.on("pageerror", error => page.noise.push(`error: ${error}`));
  page.on("dialog", dialog => { page.noise.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", request => {
    if (request.url().split("#")[0] !== pathToFileURL(file).href) {
      page.noise.push(`request: ${request.url()}`);
    }
  });
  await page.goto(pathToFileURL(file).href + hash);
  return page;
}

const ops = page => page.locator("#tensor-table tbody tr:visible td:first-child").allTextContents();
const sqnr = page => page.locator("#tensor-table tbody tr:visible td:nth-child(6)")
  .evaluateAll(cells => cells.map(cell => cell.dataset.v).map(v => (v === "" ? null : Number(v))));
const inView = (page, selector) => page.locator(selector).first().evaluate(element => {
  const box = element.getBoundingClientRect();
  return box.top >= -1 && box.top < innerHeight && box.height > 0;
});

async function sorting() {
  const page = await open(report);
  const before = await ops(page);
  const button = page.locator("#tensor-table thead button", {hasText: /^SQNR/});
  await button.click();
  const up = (await sqnr(page)).filter(v => v !== null);
  say("sorted up by SQNR", up.length > 60 && up.every((v, i) => i === 0 || up[i - 1] <= v), up);
  equal("the first row is the culprit", (await ops(page))[0], "40");
  equal("aria-sort says ascending", await page.locator("#tensor-table th[aria-sort]").getAttribute("aria-sort"), "ascending");
  await page.locator("#tensor-table thead button", {hasText: "local SQNR"}).click();
  await page.locator("#tensor-table thead button", {hasText: "local SQNR"}).click();
  const local = await page.locator("#tensor-table tbody tr td:nth-child(7)").evaluateAll(cells => cells.map(cell => cell.dataset.v));
  const known = local.filter(v => v !== "").map(Number);
  say("sorted down by local SQNR", known.every((v, i) => i === 0 || known[i - 1] >= v), local);
  equal("absent figures come last", local.at(-1), "");
  equal("aria-sort says descending", await page.locator("#tensor-table th[aria-sort]").getAttribute("aria-sort"), "descending");
  await page.locator("#tensor-table thead button", {hasText: /^op$/}).focus();
  await page.keyboard.press("Enter");
  equal("the keyboard sorts back by operator", await ops(page), before);
  equal("sorting is quiet", page.noise, []);
}

async function filtering() {
  const page = await open(report);
  const all = (await ops(page)).length;
  equal("the count is said", await page.locator("#tensor-count").textContent(), `${all} of ${all} tensors`);
  await page.getByLabel("Filter").fill("block_10 EXPAND");
  equal("filter by words of a name", await ops(page), ["40"]);
  equal("the count follows", await page.locator("#tensor-count").textContent(), `1 of ${all} tensors`);
  await page.getByLabel("Filter").fill("(no such [tensor");
  equal("nothing matches", await ops(page), []);
  await page.getByLabel("Filter").fill("^mobilenet|^block_(2|3)/expand ^CONV");
  equal("filter by a regular expression", await ops(page), ["8", "12"]);
  await page.getByLabel("Filter").fill("^int8$ ^MEAN$");
  equal("words match whole cells", await ops(page), ["61"]);
  await page.getByLabel("Filter").fill("");
  await page.locator("#tensor-tools select").selectOption("SOFTMAX");
  equal("filter by operator", await ops(page), ["64"]);
  await page.locator("#tensor-tools select").selectOption("");
  await page.getByLabel("only to blame").check();
  equal("filter by blame", await ops(page), ["40"]);
  equal("filtering is quiet", page.noise, []);
}

async function deepLinks() {
  for (const [hash, wanted] of [["#op-40", "#op-40"], ["#op-2", "#op-2"], ["#t-6", "#op-3"]]) {
    const page = await open(report, {}, hash);
    say(`${hash}: its section is open`, await page.locator(wanted).evaluate(section => section.open));
    say(`${hash}: it is in view`, await inView(page, hash));
    await page.context().close();
  }
  const page = await open(report);
  await page.locator("#tensor-table a", {hasText: "block_2/expand"}).first().click();
  say("a link in the table opens its section", await page.locator("#op-8").evaluate(section => section.open));
  say("and shows it", await inView(page, "#op-8"));
  const broken = await page.evaluate(() => [...document.querySelectorAll("a[href^='#']")]
    .map(link => link.getAttribute("href").slice(1)).filter(id => !document.getElementById(id)));
  equal("every link leads somewhere", broken, []);
  const twice = await page.evaluate(() => [...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, ids) => ids.indexOf(id) !== i));
  equal("no id stands twice", twice, []);
  await page.locator("#open-all").click();
  equal("open all", await page.locator("details.tensor:not([open])").count(), 0);
  const odd = await open(report, {}, "#%E0%A4%A");
  equal("a broken hash is quiet", odd.noise, []);
}

/* From the graph to the table to the tensor. */
async function graph() {
  for (const javaScriptEnabled of [true, false]) {
    const page = await open(report, {javaScriptEnabled}), how = javaScriptEnabled ? "" : ", scripts off";
    equal(`a node an operator and input${how}`, await page.locator(".graph rect").count(), 68);
    say(`the culprit's node is marked${how}`, (await page.locator(".graph .blamed").textContent()).includes("#40"));
    await page.locator(".graph a", {has: page.locator("text", {hasText: /^#40$|#40$/})}).first().click();
    say(`a node leads to its row${how}`, await inView(page, "tr:target"));
    equal(`that of its operator${how}`, await page.locator("tr:target td").first().textContent(), "40");
    await page.locator("tr:target a").click();
    say(`the row leads to its tensor${how}`, await inView(page, "#op-40"));
    const fill = () => page.locator(".graph .blamed rect").evaluate(rect => getComputedStyle(rect).fill);
    await page.locator("#graph-l").check();
    const local = await fill(), shown = await page.locator(".graph .blamed text:visible").allTextContents();
    say(`local errors are shown${how}`, shown.some(text => text.startsWith("11.")), shown);
    await page.locator("#graph-c").check();
    say(`and cumulative ones${how}`, (await page.locator(".graph .blamed text:visible").allTextContents()).length === shown.length, local);
    equal(`the graph is quiet${how}`, page.noise, []);
    await page.context().close();
  }
  const page = await open(report);
  await page.getByLabel("Filter").fill("nothing is like this");
  await page.locator(".graph a").nth(9).click();
  await page.waitForFunction(() => !document.querySelector("tr:target").hidden);
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
  say("a filtered row is shown when a node leads to it", await inView(page, "tr:target"));
}

/* What a reviewer is to find without scripts: every kind of figure. */
async function everyFigure() {
  const page = await open(report, {javaScriptEnabled: false});
  const has = async (what, selector, least) => {
    const count = await page.locator(selector).count();
    say(`${what} with scripts off`, count >= least, count);
  };
  await has("gates with their messages", "[aria-labelledby=gates] tbody tr td:nth-child(6)", 2);
  await has("the plan's layers, front and proof", "[aria-labelledby=plan] tbody tr", 8);
  await has("the front drawn", "[aria-labelledby=plan] svg.plot", 1);
  await has("confusion of both models", "table.confusion td", 200);
  await has("histograms, scatter and channels of the culprit", "#op-40 figure svg.plot", 4);
  await has("drawings of the others", "#op-2 figure svg.mini", 4);
  await has("weights by channel", "[aria-labelledby=weights] tbody tr", 40);
  await has("the command to run it again", "[aria-labelledby=provenance] pre", 1);
}

/* A thousand operators: the table answers within a second. */
async function large1000() {
  const watch = () => new MutationObserver((_, observer) => {
    if (document.getElementById("tensor-count")?.textContent) {
      globalThis.ready = performance.now();
      observer.disconnect();
    }
  }).observe(document, {subtree: true, childList: true});
  let page, ready = Infinity;
  for (let tries = 0; tries < 4 && ready >= 1000; tries++) { // the best of several: others may be busy on the machine
    await page?.context().close();
    page = await open(large, {}, "", watch);
    ready = Math.min(ready, await page.evaluate(() => globalThis.ready ?? Infinity));
  }
  say("1,000 operators: the table answers within a second", ready < 1000, `${Math.round(ready)} ms`);
  const times = await page.evaluate(() => {
    const timed = action => {
      const begun = performance.now();
      action();
      document.getElementById("tensor-table").getBoundingClientRect();
      return performance.now() - begun;
    };
    const search = document.querySelector("#tensor-tools input[type=search]");
    const type = text => { search.value = text; search.dispatchEvent(new Event("input")); };
    const best = action => Math.min(...[1, 2, 3, 4].map(() => timed(action)));
    return [best(() => document.querySelectorAll("#tensor-table thead button")[5].click()),
            best(() => { type(""); type("block_1\\d/expand"); })];
  });
  say("1,000 operators: sorting and filtering take less than a second", Math.max(...times) < 1000, times.map(Math.round));
  equal("1,000 operators: a node each", await page.locator(".graph rect").count(), 1002);
  equal("1,000 operators: quiet", page.noise, []);
}

async function schemes() {
  const colours = {};
  for (const colorScheme of ["light", "dark"]) {
    const page = await open(report, {colorScheme});
    colours[colorScheme] = await page.evaluate(() => {
      const line = document.querySelector("svg.plot path[stroke*='plot-3']");
      return [getComputedStyle(document.body).backgroundColor, getComputedStyle(line).stroke];
    });
    for (const hash of ["", "#op-40", "#op-2"]) {
      await page.evaluate(to => { location.hash = to; }, hash);
    }
    await page.context().close();
    const audit = await open(report, {colorScheme, bypassCSP: true});
    await audit.locator("#open-all").click();
    await audit.evaluate(axe);
    const found = await audit.evaluate(() => globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}));
    const faults = found.violations.map(v => `${v.id} (${v.nodes.length}): ${v.nodes[0].target} ${v.nodes[0].failureSummary}`);
    equal(`axe-core finds nothing, ${colorScheme}`, faults, []);
    say(`axe-core looked, ${colorScheme}`, found.passes.length > 20, found.passes.length);
  }
  say("paper differs between light and dark", colours.light[0] !== colours.dark[0], JSON.stringify(colours));
  say("plots differ between light and dark", colours.light[1] !== colours.dark[1], JSON.stringify(colours));
}

async function firstScreen() {
  const page = await open(report);
  const bottoms = await page.evaluate(() => [".card.blame h2", ".card.blame .finding", ".card.blame pre", ".tiles"]
    .map(selector => document.querySelector(selector).getBoundingClientRect().bottom));
  say("culprit and remedy are on the first screen of 1280 x 800", bottoms.every(bottom => bottom > 0 && bottom <= 800), bottoms);
  const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  for (const width of [1280, 820, 320]) {
    await page.setViewportSize({width, height: 800});
    await page.locator("#open-all").click();
    say(`nothing runs over a page ${width} wide`, await page.evaluate(overflow) <= 0, await page.evaluate(overflow));
  }
  equal("the page is quiet", page.noise, []);
}

async function inertNames() {
  const page = await open(report);
  equal("no element of a hostile name", await page.locator("main img, iframe, object, embed, form, link, base").count(), 0);
  equal("one script, the page's own", await page.locator("script").count(), 1);
  const handlers = await page.evaluate(() => [...document.querySelectorAll("*")]
    .filter(e => [...e.attributes].some(a => a.name.startsWith("on"))).length);
  equal("no handler of a hostile name", handlers, 0);
  equal("nothing ran", await page.evaluate(() => globalThis.hostile), undefined);
  say("the hostile name is shown as text", (await page.locator("#op-0").textContent()).includes("<script>hostile=1</script>"));
  const injected = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.hostile = 2";
    document.body.append(script);
    return globalThis.hostile;
  });
  equal("the page's policy runs no other script", injected, undefined);
}

async function withoutScript() {
  const figures = "#tensor-table tbody tr, details.tensor, details.tensor td, section table td, svg[role=img]";
  const on = await open(report), off = await open(report, {javaScriptEnabled: false});
  const count = async page => page.locator(figures).count();
  equal("as many figures with scripts off", await count(off), await count(on));
  const text = async page => (await page.locator("#tensor-table tbody").textContent()).replace(/\s+/g, " ");
  equal("the same table with scripts off", await text(off), await text(on));
  say("no dead control is shown", !(await off.locator("#tensor-tools").isVisible()) && !(await off.locator("#open-all").isVisible()));
  await off.locator("#op-2 > summary").click();
  say("sections open with scripts off", await off.locator("#op-2 .mini").first().isVisible());
  equal("scripts off is quiet", off.noise, []);
}

async function plain() {
  const page = await open(clean);
  say("missing plots are said", (await page.locator(".note").allTextContents()).some(text => text.startsWith("Plots are missing")));
  equal("no plot of gnuplot's", await page.locator("svg.plot").count(), 0);
  say("small drawings instead", await page.locator("svg.mini").count() > 100);
  equal("a page without plots is quiet", page.noise, []);
}

async function print() {
  const page = await open(report);
  const pdf = await page.pdf({format: "A4"});
  say("it prints", pdf.length > 50000, pdf.length);
  await page.emulateMedia({media: "print"});
  await page.setViewportSize({width: 695, height: 1000}); // what A4 leaves between its margins
  const wide = await page.evaluate(() => [...document.querySelectorAll("main table, main svg, main pre")]
    .filter(e => e.getBoundingClientRect().right > innerWidth && e.checkVisibility())
    .map(e => `${e.closest("section")?.getAttribute("aria-labelledby")} ${e.getBoundingClientRect().right}`));
  equal("nothing runs off the paper", wide, []);
  say("no controls on paper", !(await page.locator("#tensor-tools").isVisible()));
}

try {
  for (const part of [sorting, filtering, deepLinks, graph, everyFigure, large1000, schemes, firstScreen, inertNames, withoutScript, plain, print]) {
    try {
      await part();
    } catch (error) {
      say(part.name, false, error);
    }
  }
} finally {
  await browser.close();
}
