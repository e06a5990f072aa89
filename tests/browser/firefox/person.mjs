/**
 * Somebody with Firefox: what they see is found by role and name, as a person or a screen reader finds
 * it. Driven by WebDriver BiDi; Debian's Firefox is no browser that Playwright could start.
 */

import puppeteer from "puppeteer-core";

const PATIENCE_MS = 45_000; // on a busy machine

/** How Firefox is set: `strict` refuses whatever stands in a frame of another site all cookies and storage. */
const SETTINGS = {
  usual: {},
  strict: { "network.cookie.cookieBehavior": 1 },
};

export async function firefox(program, settings = "usual") {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: program,
    headless: true,
    protocol: "webDriverBiDi",
    extraPrefsFirefox: { "media.autoplay.default": 0, "intl.accept_languages": "en", ...SETTINGS[settings] },
  });
}

/** A profile of its own, with one tab. */
export class Person {
  static async of(browser, size = { width: 1366, height: 900 }) {
    const person = new Person();
    person.context = await browser.createBrowserContext();
    person.wrong = [];
    person.page = await person.tab();
    await person.page.setViewport(size);
    return person;
  }

  async tab() {
    const page = await this.context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.went(String(error)));
    page.on("response", (answer) => answer.status() >= 500 && this.wrong.push(`${answer.status()} ${answer.url()}`));
    return page;
  }

  /** Whoever leaves a page while it still loads a script has that broken off, which is no fault. */
  went(wrong) {
    if (!wrong.includes("error loading dynamically imported module")) this.wrong.push(wrong);
  }

  async open(address) {
    await this.page.goto(address);
  }

  /** The tool inside the LMS's page, once it shows this heading, where one is named. */
  async tool(heading) {
    const frame = () => this.page.frames().find((one) => one.parentFrame() && isTool(one));
    await until(frame, () => "the tool is not there");
    if (heading) await shows(frame, heading);
    return frame();
  }

  done() {
    if (this.wrong.length) throw new Error(this.wrong.join("\n"));
  }
}

function isTool(frame) {
  return frame.url().startsWith(globalThis.facts.tool);
}


export function aria(role, name) {
  return name === undefined ? `::-p-aria([role="${role}"])` : `::-p-aria(${name}[role="${role}"])`;
}

export async function found(place, role, name) {
  return place.waitForSelector(aria(role, name), { visible: true, timeout: PATIENCE_MS });
}

export async function press(place, role, name) {
  const element = await found(place, role, name);
  await element.evaluate((one) => one.scrollIntoView({ block: "center" }));
  await element.click();
}

export async function type(place, role, name, text) {
  const element = await found(place, role, name);
  await element.evaluate((one) => (one.value = ""));
  await element.type(text);
}

/** Waits until the place (it may be another document by then) has a heading that says this. */
export async function shows(place, heading) {
  let said;
  await until(async () => {
    const here = typeof place === "function" ? place() : place;
    said = await here.evaluate(() => document.querySelector("h1")?.textContent.trim());
    return said === heading;
  }, () => `it says “${said}”, not “${heading}”`);
}

/** Asks again until it holds: what is asked may go away with its document meanwhile. */
export async function until(holds, complaint = () => "it did not happen") {
  const end = Date.now() + PATIENCE_MS;
  let last;
  while (Date.now() < end) {
    try {
      const value = await holds();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${complaint()}${last ? `: ${last}` : ""}`);
}
