// Uses the page as a reader does, and writes what it saw into the page. This runs before the page's
// own script; it waits for the page to be complete.
'use strict';

const seen = { errors: [], violations: [] };
addEventListener('error', (event) => seen.errors.push(String(event.message)));
addEventListener('securitypolicyviolation', (event) => seen.violations.push(event.violatedDirective));

const all = (selector) => [...document.querySelectorAll(selector)];
const visible = (selector) => all(selector).filter((element) => element.checkVisibility()).length;

// How far anything reaches to the right of the window, in pixels.
function overflow() {
  const rights = all('body *').map((element) => element.getBoundingClientRect().right);
  const page = document.documentElement.scrollWidth;
  return Math.max(0, Math.ceil(Math.max(page, ...rights) - innerWidth));
}

function choose(name, value) {
  const field = document.forms[0].elements[name];
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

function look() {
  seen.width = innerWidth;
  seen.overflow = overflow();
  seen.dark = matchMedia('(prefers-color-scheme: dark)').matches;
  seen.filtersAreShown = visible('#filters') === 1;
  seen.failures = visible('.check[data-status=fail]');
  seen.passes = visible('.check[data-status=pass]');
  seen.total = document.getElementById('shown').value;

  choose('text', 'NAMES unique');
  seen.byText = visible('.check');
  seen.countOfText = document.getElementById('shown').value;
  choose('text', 'no check says this');
  seen.byStrangeText = visible('.check') + visible('.group');
  choose('text', '');

  choose('status', 'pass');
  seen.byStatus = [visible('.check'), visible('.check[data-status=pass]')];
  choose('status', '');
  choose('area', 'server/tools');
  seen.byArea = visible('.check');
  choose('area', '');
  choose('run', '1');
  seen.byRun = visible('.check');
  choose('run', '');
  seen.failuresAfterwards = visible('.check[data-status=fail]');
  seen.passesAfterwards = visible('.check[data-status=pass]');

  const wire = document.querySelector('.check[data-status=fail] .wire');
  const lines = () => [...wire.querySelectorAll('pre')].filter((pre) => pre.checkVisibility()).length;
  seen.wireBefore = lines();
  wire.querySelector('summary').click();
  seen.wireAfter = lines();

  for (const element of all('details')) element.open = true;
  seen.overflowUnfolded = overflow();
  seen.strangers = all('body img, body iframe, body style, body a:not([href^="https://modelcontextprotocol.io/"])').length;
  seen.violationsOfThePage = seen.violations.length;

  // The policy is in force: what a server's text would have to do is refused.
  const script = document.createElement('script');
  script.textContent = 'window.captured = true';
  document.body.append(script);
  document.body.append(Object.assign(document.createElement('img'), { src: 'https://stranger.example/' }));
  setTimeout(() => {
    seen.captured = 'captured' in window;
    const result = document.createElement('output');
    result.id = 'seen';
    result.textContent = btoa(JSON.stringify(seen));
    document.body.append(result);
  }, 50);
}

addEventListener('load', look);
