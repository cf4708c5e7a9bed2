/* Chapters of a recording: a press on the time goes there. Without this file it is a list. */

const player = document.querySelector('[data-player]')

for (const time of player ? document.querySelectorAll('[data-seek]') : []) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'btn-link chapter-time'
  button.textContent = time.textContent
  button.addEventListener('click', () => {
    player.currentTime = Number(time.dataset.seek)
    player.play().catch(() => {}) // a browser may want a press on the player itself
  })
  time.replaceWith(button)
}
