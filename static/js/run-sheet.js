/* The timer and the notes of a run sheet. Both live on this device first: a dropped line, a
   sleeping phone or a reload takes nothing away. Without this file the page is a timetable. */

/* A timer of steps that works from the wall clock. `used`: milliseconds spent in this step before
   the last start; `since`: when it was started last, or null while it rests. */

const MINUTE = 60000

class Timer {
  constructor (box, steps, store, zone) {
    Object.assign(this, { box, steps, store })
    this.find = (name) => box.querySelector(`[data-${name}]`)
    this.clock = new Intl.DateTimeFormat(`${document.documentElement.lang.slice(0, 2)}-CA`, {
      hour: 'numeric', minute: '2-digit', timeZone: zone
    })
    const kept = store.get('timer')
    const at = kept ? steps.findIndex((step) => step.dataset.step === kept.step) : -1
    this.at = Math.max(at, 0)
    this.now = at >= 0 ? kept : this.fresh(null)
    this.find('noise').checked = store.get('noise') === true
    this.find('noise').addEventListener('change', (event) => store.set('noise', event.target.checked))
    box.addEventListener('click', (event) => this.press(event.target.closest('[data-do]')))
    document.addEventListener('visibilitychange', () => this.wake())
    box.hidden = false
    this.over = this.left() < 0
    this.minute = this.left() < MINUTE
    this.draw()
    setInterval(() => this.draw(), 250)
    this.wake()
  }

  fresh (since) { return { step: this.steps[this.at].dataset.step, used: 0, more: 0, since } }

  left () {
    const { used, more, since } = this.now
    const ran = since === null ? 0 : Math.max(0, Date.now() - since)
    return this.steps[this.at].dataset.minutes * MINUTE + more - used - ran
  }

  press (button) {
    if (!button) return
    const { now } = this
    const time = Date.now()
    if (button.dataset.do === 'toggle') {
      if (now.since === null) now.since = time
      else {
        now.used += Math.max(0, time - now.since)
        now.since = null
      }
    } else if (button.dataset.do === 'more') now.more += MINUTE
    else this.go(button.dataset.do === 'next' ? 1 : -1, time)
    this.over = this.left() < 0
    this.minute = this.left() < MINUTE
    this.store.set('timer', this.now)
    this.draw()
    this.wake()
  }

  go (by, time) {
    const at = this.at + by
    if (at < 0 || at >= this.steps.length) return
    this.at = at
    this.now = this.fresh(this.now.since === null ? null : time)
    this.say(this.steps[at].dataset.title)
  }

  say (text) { this.find('said').textContent = text }

  put (name, text) {
    const spot = this.find(name)
    if (spot.textContent !== text) spot.textContent = text
  }

  draw () {
    const left = this.left()
    const step = this.steps[this.at]
    const next = this.steps[this.at + 1]
    const isOver = left < 0
    const seconds = isOver ? Math.floor(-left / 1000) : Math.ceil(left / 1000)
    this.put('digits', `${isOver ? '+' : ''}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`)
    this.put('count', `${this.at + 1}/${this.steps.length}`)
    this.put('title', step.dataset.title)
    const state = this.find('state').dataset
    const rests = this.now.since === null
    this.put('state', isOver ? state.over : !rests ? state.running : this.now.used ? state.paused : state.ready)
    this.box.classList.toggle('is-over', isOver)
    this.find('listens').hidden = step.dataset.listens === undefined
    const toggle = this.box.querySelector('[data-do="toggle"]')
    const says = rests ? toggle.dataset.start : toggle.dataset.pause
    if (toggle.textContent !== says) toggle.textContent = says
    this.box.querySelector('[data-do="previous"]').disabled = this.at === 0
    this.box.querySelector('[data-do="next"]').disabled = !next
    const hour = (instant) => this.clock.format(instant)
    this.put('clock', this.find('clock').dataset.words
      .replace('{actual}', hour(Date.now() + Math.max(left, 0)))
      .replace('{planned}', hour(new Date(step.dataset.ends))))
    const line = this.find('next').dataset
    this.put('next', next
      ? line.words.replace('{title}', next.dataset.title).replace('{minutes}', next.dataset.minutes)
      : line.last)
    for (const one of this.steps) {
      if (one === step) one.setAttribute('aria-current', 'step')
      else one.removeAttribute('aria-current')
    }
    this.tell(left)
  }

  /* Said once each, for who does not see the digits. */
  tell (left) {
    const said = this.find('said').dataset
    if (!this.minute && left < MINUTE) {
      this.minute = true
      if (left >= 0) this.say(said.minute)
    }
    if (!this.over && left < 0) {
      this.over = true
      this.say(said.over)
      if (this.find('noise').checked) this.noise()
    }
  }

  noise () {
    navigator.vibrate?.([300, 150, 300])
    try {
      const context = new AudioContext()
      const tone = context.createOscillator()
      const gain = context.createGain()
      gain.gain.value = 0.1
      tone.frequency.value = 660
      tone.connect(gain).connect(context.destination)
      tone.start()
      tone.stop(context.currentTime + 0.6)
      tone.onended = () => context.close()
    } catch { /* No sound here; the words and the colour say it. */ }
  }

  async wake () {
    const wanted = this.now.since !== null && document.visibilityState === 'visible'
    try {
      if (!wanted) {
        await this.lock?.release()
        this.lock = null
      } else if (!this.lock || this.lock.released) this.lock = await navigator.wakeLock?.request('screen')
    } catch { /* The phone refuses, on low battery for instance. */ }
  }
}

const page = document.getElementById('run-sheet')
const words = page.dataset
const prefix = `run-sheet:${words.key}:${words.who}:`
const store = {
  get (name) {
    try { return JSON.parse(localStorage.getItem(prefix + name)) } catch { return null }
  },
  set (name, value) {
    try {
      if (value === null) localStorage.removeItem(prefix + name)
      else localStorage.setItem(prefix + name, JSON.stringify(value))
    } catch { /* Private windows: what is on the page is all there is. */ }
  }
}

const steps = [...page.querySelectorAll('[data-step]')]
const box = page.querySelector('[data-timer]')
if (box) new Timer(box, steps, store, words.zone)

function sayLost (lost) {
  const line = page.querySelector('[data-lost]')
  if (!line) return
  const text = lost ? line.dataset.words : ''
  if (line.textContent !== text) line.textContent = text
}

/* One note: typed, kept here, sent, and only then forgotten here. */
class Note {
  constructor (form) {
    this.form = form
    this.field = form.elements.note
    this.status = form.querySelector('[data-status]')
    this.name = `note:${form.elements.step.value}`
    this.saved = this.field.value
    this.sending = false
    const draft = store.get(this.name)
    if (draft && draft.text !== this.field.value) {
      this.field.value = draft.text
      form.elements.version.value = draft.version
      this.say(words.kept)
      this.soon(0)
    } else store.set(this.name, null)
    this.field.addEventListener('input', () => {
      this.keep()
      this.soon(1500)
    })
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.keep()
      this.soon(0)
    })
  }

  say (text) { if (this.status.textContent !== text) this.status.textContent = text }

  keep () { store.set(this.name, { text: this.field.value, version: this.form.elements.version.value }) }

  soon (wait) {
    clearTimeout(this.due)
    this.due = setTimeout(() => this.send(), wait)
  }

  isDirty () { return this.field.value !== this.saved }

  async send () {
    if (this.sending) return this.soon(500)
    const sent = this.field.value
    this.sending = true
    this.say(words.saving)
    try {
      const answer = await fetch(this.form.action, {
        method: 'POST',
        body: new FormData(this.form),
        headers: { Accept: 'application/json' },
        redirect: 'manual',
        signal: AbortSignal.timeout(15000)
      })
      await this.read(answer, sent)
    } catch {
      sayLost(true)
      this.say(words.kept)
      this.soon(5000)
    } finally { this.sending = false }
  }

  async read (answer, sent) {
    if (answer.status >= 500) throw new Error('later')
    sayLost(false)
    const isJson = (answer.headers.get('Content-Type') || '').includes('json')
    if (!isJson) return this.say(words.shut)
    const told = await answer.json()
    if (!answer.ok) return this.say(told.error)
    this.form.elements.version.value = told.version
    this.saved = told.note
    const typedOn = this.field.value !== sent
    if (!typedOn && told.joined) this.field.value = told.note
    else if (typedOn && this.field.value.startsWith(sent)) this.field.value = told.note + this.field.value.slice(sent.length)
    else if (typedOn && told.joined) this.field.value = `${told.note}\n\n${this.field.value}`
    else if (!typedOn && this.field.value.trim() !== told.note) this.field.value = told.note
    if (typedOn) {
      this.keep()
      return this.soon(500)
    }
    this.saved = this.field.value
    store.set(this.name, null)
    this.say(told.joined ? words.joined : words.saved)
  }
}

const notes = [...page.querySelectorAll('[data-note]')].map((form) => new Note(form))
addEventListener('online', () => {
  sayLost(false)
  for (const note of notes) if (note.isDirty()) note.soon(0)
})
addEventListener('offline', () => sayLost(true))
if (!navigator.onLine) sayLost(true)
