// The buttons: those under a message, and those that take the place of the keyboard.

import { api } from './api.js';
import { fill, h, icon } from './dom.js';
import { confirm, copyText, toast } from './dialogs.js';
import { t } from './i18n.js';
import { follow } from './links.js';
import { person, phoneNumber } from './store.js';

/** The rows of buttons under a message, or null. */
export function inlineKeyboard(chat, message) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return h(
    'div',
    { class: 'inline-keyboard' },
    rows.map((row, r) => h('div', { class: 'inline-row' }, row.map((button, c) => inlineButton(chat, message, button, r, c)))),
  );
}

function inlineButton(chat, message, button, row, column) {
  const outward = button.url || button.login_url || button.web_app;
  const element = h(
    'button',
    { type: 'button', class: `inline-button ${button.style || ''}`, test: 'inline-button', 'data-row': row, 'data-column': column, onclick: () => tap(chat, message, button, element, row, column) },
    h('span', {}, button.text),
    outward ? icon('link', 15) : null,
  );
  return element;
}

function tap(chat, message, button, element, row, column) {
  const { phone } = chat;
  if (button.callback_data !== undefined) return press(chat, message, element, row, column);
  const url = button.url || button.login_url?.url || button.web_app?.url;
  if (url) return follow(phone, url);
  if (button.copy_text) return copyText(phone, button.copy_text.text);
  return toast(phone, t('not_here'));
}

function press(chat, message, element, row, column) {
  if (element.classList.contains('waiting')) return undefined;
  element.classList.add('waiting');
  const done = () => element.classList.remove('waiting');
  return chat.phone.run(async () => {
    const { callback_query_id: id } = await api.press(chat.phone.uid, chat.key, { message_id: message.message_id, row, column });
    chat.phone.awaitAnswer(id, done);
  }, done);
}

/** The reply keyboard in its place above the writing line. */
export function replyKeyboard(chat, holder, keyboard) {
  if (!keyboard?.keyboard?.length) return fill(holder);
  const one = (button) => {
    const words = typeof button === 'string' ? button : button.text;
    const sign = /^\p{Extended_Pictographic}/u.test(words) ? null : button.request_contact ? 'phone' : button.request_location ? 'pin' : null;
    return h('button', { type: 'button', class: 'reply-button', test: 'reply-button', onclick: () => useReply(chat, button) }, sign ? icon(sign, 20) : null, h('span', {}, words));
  };
  return fill(holder, keyboard.keyboard.map((row) => h('div', { class: 'reply-row' }, row.map(one))));
}

function useReply(chat, button) {
  if (button.request_contact) return shareOwnPhone(chat.phone);
  if (button.request_location) return chat.composer.attachments.location();
  if (button.request_users || button.request_chat || button.request_poll || button.web_app) return toast(chat.phone, t('not_here'));
  return chat.send(typeof button === 'string' ? button : button.text);
}

/** Asks first: a number is not given away by one tap. */
export async function shareOwnPhone(phone) {
  const own = person(phone.uid);
  const number = own.phone ? phoneNumber(own.phone) : '—';
  const yes = await confirm(phone, t('share_phone_ask', { phone: number }), { title: t('share_phone'), yes: t('share') });
  if (!yes) return;
  await phone.run(async () => {
    await api.contact(phone.uid);
    await phone.open('bot');
    phone.chat.log.toEnd();
  });
}
