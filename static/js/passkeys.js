/* allauth's own files talk to the device; this one tells the person when it did not work. */

document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  const trouble = document.getElementById('passkey-trouble')
  if (trouble) trouble.hidden = false
})

/* Browsers without passkeys get no button that cannot work. */
if (!window.PublicKeyCredential) {
  document.querySelectorAll('[data-passkey]').forEach((element) => element.remove())
}
