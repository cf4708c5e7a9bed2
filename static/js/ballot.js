/* Says how many dots are left while one chooses. Without it the server says so after sending. */

for (const form of document.querySelectorAll('[data-ballot]')) {
  const line = form.querySelector('[data-dots-left]')
  const { all, left, none, over } = form.dataset
  const say = () => {
    let given = 0
    for (const [name, value] of new FormData(form)) {
      if (name.startsWith('dots-')) given += Math.max(0, Number.parseInt(value, 10) || 0)
    }
    const rest = Number(all) - given
    const words = rest > 0 ? left : rest === 0 ? none : over
    line.textContent = words.replace('{n}', Math.abs(rest))
    line.classList.toggle('is-over', rest < 0)
    line.hidden = false
  }
  form.addEventListener('input', say)
  say()
}
