/**
 * The journeys, one for each name: node journeys.mjs NAME FACTS, where FACTS is JSON. What one of them
 * finds out is written as JSON; one that fails says why and exits with 1.
 */

import { Person, firefox, press, shows, type, until } from "./person.mjs";

const [name, given] = process.argv.slice(2);
globalThis.facts = JSON.parse(given);
const facts = globalThis.facts;

const journeys = {
  /** The film plays inside the LMS, and leads to a tab of its own. */
  async play(browser) {
    const maria = await Person.of(browser);
    await maria.open(facts.activity);
    const tool = await maria.tool(facts.title);
    await press(tool, "button", "Play Video");
    await until(() => tool.evaluate(() => document.querySelector("video").currentTime > 0.5));
    maria.done();
  },

  /** An instructor invites, in a frame that keeps cookies or in one that keeps nothing. */
  async invite(browser) {
    const maria = await Person.of(browser);
    await maria.open(facts.activity);
    const link = await invited(await maria.tool(facts.title), facts.email);
    maria.done();
    return { link };
  },

  /** No frame keeps anything and the LMS neither: there is a window of its own. */
  async own_window(browser) {
    const maria = await Person.of(browser);
    await maria.open(facts.activity);
    const tool = await maria.tool();
    const opened = new Promise((done) => maria.context.once("targetcreated", (target) => done(target.page())));
    await press(tool, "button", "Open in a new window");
    await shows(await opened, facts.title);
    maria.done();
  },

  /** The link lets its invitee in after the right address, on one device. */
  async invitee(browser) {
    const ada = await Person.of(browser, { width: 390, height: 844 });
    await ada.open(facts.link);
    await answered(ada.page, "somebody.else@example.org");
    await shows(ada.page, facts.refused);
    await ada.page.reload();
    await shows(ada.page, facts.opening);
    await answered(ada.page, facts.email);
    await shows(ada.page, facts.title);
    await ada.page.reload();
    await shows(ada.page, facts.title);

    const other = await Person.of(browser);
    await other.open(facts.link);
    await answered(other.page, facts.email);
    await shows(other.page, facts.elsewhere);
    ada.done();
    other.done();
  },

  /** Something is chosen in the dialog that the LMS opens. */
  async choose(browser) {
    const maria = await Person.of(browser);
    await maria.open(facts.dialog);
    const tool = await maria.tool();
    const item = await tool.waitForSelector(`::-p-xpath(//li[contains(., "${facts.chosen}")]//button)`);
    await item.click();
    await until(() => maria.page.evaluate((title) => document.body.innerText.includes(title), facts.chosen));
    maria.done();
  },

  /** A document is read page by page. */
  async read(browser) {
    const maria = await Person.of(browser);
    await maria.open(facts.activity);
    const tool = await maria.tool(facts.title);
    const drawn = () => tool.evaluate(() => document.querySelector("canvas")?.width > 0);
    await press(tool, "button", "Next page");
    await until(drawn);
    maria.done();
  },
};

async function answered(page, email) {
  await type(page, "textbox", "Your e-mail address", email);
  await press(page, "button", "Continue");
}

async function invited(tool, email) {
  // By their marks: the names of both say how many wait, if any do.
  await (await tool.waitForSelector("button[aria-haspopup=menu]")).click();
  await (await tool.waitForSelector("[role=menuitem][data-opens=invite-dialog]", { visible: true })).click();
  const dialog = await tool.waitForSelector("dialog[open]");
  for (const [field, value] of Object.entries({ email, first_name: "Ada", last_name: "Lovelace" })) {
    await (await dialog.waitForSelector(`input[name=${field}]`)).type(value);
  }
  await press(tool, "button", "Generate invite link");
  return until(() => tool.evaluate(() => document.querySelector("dialog[open] input[readonly]")?.value));
}

const browser = await firefox(facts.program, facts.settings);
try {
  console.log(JSON.stringify((await journeys[name](browser)) ?? {}));
} finally {
  await browser.close();
}
