// The filters: without this script everything else of the page works.
'use strict';

const form = document.getElementById('filters');
const shown = document.getElementById('shown');
const groups = [...document.querySelectorAll('.group')].map((element) => ({
  element,
  open: element.open,
  checks: [...element.querySelectorAll('.check')],
}));
const texts = new Map();

function textOf(check) {
  if (!texts.has(check)) texts.set(check, check.textContent.toLowerCase());
  return texts.get(check);
}

function filter() {
  const wanted = new FormData(form);
  const words = wanted.get('text').toLowerCase().split(/\s+/).filter(Boolean);
  const { status, area, run } = Object.fromEntries(wanted);
  const any = Boolean(words.length || status || area || run);
  const meets = (check) =>
    (!status || check.dataset.status === status) &&
    (!area || check.dataset.areas.split(' ').includes(area)) &&
    (!run || check.dataset.run === run) &&
    words.every((word) => textOf(check).includes(word));
  let count = 0;
  let total = 0;
  for (const group of groups) {
    let met = 0;
    for (const check of group.checks) {
      check.hidden = !meets(check);
      if (!check.hidden) met += 1;
    }
    // What somebody looks for is shown, also where it was folded.
    group.element.open = any ? met > 0 : group.open;
    group.element.hidden = any && met === 0;
    count += met;
    total += group.checks.length;
  }
  shown.value = any ? `${count} of ${total} checks` : `${total} checks`;
}

form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
form.hidden = false;
filter();
