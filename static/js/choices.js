/* The number of mails under the tick boxes counts along. Without it the page says what is saved. */

for (const form of document.querySelectorAll('[data-choices]')) {
  const line = form.querySelector('[data-say]')
  const sentences = JSON.parse(line.dataset.say)
  form.addEventListener('change', () => {
    const ticked = [...form.querySelectorAll('[data-mails]:checked')]
    const inTwoMonths = ticked.reduce((sum, box) => sum + Number(box.dataset.mails), 0)
    line.textContent = sentences[Math.min(inTwoMonths, sentences.length - 1)]
  })
}
