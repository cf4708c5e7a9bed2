/* The number of mails under the tick boxes counts along. Without it the page says what is saved.
   What comes inside the digest counts as mail of its own once the digest is not ticked. */

for (const form of document.querySelectorAll('[data-choices]')) {
  const line = form.querySelector('[data-say]')
  const sentences = JSON.parse(line.dataset.say)
  form.addEventListener('change', () => {
    const ticked = [...form.querySelectorAll('[data-mails]:checked')]
    const isInside = ticked.some(box => box.value === 'weekly_digest')
    const inTwoMonths = ticked.reduce(
      (sum, { dataset }) => sum + Number(isInside ? dataset.mails : dataset.alone), 0)
    line.textContent = sentences[Math.min(inTwoMonths, sentences.length - 1)]
  })
}
