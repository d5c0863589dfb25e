// Says on the page that a passkey was not used; allauth's own script says it only on the console.
document.addEventListener('allauth.error', function (event) {
  const said = document.getElementById('passkey_problem')
  if (said) {
    event.preventDefault()
    said.hidden = false
  }
})
