// What a message carries besides text: pictures, sound, files, places, contacts.

import { api } from './api.js';
import { avatar, fill, h, icon } from './dom.js';
import { enlarge } from './dialogs.js';
import { openPerson } from './links.js';
import { bytes, length, t } from './i18n.js';
import { mark, person, phoneNumber } from './store.js';

/** The element for a message's media, or null. */
export function media(phone, message) {
  if (message.photo) return picture(message);
  if (message.video) return video(message.video);
  if (message.animation) return video(message.animation);
  if (message.video_note) return video(message.video_note, 'round');
  if (message.voice) return sound(message.voice, t('voice'));
  if (message.audio) return sound(message.audio, message.audio.title || message.audio.file_name || t('audio'));
  if (message.document) return file(message.document);
  if (message.sticker) return h('img', { class: 'sticker', src: api.file(message.sticker.file_id), alt: message.sticker.emoji || t('sticker') });
  if (message.venue || message.location) return place(message);
  if (message.contact) return contact(phone, message.contact);
  return null;
}

export function picture(message, { tile = false } = {}) {
  const size = message.photo.at(-1);
  const source = api.file(size.file_id);
  const words = message.caption || '';
  const ratio = Math.min(1.9, Math.max(0.6, size.width / size.height));
  return h(
    'button',
    { type: 'button', class: `picture ${tile ? 'tile' : ''}`, style: tile ? '' : `aspect-ratio:${ratio.toFixed(3)}`, 'aria-label': `${t('photo')}: ${t('enlarge')}`, test: 'photo', onclick: () => enlarge(source, words) },
    h('img', { src: source, alt: words || t('photo'), loading: 'lazy' }),
  );
}

export function video(thing, shape = '') {
  const box = h('div', { class: `video ${shape}` });
  const player = h('video', { src: api.file(thing.file_id), controls: true, preload: 'metadata', playsinline: true, 'aria-label': t('video') });
  const give = () => fill(box, h('a', { class: 'video-still', href: api.file(thing.file_id), download: thing.file_name || 'video.mp4' }, icon('video', 34), h('span', {}, t('video'), thing.duration ? ` · ${length(thing.duration)}` : '')));
  player.addEventListener('error', give);
  return fill(box, player) || box;
}

/** A player of our own: the browsers' differ, and hide what matters at this width. */
function sound(thing, name) {
  const audio = new Audio();
  audio.preload = 'none';
  audio.src = api.file(thing.file_id);
  const total = () => (Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : thing.duration || 1);
  const left = h('span', { class: 'sound-time' }, length(thing.duration || 0));
  const slider = h('input', { type: 'range', min: '0', max: '1000', value: '0', 'aria-label': t('position'), oninput: () => (audio.currentTime = (slider.value / 1000) * total()) });
  const button = h('button', { type: 'button', class: 'sound-button', 'aria-label': t('play'), test: 'play', onclick: () => (audio.paused ? audio.play().catch(() => {}) : audio.pause()) }, icon('play', 24));
  const show = () => {
    fill(button, icon(audio.paused ? 'play' : 'pause', 24));
    button.setAttribute('aria-label', t(audio.paused ? 'play' : 'pause'));
    slider.value = String((audio.currentTime / total()) * 1000);
    slider.style.setProperty('--done', `${(audio.currentTime / total()) * 100}%`);
    left.textContent = length(audio.currentTime || total());
  };
  for (const event of ['play', 'pause', 'timeupdate', 'ended']) audio.addEventListener(event, show);
  return h('div', { class: 'sound', test: 'sound' }, button, h('div', { class: 'sound-body' }, h('span', { class: 'sound-name' }, name), h('div', { class: 'sound-line' }, slider, left)));
}

export function file(thing) {
  const name = thing.file_name || t('document');
  const kind = (name.includes('.') ? name.split('.').pop() : '').slice(0, 4).toUpperCase();
  return h(
    'a',
    { class: 'file', href: api.file(thing.file_id), download: name, 'aria-label': `${t('download')} ${name}`, test: 'file' },
    h('span', { class: 'file-mark' }, kind || icon('file')),
    h('span', { class: 'file-words' }, h('strong', {}, name), h('small', {}, [bytes(thing.file_size), t('download')].filter(Boolean).join(' · '))),
  );
}

function place(message) {
  const { latitude, longitude } = message.location || message.venue.location;
  const map = h('div', { class: 'map', role: 'img', 'aria-label': t('location') }, icon('pin', 34));
  const title = message.venue ? [h('strong', {}, message.venue.title), h('small', {}, message.venue.address)] : h('strong', {}, t('location'));
  return h('div', { class: 'place' }, map, h('div', { class: 'place-words' }, title, h('small', {}, `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`)));
}

function contact(phone, card) {
  const known = person(card.user_id);
  const name = [card.first_name, card.last_name].filter(Boolean).join(' ');
  const words = h('span', { class: 'choice-words' }, h('strong', {}, name), h('small', {}, phoneNumber(card.phone_number)));
  const picture = avatar(known ? mark(known) : [...name][0], card.user_id || 0);
  return h('button', { type: 'button', class: 'contact', disabled: !known, onclick: () => openPerson(phone, known) }, picture, words);
}

const KINDS = ['photo', 'video', 'voice', 'video_note', 'audio', 'document', 'sticker', 'location', 'contact', 'poll'];

/** A message in one line. */
export function brief(message) {
  if (!message) return '';
  const words = (message.text ?? message.caption ?? '').replace(/\s+/g, ' ').slice(0, 160);
  const kind = KINDS.find((one) => message[one]);
  if (!kind) return words || t('unsupported');
  const name = kind === 'document' && message.document.file_name ? message.document.file_name : t(kind);
  return words ? `[${t(kind)}] ${words}` : `[${name}]`;
}
