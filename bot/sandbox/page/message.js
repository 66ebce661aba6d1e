// One message, or one album, as a bubble; and the service messages between them.

import { avatar, h, iconButton, tint } from './dom.js';
import { rich } from './entities.js';
import { time, t } from './i18n.js';
import { inlineKeyboard } from './keyboards.js';
import { openPerson } from './links.js';
import { brief, media, picture, video } from './media.js';
import { fullName, mark } from './store.js';

const SERVICE = ['new_chat_members', 'left_chat_member', 'group_chat_created', 'supergroup_chat_created', 'new_chat_title', 'migrate_to_chat_id', 'migrate_from_chat_id', 'pinned_message', 'forum_topic_created', 'forum_topic_edited', 'forum_topic_closed', 'forum_topic_reopened'];
const KNOWN = ['photo', 'video', 'animation', 'voice', 'video_note', 'audio', 'document', 'sticker', 'location', 'venue', 'contact', 'text'];

export const isService = (message) => SERVICE.some((key) => message[key] !== undefined);

/** A message in one line, service messages included. */
export const line = (message) => (isService(message) ? serviceText(message) : brief(message));

export function serviceText(message) {
  const by = fullName(message.from);
  if (message.new_chat_members) {
    const name = message.new_chat_members.map(fullName).join('、');
    return t(message.new_chat_members[0].id === message.from.id ? 's_joined' : 's_added', { by, name });
  }
  if (message.left_chat_member) {
    const name = fullName(message.left_chat_member);
    return t(message.left_chat_member.id === message.from.id ? 's_left' : 's_removed', { by, name });
  }
  if (message.pinned_message) return t('s_pinned', { by, text: brief(message.pinned_message).slice(0, 40) });
  if (message.new_chat_title) return t('s_title', { by, title: message.new_chat_title });
  if (message.forum_topic_created) return t('s_topic', { by, title: message.forum_topic_created.name });
  if (message.forum_topic_edited) return t('s_topic_edited', { by });
  if (message.forum_topic_closed) return t('s_topic_closed', { by });
  if (message.forum_topic_reopened) return t('s_topic_reopened', { by });
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return t('s_migrated');
  return t('s_created', { by });
}

export function serviceRow(message) {
  return h('div', { class: 'service', test: 'service', 'data-message-id': message.message_id }, h('span', {}, serviceText(message)));
}

/** The row of one message or album. `first`: the sender's first in a run of their messages. */
export function messageRow(chat, parts, { first }) {
  const message = parts[0];
  const { phone } = chat;
  const inGroup = chat.key !== 'bot' && chat.key < 0;
  const named = inGroup && !message.out;
  const words = parts.find((part) => part.caption) || message;
  const text = words.text ?? words.caption ?? '';
  const shown = parts.length > 1 ? album(phone, parts) : media(phone, message);
  const wide = Boolean(message.photo || message.video || message.location || message.venue || parts.length > 1);
  const bubble = h(
    'div',
    { class: `bubble ${wide ? 'wide' : ''}` },
    named && first ? h('button', { type: 'button', class: 'sender', style: `color:${tint(message.from.id)}`, onclick: () => openPerson(phone, message.from) }, fullName(message.from)) : null,
    message.forward_origin ? h('div', { class: 'forwarded' }, t('forwarded_from', { name: originName(message.forward_origin) })) : null,
    quote(chat, message),
    shown,
    text ? textBlock(phone, text, words.entities || words.caption_entities) : null,
    !text && !shown && !KNOWN.some((key) => message[key]) ? h('div', { class: 'text quiet' }, t('unsupported')) : null,
    h('span', { class: 'meta' }, parts.some((part) => part.edit_date && !onlyBot(part)) ? h('i', {}, t('edited')) : null, h('time', {}, time(new Date(message.date * 1000)))),
  );
  const more = iconButton('more', t('message_menu'), () => chat.openMenu(parts, more), { class: 'icon-button message-more', test: 'message-menu', 'aria-haspopup': 'menu' });
  return h(
    'article',
    { class: `row ${message.out ? 'out' : 'in'} ${first ? 'first' : ''}`, test: 'message', 'data-message-id': message.message_id, 'data-ids': parts.map((part) => part.message_id).join(' '), tabindex: '-1' },
    h('span', { class: 'pick', 'aria-hidden': 'true' }),
    named ? (first ? avatar(mark(message.from), message.from.id, message.from.is_bot ? 'bot small' : 'small') : h('span', { class: 'avatar-gap' })) : null,
    h('div', { class: 'stack' }, h('div', { class: 'bubble-line' }, bubble, more), inlineKeyboard(chat, message)),
  );
}

function textBlock(phone, text, entities) {
  const nodes = rich(phone, text, entities);
  const last = nodes.at(-1);
  // After a block the time takes a line of its own; after plain text it sits in the last line.
  const block = last instanceof Element && /^(BLOCKQUOTE|PRE|DIV)$/.test(last.tagName);
  return h('div', { class: block ? 'text block-end' : 'text', test: 'text' }, nodes);
}

// A card of the bot's that merely moved on is no "edited" message: Telegram itself hides the mark where buttons are.
const onlyBot = (message) => message.from.is_bot && Boolean(message.reply_markup);

export function originName(origin) {
  return origin.sender_user_name || fullName(origin.sender_user) || origin.sender_chat?.title || origin.chat?.title || '';
}

function quote(chat, message) {
  const to = message.reply_to_message;
  if (!to || to.forum_topic_created) return null;
  return h(
    'button',
    { type: 'button', class: 'quote', onclick: () => chat.show(to.message_id) },
    h('strong', { style: `color:${tint(to.from.id)}` }, to.from.id === chat.phone.uid ? t('you') : fullName(to.from)),
    h('span', {}, message.quote?.text || line(to)),
  );
}

function album(phone, parts) {
  if (parts.every((part) => part.photo || part.video)) {
    return h('div', { class: `album of-${Math.min(parts.length, 4)} ${parts.length % 2 ? 'odd' : ''}` }, parts.map((part) => (part.photo ? picture(part, { tile: true }) : video(part.video))));
  }
  return h('div', { class: 'files' }, parts.map((part) => media(phone, part)));
}
