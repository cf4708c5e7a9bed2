/* The desk: words for the ticked reasons, and single keys. Every page works without this file. */

/* Ticking a reason puts its words into the letter. What somebody changed by hand is left alone:
   then the words are added at the end. */
function fillLetter (form) {
  const letter = form.elements.message
  const parts = JSON.parse(form.dataset.letter)
  let filled = ''

  function compose (box) {
    const words = parts[box.dataset.letterOf] ?? {}
    const chosen = [...box.querySelectorAll('input:checked')].map(({ value }) => words[value])
    const said = chosen.filter(Boolean)
    return (said.length && words[''] ? [...said, words['']] : said).join('\n\n')
  }

  for (const box of form.querySelectorAll('[data-letter-of]')) {
    for (const button of box.parentElement.querySelectorAll('[name=fill]')) button.hidden = true
    box.addEventListener('change', ({ target }) => {
      const words = parts[box.dataset.letterOf]?.[target.value]
      if (letter.value.trim() === filled.trim()) {
        filled = compose(box)
        letter.value = filled
      } else if (target.checked && words && !letter.value.includes(words)) {
        letter.value = `${letter.value.trimEnd()}\n\n${words}`
      }
    })
  }
}

document.querySelectorAll('form[data-letter]').forEach(fillLetter)

/* Single keys: off until somebody ticks the box (WCAG 2.1.4), and silent inside fields. */
const STORED = 'desk-keys'
const panel = document.querySelector('.desk-keys')

function isOn () {
  try {
    return localStorage.getItem(STORED) === '1'
  } catch {
    return false // storage may be closed
  }
}

function remember (on) {
  try {
    localStorage.setItem(STORED, on ? '1' : '0')
  } catch { /* for this page alone, then */ }
}

function keyLine (key, words) {
  const line = document.createElement('li')
  const sign = document.createElement('kbd')
  sign.textContent = key
  line.append(sign, ` ${words}`)
  return line
}

function rowLinks () {
  return [...document.querySelectorAll('#result_list tbody tr th a')]
}

function step (by) {
  const links = rowLinks()
  const here = links.indexOf(document.activeElement)
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by
  links[Math.min(Math.max(next, 0), links.length - 1)]?.focus()
}

function press (target) {
  const part = target.hash && document.querySelector(target.hash)
  if (!part || target.pathname !== location.pathname) return target.click()
  part.focus({ preventScroll: true })
  part.scrollIntoView()
}

function listen (list) {
  const targets = new Map([...document.querySelectorAll('[data-key]')].map(one => [one.dataset.key, one]))
  for (const [key, target] of targets) list.append(keyLine(key, target.textContent.trim()))
  if (rowLinks().length) {
    list.append(keyLine('j', list.dataset.down), keyLine('k', list.dataset.up))
    targets.set('j', { click: () => step(1) }).set('k', { click: () => step(-1) })
  }
  document.addEventListener('keydown', event => {
    const busy = event.ctrlKey || event.altKey || event.metaKey || event.isComposing
    if (!isOn() || busy || event.target.closest('input:not([type=checkbox]), textarea, select')) return
    const target = targets.get(event.key.toLowerCase())
    if (!target) return
    event.preventDefault()
    press(target)
  })
}

if (panel) {
  const box = panel.querySelector('[data-keys]')
  const list = panel.querySelector('[data-keys-list]')
  panel.hidden = false
  box.checked = isOn()
  list.hidden = !box.checked
  box.addEventListener('change', () => {
    remember(box.checked)
    list.hidden = !box.checked
  })
  listen(list)
}
