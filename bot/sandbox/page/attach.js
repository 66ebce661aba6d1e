// What can be attached: pictures, voice notes, videos, files, places, one's own contact.

import { h, icon } from './dom.js';
import { actions, dialog, form, menu, plain, strong, toast } from './dialogs.js';
import { length, t } from './i18n.js';
import { shareOwnPhone } from './keyboards.js';
import { person } from './store.js';

const ALBUM = 10;
const LARGEST = 2000;

export class Attachments {
  constructor(chat) {
    this.chat = chat;
    this.recorder = null;
  }

  open(at) {
    const { chat } = this;
    menu(chat.phone, at, [
      { icon: 'photo', label: t('photos'), test: 'attach-photo', run: () => this.pick('image/*', true, (files) => this.photos(files)) },
      { icon: 'photo', label: t('sample_photo'), test: 'attach-sample-photo', run: () => chat.say({ kind: 'photo' }) },
      navigator.mediaDevices?.getUserMedia && window.MediaRecorder && { icon: 'mic', label: t('record'), test: 'attach-record', run: () => this.record() },
      { icon: 'mic', label: t('sample_voice'), test: 'attach-sample-voice', run: () => chat.say({ kind: 'voice', duration: 4 }) },
      { icon: 'video', label: t('video'), test: 'attach-video', run: () => this.pick('video/*', false, ([file]) => this.preview('video', [file])) },
      { icon: 'file', label: t('document'), test: 'attach-document', run: () => this.pick('', true, (files) => this.preview('document', files)) },
      { icon: 'pin', label: t('location'), test: 'attach-location', run: () => this.location() },
      { icon: 'person', label: t('my_contact'), test: 'attach-contact', run: () => this.contact() },
    ]);
  }

  pick(accept, multiple, chosen) {
    const input = h('input', { type: 'file', accept, multiple, class: 'offscreen', test: 'file-input', 'aria-hidden': 'true', tabindex: '-1' });
    input.addEventListener('change', () => {
      const files = [...input.files];
      input.remove();
      if (files.length) chosen(files);
    });
    // One that was cancelled stays until the next: its picker may still be answered by other means.
    this.chat.phone.root.querySelector('input.offscreen')?.remove();
    this.chat.phone.root.append(input);
    input.click();
  }

  async photos(files) {
    const ready = await this.chat.phone.run(() => Promise.all(files.map(fitting)));
    if (ready) await this.preview('photo', ready);
  }

  /** Shows what is about to be sent and takes a caption. */
  async preview(kind, files) {
    const urls = files.map((file) => URL.createObjectURL(file));
    const input = h('input', { type: 'text', placeholder: t('caption'), 'aria-label': t('caption'), maxlength: '1024', test: 'caption' });
    const shown = files.map((file, i) => (kind === 'photo' ? h('img', { src: urls[i], alt: file.name }) : h('span', { class: 'file-line' }, icon(kind === 'video' ? 'video' : 'file'), file.name)));
    const caption = await dialog(this.chat.phone, t(kind), (close) =>
      h('form', { onsubmit: (event) => (event.preventDefault(), close(input.value.trim())) }, h('div', { class: `previews ${kind}` }, shown), input, actions(plain(t('cancel'), () => close()), h('button', { class: 'button strong', type: 'submit', test: 'send-files' }, t('send')))),
    );
    urls.forEach((url) => URL.revokeObjectURL(url));
    if (caption === undefined) return;
    for (let from = 0; from < files.length; from += ALBUM) await this.sendFiles(kind, files.slice(from, from + ALBUM), from ? '' : caption);
  }

  sendFiles(kind, files, caption) {
    if (files.length === 1) return this.chat.say({ kind, caption: caption || undefined, file_name: files[0].name }, { file: files[0] });
    const album = files.map((file, i) => ({ kind, file_name: file.name, ...(i || !caption ? {} : { caption }) }));
    return this.chat.say({ album }, Object.fromEntries(files.map((file, i) => [`file${i}`, file])));
  }

  async location() {
    const fields = [
      { name: 'latitude', label: t('latitude'), type: 'number', value: '32.16880', required: true },
      { name: 'longitude', label: t('longitude'), type: 'number', value: '115.65470', required: true },
    ];
    const given = await form(this.chat.phone, t('location'), fields, t('send'));
    if (given) await this.chat.say({ kind: 'location', latitude: Number(given.latitude), longitude: Number(given.longitude) });
  }

  async contact() {
    const { phone, key } = this.chat;
    if (key === 'bot') return shareOwnPhone(phone);
    const own = person(phone.uid);
    return this.chat.say({ kind: 'contact', phone_number: own.phone, first_name: own.first_name, last_name: own.last_name });
  }

  async record() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      toast(this.chat.phone, t('mic_refused'), { bad: true });
      return;
    }
    const mime = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'].find((one) => MediaRecorder.isTypeSupported(one));
    this.recorder = new MediaRecorder(stream, mime ? { mimeType: mime } : {});
    this.began = Date.now();
    const pieces = [];
    this.recorder.ondataavailable = (event) => pieces.push(event.data);
    this.recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      const type = this.recorder.mimeType || 'audio/webm';
      const seconds = Math.max(1, Math.round((Date.now() - this.began) / 1000));
      const keep = this.keep;
      this.stop();
      this.chat.composer.update();
      const name = `voice.${/ogg/.test(type) ? 'ogg' : /mp4/.test(type) ? 'm4a' : 'webm'}`;
      if (keep) this.chat.say({ kind: 'voice', duration: seconds }, { file: new File(pieces, name, { type: type.split(';')[0] }) });
    };
    this.recorder.start();
    this.chat.composer.update();
  }

  /** What the writing line shows while a note is being recorded. */
  recorderLine() {
    const shown = h('span', { class: 'record-time', role: 'timer' }, '0:00');
    this.ticking = setInterval(() => (shown.textContent = length((Date.now() - this.began) / 1000)), 500);
    const finish = (keep) => {
      this.keep = keep;
      this.recorder?.stop();
    };
    return h('div', { class: 'recording' }, h('span', { class: 'record-dot' }), h('span', {}, t('recording')), shown, plain(t('cancel'), () => finish(false)), strong(t('send'), () => finish(true), { test: 'record-send' }));
  }

  stop() {
    clearInterval(this.ticking);
    const { recorder } = this;
    this.recorder = null;
    this.keep = false;
    if (recorder?.state === 'recording') {
      recorder.onstop = null;
      recorder.stop();
      recorder.stream.getTracks().forEach((track) => track.stop());
    }
  }
}

/** A picture as Telegram would take it: re-drawn smaller when it is large or of a rarer kind. */
async function fitting(file) {
  const usual = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'].includes(file.type);
  try {
    const drawn = await createImageBitmap(file);
    const scale = Math.min(1, LARGEST / Math.max(drawn.width, drawn.height));
    if (usual && scale === 1 && file.size < 3e6) return file;
    const canvas = h('canvas', { width: Math.round(drawn.width * scale), height: Math.round(drawn.height * scale) });
    canvas.getContext('2d').drawImage(drawn, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.86));
    return new File([blob], file.name.replace(/\.\w+$/, '.jpg'), { type: 'image/jpeg' });
  } catch {
    return file;
  }
}

