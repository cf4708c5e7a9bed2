/* Small comforts. Every page works without this file. */

const root = document.documentElement

/* Menus close with Escape and with a tap elsewhere. */
function closeMenus (except) {
  for (const menu of document.querySelectorAll('details[data-menu][open]')) {
    if (menu !== except) menu.open = false
  }
}

document.addEventListener('click', (event) => {
  closeMenus(event.target.closest('details[data-menu]'))
})

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  const open = document.querySelector('details[data-menu][open]')
  if (!open) return
  open.open = false
  open.querySelector('summary').focus()
})

/* <a data-dialog="id" href="the page that asks the same">: open the dialog in its place. */
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]')
  const dialog = opener && document.getElementById(opener.dataset.dialog)
  if (!dialog || !dialog.showModal) return
  event.preventDefault()
  dialog.showModal()
})

document.addEventListener('click', (event) => {
  if (event.target instanceof HTMLDialogElement) event.target.close() // the backdrop
})

/* A form goes once: a second tap on a slow line does nothing. The page stays usable on "back". */
document.addEventListener('submit', (event) => {
  const form = event.target
  if (form.method !== 'post' || form.dataset.again !== undefined) return
  if (event.submitter && event.submitter.formMethod === 'dialog') return
  if (form.dataset.sent) return event.preventDefault()
  form.dataset.sent = '1'
  if (event.submitter) event.submitter.setAttribute('aria-busy', 'true')
  setTimeout(() => release(form), 8000)
})

function release (form) {
  delete form.dataset.sent
  for (const button of form.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy')
}

addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach(release))

/* <form data-draft="key">: what was typed outlives a dropped line, in this tab only. */
function draftFields (form) {
  return [...form.elements].filter((field) => field.name && field.name !== 'csrfmiddlewaretoken' &&
    !['password', 'hidden', 'file', 'submit', 'checkbox', 'radio'].includes(field.type))
}

function keepDraft (form) {
  const key = `draft:${form.dataset.draft}`
  const stored = sessionStorage.getItem(key)
  if (stored && !form.querySelector('.is-invalid')) {
    const values = JSON.parse(stored)
    for (const field of draftFields(form)) {
      if (!field.value && values[field.name]) field.value = values[field.name]
    }
  }
  form.addEventListener('input', () => {
    const values = Object.fromEntries(draftFields(form).map((field) => [field.name, field.value]))
    sessionStorage.setItem(key, JSON.stringify(values))
  })
  // Cleared by the page that follows, not by the tap: the line may drop in between.
}

const done = document.querySelector('[data-draft-done]')
if (done) sessionStorage.removeItem(`draft:${done.dataset.draftDone}`)
document.querySelectorAll('form[data-draft]').forEach(keepDraft)

/* <button data-copy="id">: copy the text of an element, and say so. */
document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]')
  if (!button) return
  const source = document.getElementById(button.dataset.copy)
  await navigator.clipboard.writeText(source.value ?? source.textContent.trim())
  const label = button.querySelector('[data-label]') || button
  const before = label.textContent
  label.textContent = button.dataset.copied
  setTimeout(() => { label.textContent = before }, 3000)
})

/* <button data-print> */
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) print()
})

/* "Show more": the keyboard goes on where the new rows begin. */
document.addEventListener('htmx:beforeSwap', (event) => {
  const list = event.detail.target
  if (event.detail.requestConfig?.elt?.closest('.more')) list.dataset.rows = list.children.length
})

document.addEventListener('htmx:afterSettle', (event) => {
  const list = event.detail.target
  if (!list?.dataset.rows) return
  list.children[Number(list.dataset.rows)]?.querySelector('a, button')?.focus()
  delete list.dataset.rows
})

/* Filters stand open where there is room; on a phone they stay folded. */
if (matchMedia('(min-width: 48rem)').matches) {
  document.querySelectorAll('details.filters').forEach((filters) => { filters.open = true })
}

/* The summary of errors is what one must see first. */
document.querySelector('[data-focus]:not(.twin *)')?.focus()

/* Things that only make sense with JavaScript. */
document.querySelectorAll('[data-js]').forEach((element) => { element.hidden = false })
root.dataset.js = ''

/* What the run sheet keeps on this device leaves with the person. */
document.addEventListener('submit', (event) => {
  if (!new URL(event.target.action, location).pathname.endsWith('/logout/')) return
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith('run-sheet:')) localStorage.removeItem(key)
  } catch { /* Nothing is kept where nothing may be. */ }
})
