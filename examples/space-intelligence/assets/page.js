// The page is complete without this. Each minute it asks whether the server would show something else by now.
(function () {
  var revision = document.body.dataset.revision;
  setInterval(function () {
    if (document.hidden) return;
    fetch('/api/status', { cache: 'no-store' })
      .then(function (answer) { return answer.json(); })
      .then(function (status) { if (status.revision && status.revision !== revision) location.reload(); })
      .catch(function () { /* the server is away: the page stays as it is, with its ages */ });
  }, 60000);
})();
