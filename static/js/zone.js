/* A visitor's clock: tell the server which zone this device is in, so that it can say the time of a
   meeting in words. The server does the arithmetic, since a device may have old zone rules. */

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
const shown = document.body.dataset.zone

if (zone && shown !== undefined && zone !== shown && !document.cookie.includes(`zone=${zone}`)) {
  const secure = location.protocol === 'https:' ? '; secure' : ''
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`
  const times = document.querySelector('.date-block, .meeting-card')
  if (times && document.cookie.includes('zone=') && !sessionStorage.getItem('zone')) {
    sessionStorage.setItem('zone', zone)
    location.reload()
  }
}
