// Text with its entities (offsets in UTF-16 units, which are JavaScript's own) as elements.

import { h } from './dom.js';
import { t } from './i18n.js';
import { copyText } from './dialogs.js';
import { follow, openPerson } from './links.js';

const SIMPLE = { bold: 'strong', italic: 'em', underline: 'u', strikethrough: 's', code: 'code' };

/** Nodes for a text; `phone` carries out what a tap on them means. */
export function rich(phone, text, entities = []) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return build(phone, text, sorted, 0, text.length);
}

function build(phone, text, entities, from, to) {
  const nodes = [];
  let at = from;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= start) continue;
    const inner = [];
    while (i + 1 < entities.length && entities[i + 1].offset < end) inner.push(entities[++i]);
    if (start > at) nodes.push(text.slice(at, start));
    const verbatim = text.slice(start, end);
    nodes.push(wrap(phone, entity, build(phone, text, inner, start, end), verbatim));
    at = end;
    // What follows a block begins a line of its own anyway.
    if (/blockquote|pre/.test(entity.type) && text[at] === '\n') at += 1;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

const tap = (label, run, kind = '') => h('button', { type: 'button', class: `text-link ${kind}`, onclick: run }, label);

function wrap(phone, entity, children, words) {
  const { type } = entity;
  if (SIMPLE[type]) return h(SIMPLE[type], {}, children);
  switch (type) {
    case 'pre':
      return h('pre', { title: t('copy'), onclick: () => copyText(phone, words) }, h('code', {}, children));
    case 'text_link':
      return link(phone, entity.url, children);
    case 'url':
      return link(phone, /^[a-z][a-z0-9+.-]*:/i.test(words) ? words : `https://${words}`, children);
    case 'bot_command':
      return tap(children, () => phone.chat?.send(words), 'command');
    case 'text_mention':
      return tap(children, () => openPerson(phone, entity.user));
    case 'mention':
      return tap(children, () => follow(phone, `https://t.me/${words.slice(1)}`));
    case 'email':
      return link(phone, `mailto:${words}`, children);
    case 'phone_number':
      return tap(children, () => copyText(phone, words));
    case 'hashtag':
    case 'cashtag':
      return h('span', { class: 'hashtag' }, children);
    case 'spoiler':
      return spoiler(children);
    case 'blockquote':
      return h('blockquote', {}, children);
    case 'expandable_blockquote':
      return expandable(children);
    default:
      return h('span', {}, children);
  }
}

function link(phone, url, children) {
  return h('a', { href: safe(url), rel: 'noopener noreferrer', target: '_blank', onclick: (event) => { event.preventDefault(); follow(phone, url); } }, children);
}

/** Only addresses a browser may open: never a script. */
export function safe(url) {
  return /^(https?|mailto|tel|tg):/i.test(url) ? url : '#';
}

function spoiler(children) {
  const reveal = () => (cover.classList.add('shown'), cover.removeAttribute('role'));
  const cover = h('span', { class: 'spoiler', role: 'button', tabindex: '0', onclick: reveal, onkeydown: (e) => e.key === 'Enter' && reveal() }, h('span', {}, children));
  return cover;
}

function expandable(children) {
  const quote = h('blockquote', { class: 'folded' }, children);
  const toggle = h('button', { type: 'button', class: 'text-link fold', onclick: () => {
    toggle.textContent = t(quote.classList.toggle('folded') ? 'show_more' : 'show_less');
  } }, t('show_more'));
  return h('div', {}, quote, toggle);
}
