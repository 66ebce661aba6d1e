// Dialogs, toasts and menus inside one phone, and the enlarged picture over the whole page.

import { fill, h, icon, iconButton } from './dom.js';
import { t } from './i18n.js';

const FOCUSABLE = 'button:not([disabled]), input:not([disabled]), textarea, select, a[href]';

// What is open, oldest first. Keys are heard on the document: an element that had the focus may have been drawn anew.
let open = [];

document.addEventListener('keydown', (event) => {
  open = open.filter((one) => one.layer.isConnected);
  const lost = document.activeElement === document.body;
  const top = open.findLast((one) => lost || one.layer.contains(document.activeElement));
  if (!top) return;
  if (event.key === 'Escape') {
    event.preventDefault();
    top.end();
  }
  if (event.key !== 'Tab') return;
  const stops = [...top.box.querySelectorAll(FOCUSABLE)];
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (lost || document.activeElement === edge) {
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }
});

/** Keeps the Tab key inside `box` and lets Escape close the layer; gives the function that ends it. */
function captive(layer, box, closed) {
  const before = document.activeElement;
  function end() {
    if (!layer.isConnected) return;
    layer.remove();
    open = open.filter((one) => one.layer !== layer);
    if (before?.isConnected) before.focus({ preventScroll: true });
    closed?.();
  }
  open.push({ layer, box, end });
  return end;
}

/** A dialog over the phone. `build(close)` gives its content; resolves with what `close` was given. */
export function dialog(phone, title, build, { sheet = false, test = 'dialog' } = {}) {
  return new Promise((resolve) => {
    let result;
    const body = h('div', { class: 'dialog-body' });
    const box = h('section', { class: `dialog ${sheet ? 'sheet' : ''}`, role: 'dialog', 'aria-modal': 'true', 'aria-label': title, test });
    const layer = h('div', { class: 'layer', onpointerdown: (event) => event.target === layer && close() }, box);
    const end = captive(layer, box, () => resolve(result));
    function close(value) {
      result = value;
      end();
    }
    const head = h('header', { class: 'dialog-head' }, h('h2', {}, title), iconButton('close', t('close'), () => close()));
    fill(box, head, body);
    fill(phone.toasts);
    phone.layers.append(layer);
    fill(body, build(close, body));
    const first = body.querySelector('[data-first], input, textarea') || box.querySelector(FOCUSABLE);
    first?.focus({ preventScroll: true });
  });
}

export const actions = (...buttons) => h('div', { class: 'dialog-actions' }, buttons);
export const plain = (label, onclick, props = {}) => h('button', { type: 'button', class: 'button', onclick, ...props }, label);
export const strong = (label, onclick, props = {}) => h('button', { type: 'button', class: 'button strong', onclick, ...props }, label);

export function confirm(phone, text, { yes = t('ok'), title = t('name') } = {}) {
  return dialog(phone, title, (close) => [
    h('p', { class: 'dialog-text' }, text),
    actions(plain(t('cancel'), () => close(false)), strong(yes, () => close(true), { 'data-first': true, test: 'confirm' })),
  ]);
}

export function alert(phone, text) {
  return dialog(
    phone,
    t('name'),
    (close) => [h('p', { class: 'dialog-text' }, text), actions(strong(t('ok'), () => close(), { 'data-first': true, test: 'alert-ok' }))],
    { test: 'alert' },
  );
}

/** A small form; `fields`: [{name, label, value, type, placeholder, required}]. Resolves with the values, or undefined. */
export function form(phone, title, fields, yes = t('ok'), extra = null) {
  return dialog(phone, title, (close) => {
    const inputs = fields.map((field) =>
      h('input', { type: field.type || 'text', value: field.value ?? '', placeholder: field.placeholder, required: field.required, name: field.name, step: 'any', autocomplete: 'off', test: `field-${field.name}` }),
    );
    const submit = (event) => {
      event.preventDefault();
      close(Object.fromEntries(inputs.map((input) => [input.name, input.value.trim()])));
    };
    return h(
      'form',
      { onsubmit: submit },
      inputs.map((input, i) => h('label', { class: 'field' }, h('span', {}, fields[i].label), input)),
      extra,
      actions(plain(t('cancel'), () => close()), h('button', { class: 'button strong', type: 'submit', test: 'form-submit' }, yes)),
    );
  });
}

/** A list to choose one of: [{value, title, note, picture, disabled, test}], with a search field when long. */
export function choose(phone, title, items, { search = items.length > 7, placeholder = t('search_people'), footer = null, test = 'chooser' } = {}) {
  return dialog(
    phone,
    title,
    (close) => {
      const list = h('div', { class: 'choices' });
      const show = (wanted) => {
        const kept = items.filter((item) => `${item.title} ${item.note || ''}`.toLowerCase().includes(wanted.trim().toLowerCase()));
        fill(list, kept.length ? kept.map((item) => choice(item, close)) : h('p', { class: 'quiet' }, t('nobody_found')));
      };
      show('');
      const input = search
        ? h('input', { type: 'search', class: 'search', placeholder, 'aria-label': placeholder, test: 'search', oninput: () => show(input.value) })
        : null;
      return [input, list, footer?.(close)];
    },
    { sheet: true, test },
  );
}

function choice(item, close) {
  return h(
    'button',
    { type: 'button', class: `choice ${item.current ? 'current' : ''}`, disabled: item.disabled, test: item.test, onclick: () => close(item.value) },
    item.picture,
    h('span', { class: 'choice-words' }, h('strong', {}, item.title), item.note ? h('small', {}, item.note) : null),
    item.badge ? h('span', { class: 'tag' }, item.badge) : null,
    item.current ? icon('check') : null,
  );
}

/** A toast on the phone; a newer one takes the place of an older one. */
export function toast(phone, text, { bad = false } = {}) {
  const note = h('div', { class: `toast ${bad ? 'bad' : ''}`, role: bad ? 'alert' : 'status', test: 'toast' }, text);
  fill(phone.toasts, note);
  setTimeout(() => note.classList.add('going'), Math.min(9000, 2400 + text.length * 50));
  note.addEventListener('transitionend', () => note.remove());
}

/** A menu near `at` (an element, or {x, y} of the window): [{icon, label, run, danger, test}]. */
export function menu(phone, at, items) {
  const kept = items.filter(Boolean);
  const box = h('div', { class: 'menu', role: 'menu' });
  const layer = h('div', { class: 'menu-layer', onpointerdown: (event) => event.target === layer && end(), oncontextmenu: (event) => event.preventDefault() }, box);
  const end = captive(layer, box);
  fill(
    box,
    kept.map((item) =>
      h(
        'button',
        { type: 'button', role: 'menuitem', class: item.danger ? 'danger' : '', test: item.test, onclick: () => (end(), item.run()) },
        item.icon ? icon(item.icon) : null,
        h('span', {}, item.label, item.note ? h('small', {}, item.note) : null),
      ),
    ),
  );
  box.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const stops = [...box.children];
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
  fill(phone.toasts);
  phone.layers.append(layer);
  place(phone, box, at);
  box.firstElementChild?.focus({ preventScroll: true });
}

function place(phone, box, at) {
  const frame = phone.root.getBoundingClientRect();
  const spot = at instanceof Element ? at.getBoundingClientRect() : { left: at.x, right: at.x, top: at.y, bottom: at.y };
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = spot.left - frame.left + width > frame.width - 8 ? spot.right - frame.left - width : spot.left - frame.left;
  const below = spot.bottom - frame.top + 4;
  const top = below + height > frame.height - 8 ? spot.top - frame.top - height - 4 : below;
  box.style.left = `${Math.max(8, Math.min(left, frame.width - width - 8))}px`;
  box.style.top = `${Math.max(8, Math.min(top, frame.height - height - 8))}px`;
}

/** A picture over the whole page. */
export function enlarge(source, words) {
  const layer = h('div', { class: 'lightbox', role: 'dialog', 'aria-modal': 'true', 'aria-label': t('photo'), test: 'lightbox', onclick: () => end() });
  const end = captive(layer, layer);
  const close = iconButton('close', t('close'), () => end());
  fill(layer, close, h('img', { src: source, alt: words || t('photo') }), words ? h('p', {}, words) : null);
  document.body.append(layer);
  close.focus();
}

export async function copyText(phone, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h('textarea', { value: text, class: 'offscreen' });
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  toast(phone, t('copied'));
}
